// The system's SQLite, reached through a file of ours because a module map takes no absolute path, and what of its C
// interface Swift cannot import: variadic functions and cast macros.
#include <sqlite3.h>

enum {
    CSQLITE_CONSTRAINT_PRIMARYKEY = SQLITE_CONSTRAINT_PRIMARYKEY,
    CSQLITE_CONSTRAINT_UNIQUE = SQLITE_CONSTRAINT_UNIQUE,
    CSQLITE_IOERR_WRITE = SQLITE_IOERR_WRITE,
};

static inline sqlite3_destructor_type csqlite_transient(void) { return SQLITE_TRANSIENT; }

/// The errno of the last write that failed: of the WAL, or of the database. 0 for a full disk, which SQLite tells apart.
static inline int csqlite_write_errno(sqlite3 *database, int isOfWAL) {
    sqlite3_file *file = 0;
    int name = isOfWAL ? SQLITE_FCNTL_JOURNAL_POINTER : SQLITE_FCNTL_FILE_POINTER;
    int code = 0;
    if (sqlite3_file_control(database, "main", name, &file) != SQLITE_OK || !file || !file->pMethods) return 0;
    return file->pMethods->xFileControl(file, SQLITE_FCNTL_LAST_ERRNO, &code) == SQLITE_OK ? code : 0;
}

/// Without counts of the memory in use SQLite takes no lock to allocate. Has an effect before SQLite's first use alone.
static inline void csqlite_count_no_memory(void) { (void)sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0); }

static inline int csqlite_set(sqlite3 *database, int option, int value) {
    return sqlite3_db_config(database, option, value, (int *)0);
}
