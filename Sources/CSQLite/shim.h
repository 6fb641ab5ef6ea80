// The system's SQLite. Its header is reached through a file of ours because a module map takes no absolute path.
#include <sqlite3.h>
