/* What the peers share: reading the generated data, SQLite under stated settings, and the hash of the rows. */
#ifndef PEERS_H
#define PEERS_H

#include <sqlite3.h>
#include <stddef.h>
#include <stdint.h>

enum { FIELDS = 16, ID = 0, SENSITIVITY = 13, LATITUDE = 14, LONGITUDE = 15, ID_BYTES = 16 };
enum { CELLS = FIELDS };

extern const char *const field_names[FIELDS];

typedef struct {
    const char *bytes;
    int count;
    /* What the text says when it is a number; read before anything is timed. */
    double number;
} Cell;

/* A row of a generated file; see DataFile.swift for the bytes. */
typedef struct {
    Cell cells[CELLS];
} Row;

typedef struct {
    Row *rows;
    long count;
} Rows;

typedef struct {
    const char *data;        /* folder of the generated files */
    const char *at;          /* where the databases go */
    const char *file;        /* for push, pull and zstd */
    const char *synchronous; /* for what is written here; what is received runs under NORMAL */
    const char *secure_delete;
    long cache;              /* KiB */
    long batch;              /* records a transaction */
    long edits;
    int log;                 /* keep the merge log */
    int index;               /* index the two names with FTS5 */
    int session;             /* record with SQLite's session extension */
} Options;

typedef struct {
    unsigned char *bytes;
    size_t count, room;
} Buffer;

void fail(const char *why) __attribute__((noreturn));
double seconds(void);
Rows read_rows(const Options *options, const char *name);

void execute(sqlite3 *database, const char *sql);
sqlite3_stmt *prepare(sqlite3 *database, const char *sql);
void run(sqlite3_stmt *statement);
sqlite3 *open_database(const Options *options, const char *suffix);
void set_synchronous(sqlite3 *database, const char *mode);
long file_bytes(sqlite3 *database);
void bind_field(sqlite3_stmt *statement, int place, int field, Cell value);
uint64_t hash_rows(sqlite3 *database);
extern const char insert_record[];

void reserve(Buffer *buffer, size_t more);
void put_number(Buffer *buffer, uint64_t number);
void put_bytes(Buffer *buffer, const void *bytes, size_t count);
void put_counted(Buffer *buffer, const void *bytes, size_t count);
const unsigned char *get_number(const unsigned char *from, uint64_t *number);
Buffer compressed(const Buffer *buffer);
Buffer read_file(const char *path);
void write_file(const char *path, const Buffer *buffer);

void session_write(const Options *options);
void session_copy(const Options *options);
void session_edit(const Options *options);
void session_merge(const Options *options);

void log_write(const Options *options);
void log_copy(const Options *options);
void log_edit(const Options *options);
void log_merge(const Options *options);
void log_find(const Options *options);
void log_push(const Options *options);
void log_pull(const Options *options);

#endif
