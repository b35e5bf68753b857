#include "peers.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <zstd.h>

const char *const field_names[FIELDS] = {
    "id", "name_ar", "name_lat", "role", "organisation", "community", "admin_code", "phone1",
    "phone2", "email", "languages", "notes", "verified", "sensitivity", "lat", "lon"};

const char insert_record[] =
    "INSERT INTO roster VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";

void fail(const char *why) {
    fprintf(stderr, "peers: %s\n", why);
    exit(70);
}

double seconds(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec + time.tv_nsec * 1e-9;
}

Buffer read_file(const char *path) {
    FILE *file = fopen(path, "rb");
    if (!file || fseek(file, 0, SEEK_END)) fail(path);
    Buffer buffer = {0};
    reserve(&buffer, ftell(file) + 1);
    rewind(file);
    buffer.count = fread(buffer.bytes, 1, buffer.room, file);
    fclose(file);
    return buffer;
}

void write_file(const char *path, const Buffer *buffer) {
    FILE *file = fopen(path, "wb");
    if (!file || fwrite(buffer->bytes, 1, buffer->count, file) != buffer->count || fclose(file))
        fail(path);
}

static double number_in(Cell cell) {
    char text[20];
    if (cell.count >= (int)sizeof text) return 0;
    snprintf(text, sizeof text, "%.*s", cell.count, cell.bytes);
    return strtod(text, 0);
}

/* The bytes stay in memory: rows point into them. */
Rows read_rows(const Options *options, const char *name) {
    char path[4096];
    snprintf(path, sizeof path, "%s/%s.rows", options->data, name);
    Buffer file = read_file(path);
    const unsigned char *at = file.bytes, *end = at + file.count;
    int cells = *at++;
    Rows rows = {0};
    long room = 0;
    while (at < end) {
        if (rows.count == room) {
            room = room ? room * 2 : 1024;
            rows.rows = realloc(rows.rows, room * sizeof(Row));
        }
        Row *row = &rows.rows[rows.count++];
        for (int i = 0; i < cells; i++) {
            row->cells[i].count = at[0] | at[1] << 8;
            row->cells[i].bytes = (const char *)at + 2;
            row->cells[i].number = number_in(row->cells[i]);
            at += 2 + row->cells[i].count;
        }
    }
    return rows;
}

void execute(sqlite3 *database, const char *sql) {
    if (sqlite3_exec(database, sql, 0, 0, 0)) {
        fprintf(stderr, "%s\n", sql);
        fail(sqlite3_errmsg(database));
    }
}

sqlite3_stmt *prepare(sqlite3 *database, const char *sql) {
    sqlite3_stmt *statement;
    if (sqlite3_prepare_v3(database, sql, -1, SQLITE_PREPARE_PERSISTENT, &statement, 0)) {
        fprintf(stderr, "%s\n", sql);
        fail(sqlite3_errmsg(database));
    }
    return statement;
}

void run(sqlite3_stmt *statement) {
    if (sqlite3_step(statement) != SQLITE_DONE) fail(sqlite3_errmsg(sqlite3_db_handle(statement)));
    sqlite3_reset(statement);
}

void set_synchronous(sqlite3 *database, const char *mode) {
    char sql[64];
    snprintf(sql, sizeof sql, "PRAGMA synchronous = %s", mode);
    execute(database, sql);
}

sqlite3 *open_database(const Options *options, const char *suffix) {
    char path[4096], other[4200], sql[200];
    snprintf(path, sizeof path, "%s%s", options->at, suffix);
    for (int i = 0; i < 3; i++) {
        snprintf(other, sizeof other, "%s%s", path, (const char *[]){"", "-wal", "-shm"}[i]);
        unlink(other);
    }
    sqlite3 *database;
    int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX;
    if (sqlite3_open_v2(path, &database, flags, 0)) fail(path);
    snprintf(
        sql, sizeof sql,
        "PRAGMA journal_mode = WAL; PRAGMA secure_delete = %s; PRAGMA cache_size = -%ld",
        options->secure_delete, options->cache);
    execute(database, sql);
    set_synchronous(database, options->synchronous);
    execute(
        database,
        "CREATE TABLE roster (id BLOB PRIMARY KEY NOT NULL, name_ar TEXT, name_lat TEXT, role TEXT,"
        " organisation TEXT, community TEXT, admin_code TEXT, phone1 TEXT, phone2 TEXT, email TEXT,"
        " languages TEXT, notes TEXT, verified TEXT, sensitivity INTEGER, lat REAL, lon REAL)");
    if (options->index)
        execute(
            database,
            "CREATE VIRTUAL TABLE search USING fts5 (text, detail = none, columnsize = 0,"
            " tokenize = \"unicode61 remove_diacritics 2 categories 'L* N* Co Mn Mc'\")");
    return database;
}

long file_bytes(sqlite3 *database) {
    execute(database, "PRAGMA wal_checkpoint(TRUNCATE)");
    sqlite3_stmt *statement = prepare(
        database, "SELECT page_count * page_size FROM pragma_page_count, pragma_page_size");
    sqlite3_step(statement);
    long bytes = sqlite3_column_int64(statement, 0);
    sqlite3_finalize(statement);
    return bytes;
}

void bind_field(sqlite3_stmt *statement, int place, int field, Cell value) {
    if (value.count == 0) {
        sqlite3_bind_null(statement, place);
    } else if (field == ID) {
        sqlite3_bind_blob(statement, place, value.bytes, value.count, SQLITE_STATIC);
    } else if (field < SENSITIVITY) {
        sqlite3_bind_text(statement, place, value.bytes, value.count, SQLITE_STATIC);
    } else if (field == SENSITIVITY) {
        sqlite3_bind_int64(statement, place, value.number);
    } else {
        sqlite3_bind_double(statement, place, value.number);
    }
}

static uint64_t add_to_hash(uint64_t hash, const void *bytes, size_t count) {
    for (size_t i = 0; i < count; i++)
        hash = (hash ^ ((const unsigned char *)bytes)[i]) * 0x100000001b3;
    return (hash ^ 0x1f) * 0x100000001b3;
}

/* FNV-1a over all rows by id; RowHash.swift does the same. */
uint64_t hash_rows(sqlite3 *database) {
    sqlite3_stmt *all = prepare(
        database,
        "SELECT lower(hex(id)), name_ar, name_lat, role, organisation, community, admin_code, phone1,"
        " phone2, email, languages, notes, verified, sensitivity, lat, lon FROM roster ORDER BY id");
    uint64_t hash = 0xcbf29ce484222325;
    while (sqlite3_step(all) == SQLITE_ROW) {
        for (int field = 0; field < SENSITIVITY; field++) {
            const void *text = sqlite3_column_text(all, field);
            hash = add_to_hash(hash, text, sqlite3_column_bytes(all, field));
        }
        int64_t sensitivity = sqlite3_column_int64(all, SENSITIVITY);
        hash = add_to_hash(hash, &sensitivity, sizeof sensitivity);
        for (int field = LATITUDE; field <= LONGITUDE; field++) {
            double degrees = sqlite3_column_double(all, field);
            hash = add_to_hash(hash, &degrees, sizeof degrees);
        }
    }
    sqlite3_finalize(all);
    return hash;
}

void reserve(Buffer *buffer, size_t more) {
    if (buffer->count + more <= buffer->room) return;
    buffer->room = (buffer->count + more) * 2;
    buffer->bytes = realloc(buffer->bytes, buffer->room);
    if (!buffer->bytes) fail("no memory");
}

void put_number(Buffer *buffer, uint64_t number) {
    reserve(buffer, 10);
    for (; number >= 0x80; number >>= 7) buffer->bytes[buffer->count++] = number | 0x80;
    buffer->bytes[buffer->count++] = number;
}

void put_bytes(Buffer *buffer, const void *bytes, size_t count) {
    reserve(buffer, count);
    if (count) memcpy(buffer->bytes + buffer->count, bytes, count);
    buffer->count += count;
}

void put_counted(Buffer *buffer, const void *bytes, size_t count) {
    put_number(buffer, count);
    put_bytes(buffer, bytes, count);
}

const unsigned char *get_number(const unsigned char *from, uint64_t *number) {
    *number = 0;
    for (int shift = 0;; shift += 7) {
        *number |= (uint64_t)(*from & 0x7f) << shift;
        if (!(*from++ & 0x80)) return from;
    }
}

Buffer compressed(const Buffer *buffer) {
    Buffer result = {0};
    reserve(&result, ZSTD_compressBound(buffer->count));
    result.count = ZSTD_compress(result.bytes, result.room, buffer->bytes, buffer->count, 3);
    if (ZSTD_isError(result.count)) fail("zstd");
    return result;
}
