#include "mergelog.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CLOCK_BYTES = 512, WHOLE_ROW = 0xfffe };

typedef struct {
    uint64_t time, site;
} Clock;

Replica open_replica(const Options *options, const char *suffix, enum Log log, uint64_t site) {
    Replica r = {.log = log, .site = site, .clock = 1};
    sqlite3 *db = r.database = open_database(options, suffix);
    r.begin = prepare(db, "BEGIN IMMEDIATE");
    r.commit = prepare(db, "COMMIT");
    r.insert = prepare(db, insert_record);
    r.find = prepare(db, "SELECT rowid FROM roster WHERE id = ?");
    r.remove = prepare(db, "DELETE FROM roster WHERE rowid = ?");
    for (int field = 1; field < FIELDS; field++) {
        char sql[100];
        snprintf(sql, sizeof sql, "UPDATE roster SET %s = ? WHERE rowid = ?", field_names[field]);
        r.update[field] = prepare(db, sql);
        snprintf(sql, sizeof sql, "SELECT id, %s FROM roster WHERE rowid = ?", field_names[field]);
        r.select[field] = prepare(db, sql);
    }
    if (options->index) r.index = prepare(db, "INSERT INTO search (rowid, text) VALUES (?, ?)");
    if (log == NO_LOG) return r;
    execute(
        db,
        "CREATE TABLE run (first INTEGER PRIMARY KEY, last INTEGER, sequence INTEGER, time INTEGER,"
        " site INTEGER);"
        "CREATE TABLE entry (sequence INTEGER PRIMARY KEY, row INTEGER, fields INTEGER);"
        "CREATE TABLE clock (row INTEGER PRIMARY KEY, times BLOB);"
        "CREATE TABLE grave (id BLOB PRIMARY KEY, time INTEGER, sequence INTEGER) WITHOUT ROWID;"
        "CREATE TABLE lost (id BLOB, field INTEGER, value, time INTEGER, site INTEGER)");
    r.add_run = prepare(db, "INSERT INTO run VALUES (?, ?, ?, ?, ?)");
    r.add_entry = prepare(db, "INSERT INTO entry VALUES (?, ?, ?)");
    r.add_clock = prepare(db, "INSERT INTO clock VALUES (?, ?)");
    r.set_clock = prepare(db, "UPDATE clock SET times = ? WHERE row = ?");
    r.clock_of = prepare(db, "SELECT times FROM clock WHERE row = ?");
    r.remove_clock = prepare(db, "DELETE FROM clock WHERE row = ?");
    r.add_grave = prepare(db, "INSERT OR IGNORE INTO grave VALUES (?, ?, ?)");
    r.add_lost = prepare(db, "INSERT INTO lost VALUES (?, ?, ?, ?, ?)");
    return r;
}

/* ---- clocks ---- */

static int write_clock(unsigned char *to, Clock clock) {
    Buffer buffer = {.bytes = to, .room = 20};
    put_number(&buffer, clock.time);
    put_number(&buffer, clock.site);
    return buffer.count;
}

static const unsigned char *read_clock(const unsigned char *from, Clock *clock) {
    return get_number(get_number(from, &clock->time), &clock->site);
}

static int clocks_of(Replica *r, int64_t row, unsigned char *to) {
    sqlite3_bind_int64(r->clock_of, 1, row);
    int count = 0;
    if (sqlite3_step(r->clock_of) == SQLITE_ROW) {
        count = sqlite3_column_bytes(r->clock_of, 0);
        memcpy(to, sqlite3_column_blob(r->clock_of, 0), count);
    }
    sqlite3_reset(r->clock_of);
    return count;
}

static Clock field_clock(const unsigned char *clocks, int count, int field) {
    Clock base, own;
    const unsigned char *at = read_clock(clocks, &base), *end = clocks + count;
    while (at < end) {
        int which = *at;
        at = read_clock(at + 1, &own);
        if (which == field) return own;
    }
    return base;
}

static int with_field_clock(unsigned char *clocks, int count, int field, Clock clock) {
    unsigned char *end = clocks + count;
    Clock old;
    const unsigned char *at = read_clock(clocks, &old);
    while (at < end) {
        const unsigned char *next = read_clock(at + 1, &old);
        if (*at == field) {
            memmove((void *)at, next, end - next);
            end -= next - at;
            break;
        }
        at = next;
    }
    *end++ = field;
    end += write_clock(end, clock);
    return end - clocks;
}

/* ---- writing ---- */

static void add_entry(Replica *r, int64_t row, int fields) {
    sqlite3_bind_int64(r->add_entry, 1, ++r->sequence);
    sqlite3_bind_int64(r->add_entry, 2, row);
    sqlite3_bind_int64(r->add_entry, 3, fields);
    run(r->add_entry);
}

static void index_names(Replica *r, int64_t row, Cell arabic, Cell latin) {
    char text[1024];
    int count = snprintf(
        text, sizeof text, "%.*s\n%.*s", arabic.count, arabic.bytes, latin.count, latin.bytes);
    sqlite3_bind_int64(r->index, 1, row);
    sqlite3_bind_text(r->index, 2, text, count, SQLITE_STATIC);
    run(r->index);
}

static void log_insert(Replica *r, Clock clock) {
    int64_t row = sqlite3_last_insert_rowid(r->database);
    if (r->log == RUNS && !r->first_row) r->first_row = row;
    if (r->log != ROW_CLOCKS) return;
    unsigned char bytes[20];
    int count = write_clock(bytes, clock);
    sqlite3_bind_int64(r->add_clock, 1, row);
    sqlite3_bind_blob(r->add_clock, 2, bytes, count, SQLITE_STATIC);
    run(r->add_clock);
    add_entry(r, row, WHOLE_ROW);
}

static void commit(Replica *r) {
    if (r->first_row) {
        sqlite3_bind_int64(r->add_run, 1, r->first_row);
        sqlite3_bind_int64(r->add_run, 2, sqlite3_last_insert_rowid(r->database));
        sqlite3_bind_int64(r->add_run, 3, ++r->sequence);
        sqlite3_bind_int64(r->add_run, 4, r->clock);
        sqlite3_bind_int64(r->add_run, 5, r->site);
        run(r->add_run);
        r->first_row = 0;
    }
    run(r->commit);
}

void insert_all(Replica *r, Rows roster, long batch) {
    for (long i = 0; i < roster.count; i++) {
        if (i % batch == 0) run(r->begin);
        Cell *cells = roster.rows[i].cells;
        for (int field = 0; field < FIELDS; field++)
            bind_field(r->insert, field + 1, field, cells[field]);
        run(r->insert);
        log_insert(r, (Clock){++r->clock, 1});
        if (r->index) index_names(r, sqlite3_last_insert_rowid(r->database), cells[1], cells[2]);
        if (i % batch == batch - 1 || i == roster.count - 1) commit(r);
    }
}

static int64_t find(Replica *r, const void *id) {
    sqlite3_bind_blob(r->find, 1, id, ID_BYTES, SQLITE_STATIC);
    int64_t row = sqlite3_step(r->find) == SQLITE_ROW ? sqlite3_column_int64(r->find, 0) : 0;
    sqlite3_reset(r->find);
    return row;
}

static void set_field(
    Replica *r, int64_t row, int field, Cell value, Clock clock, unsigned char *clocks, int count) {
    bind_field(r->update[field], 1, field, value);
    sqlite3_bind_int64(r->update[field], 2, row);
    run(r->update[field]);
    if (r->log == NO_LOG) return;
    count = with_field_clock(clocks, count, field, clock);
    sqlite3_bind_blob(r->set_clock, 1, clocks, count, SQLITE_STATIC);
    sqlite3_bind_int64(r->set_clock, 2, row);
    run(r->set_clock);
    add_entry(r, row, 1 << field);
}

static void remove_record(Replica *r, const void *id, int64_t row, uint64_t time) {
    sqlite3_bind_int64(r->remove, 1, row);
    run(r->remove);
    if (r->log == NO_LOG) return;
    sqlite3_bind_int64(r->remove_clock, 1, row);
    run(r->remove_clock);
    sqlite3_bind_blob(r->add_grave, 1, id, ID_BYTES, SQLITE_STATIC);
    sqlite3_bind_int64(r->add_grave, 2, time);
    sqlite3_bind_int64(r->add_grave, 3, ++r->sequence);
    run(r->add_grave);
}

void write_edits(Replica *r, Rows edits, long count, char writer) {
    unsigned char clocks[CLOCK_BYTES];
    run(r->begin);
    for (long i = 0; i < count; i++) {
        Cell *edit = edits.rows[i].cells;
        if (writer && edit[4].bytes[0] != writer) continue;
        int64_t row = find(r, edit[0].bytes);
        if (!row) continue;
        int field = edit[1].number;
        uint64_t time = r->clock + (writer ? edit[3].number : i + 1);
        if (!field) {
            remove_record(r, edit[0].bytes, row, time);
            continue;
        }
        int known = r->log ? clocks_of(r, row, clocks) : 0;
        set_field(r, row, field, edit[2], (Clock){time, r->site}, clocks, known);
    }
    commit(r);
}

/* ---- what is sent ---- */

static void put_value(Buffer *to, sqlite3_stmt *row, int column, int field) {
    if (field < SENSITIVITY) {
        const void *text = sqlite3_column_text(row, column);
        put_counted(to, text, sqlite3_column_bytes(row, column));
    } else if (field == SENSITIVITY) {
        put_number(to, sqlite3_column_int64(row, column));
    } else {
        double degrees = sqlite3_column_double(row, column);
        put_bytes(to, &degrees, sizeof degrees);
    }
}

Buffer whole_replica(Replica *r) {
    Buffer buffer = {0};
    sqlite3_stmt *all = prepare(r->database, "SELECT * FROM roster ORDER BY rowid");
    while (sqlite3_step(all) == SQLITE_ROW) {
        put_bytes(&buffer, sqlite3_column_blob(all, 0), ID_BYTES);
        put_number(&buffer, r->site);
        for (int field = 1; field < FIELDS; field++) put_value(&buffer, all, field, field);
    }
    sqlite3_finalize(all);
    return buffer;
}

long take_whole(Replica *r, const Buffer *buffer) {
    const unsigned char *at = buffer->bytes, *end = at + buffer->count;
    long records = 0;
    run(r->begin);
    while (at < end) {
        uint64_t number;
        sqlite3_bind_blob(r->insert, 1, at, ID_BYTES, SQLITE_STATIC);
        at = get_number(at + ID_BYTES, &number);
        for (int field = 1; field < SENSITIVITY; field++) {
            at = get_number(at, &number);
            if (number) sqlite3_bind_text(r->insert, field + 1, (const char *)at, number, SQLITE_STATIC);
            else sqlite3_bind_null(r->insert, field + 1);
            at += number;
        }
        at = get_number(at, &number);
        sqlite3_bind_int64(r->insert, SENSITIVITY + 1, number);
        for (int field = LATITUDE; field <= LONGITUDE; field++) {
            double degrees;
            memcpy(&degrees, at, sizeof degrees);
            at += sizeof degrees;
            sqlite3_bind_double(r->insert, field + 1, degrees);
        }
        run(r->insert);
        log_insert(r, (Clock){++r->clock, r->site});
        records++;
    }
    commit(r);
    return records;
}

/* The present value of each field that changed since; a deletion has field 0 and no value. */
Buffer changes_since(Replica *r, uint64_t sequence) {
    Buffer buffer = {0};
    unsigned char clocks[CLOCK_BYTES];
    sqlite3_stmt *log = prepare(
        r->database, "SELECT row, fields FROM entry WHERE sequence > ? ORDER BY sequence");
    sqlite3_bind_int64(log, 1, sequence);
    while (sqlite3_step(log) == SQLITE_ROW) {
        int64_t row = sqlite3_column_int64(log, 0);
        int field = __builtin_ctz(sqlite3_column_int(log, 1));
        sqlite3_stmt *select = r->select[field];
        sqlite3_bind_int64(select, 1, row);
        if (sqlite3_step(select) == SQLITE_ROW) {
            Clock clock = field_clock(clocks, clocks_of(r, row, clocks), field);
            put_bytes(&buffer, sqlite3_column_blob(select, 0), ID_BYTES);
            put_number(&buffer, field);
            put_number(&buffer, clock.time);
            put_number(&buffer, clock.site);
            put_value(&buffer, select, 1, field);
        }
        sqlite3_reset(select);
    }
    sqlite3_finalize(log);
    sqlite3_stmt *graves = prepare(r->database, "SELECT id, time FROM grave WHERE sequence > ?");
    sqlite3_bind_int64(graves, 1, sequence);
    while (sqlite3_step(graves) == SQLITE_ROW) {
        put_bytes(&buffer, sqlite3_column_blob(graves, 0), ID_BYTES);
        put_number(&buffer, 0);
        put_number(&buffer, sqlite3_column_int64(graves, 1));
        put_number(&buffer, r->site);
    }
    sqlite3_finalize(graves);
    return buffer;
}

static void keep_lost(Replica *r, const void *id, int field, Cell value, Clock clock) {
    r->lost++;
    sqlite3_bind_blob(r->add_lost, 1, id, ID_BYTES, SQLITE_STATIC);
    sqlite3_bind_int(r->add_lost, 2, field);
    sqlite3_bind_text(r->add_lost, 3, value.bytes, value.count, SQLITE_TRANSIENT);
    sqlite3_bind_int64(r->add_lost, 4, clock.time);
    sqlite3_bind_int64(r->add_lost, 5, clock.site);
    run(r->add_lost);
}

static void take_change(
    Replica *r, const void *id, int field, Cell value, Clock clock, uint64_t common) {
    unsigned char clocks[CLOCK_BYTES];
    int64_t row = find(r, id);
    if (!field) {
        if (row) remove_record(r, id, row, clock.time);
        return;
    }
    if (!row) {
        keep_lost(r, id, field, value, clock);
        return;
    }
    int count = clocks_of(r, row, clocks);
    Clock mine = field_clock(clocks, count, field);
    if (mine.time > clock.time || (mine.time == clock.time && mine.site >= clock.site)) {
        if (mine.site != clock.site || mine.time != clock.time) keep_lost(r, id, field, value, clock);
        return;
    }
    if (mine.time > common && mine.site != clock.site) {
        sqlite3_stmt *select = r->select[field];
        sqlite3_bind_int64(select, 1, row);
        sqlite3_step(select);
        const char *text = (const char *)sqlite3_column_text(select, 1);
        Cell old = {text, sqlite3_column_bytes(select, 1), 0};
        keep_lost(r, id, field, old, mine);
        sqlite3_reset(select);
    }
    set_field(r, row, field, value, clock, clocks, count);
}

void take_changes(Replica *r, const Buffer *buffer, uint64_t common) {
    const unsigned char *at = buffer->bytes, *end = at + buffer->count;
    char text[24];
    run(r->begin);
    while (at < end) {
        const void *id = at;
        uint64_t field, number;
        Clock clock;
        at = read_clock(get_number(at + ID_BYTES, &field), &clock);
        Cell value = {0};
        if (field) at = get_number(at, &number);
        if (field == SENSITIVITY) {
            int digits = snprintf(text, sizeof text, "%llu", (unsigned long long)number);
            value = (Cell){text, digits, number};
        } else if (field) {
            value = (Cell){(const char *)at, number, 0};
            at += number;
        }
        take_change(r, id, field, value, clock, common);
    }
    run(r->commit);
}
