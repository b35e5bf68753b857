// SQLite for Swift. Swift cannot call variadic functions, and `sqlite3_config` is variadic.
//
// SQLite's own header is not included: who imports it takes it from GRDBSQLite.

#ifndef CSIJILSQLITE_H
#define CSIJILSQLITE_H

/// Lets SQLite allocate without counting it, which takes a lock each time.
///
/// Returns SQLite's code: not 0 once a database has been opened.
int sijil_sqlite_without_statistics(void);

#endif
