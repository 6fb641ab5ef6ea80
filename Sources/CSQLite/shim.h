// The system's SQLite, reached through a file of ours because a module map takes no absolute path, and what of its C
// interface Swift cannot import: variadic functions and cast macros.
#include <sqlite3.h>

enum {
    CSQLITE_CONSTRAINT_PRIMARYKEY = SQLITE_CONSTRAINT_PRIMARYKEY,
    CSQLITE_CONSTRAINT_UNIQUE = SQLITE_CONSTRAINT_UNIQUE,
};

static inline sqlite3_destructor_type csqlite_transient(void) { return SQLITE_TRANSIENT; }

/// Without counts of the memory in use SQLite takes no lock to allocate. Has an effect before SQLite's first use alone.
static inline void csqlite_count_no_memory(void) { (void)sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0); }

static inline int csqlite_set(sqlite3 *database, int option, int value) {
    return sqlite3_db_config(database, option, value, (int *)0);
}
