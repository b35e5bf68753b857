/* SQLite's session extension: no clocks and no merge rule, what comes wins. */
#include "peers.h"

#include <stdio.h>
#include <stdlib.h>

static sqlite3_session *record(sqlite3 *database) {
    sqlite3_session *session;
    if (sqlite3session_create(database, "main", &session) || sqlite3session_attach(session, "roster"))
        fail("no session");
    return session;
}

static Buffer taken_from(sqlite3_session *session, int with_old_values) {
    int count;
    void *bytes;
    int failed = with_old_values ? sqlite3session_changeset(session, &count, &bytes)
                                 : sqlite3session_patchset(session, &count, &bytes);
    if (failed) fail("no changeset");
    return (Buffer){bytes, count, count};
}

static int replace_if_possible(void *clashes, int kind, sqlite3_changeset_iter *change) {
    (void)change;
    ++*(long *)clashes;
    return kind == SQLITE_CHANGESET_DATA || kind == SQLITE_CHANGESET_CONFLICT
        ? SQLITE_CHANGESET_REPLACE : SQLITE_CHANGESET_OMIT;
}

static long apply(sqlite3 *database, const Buffer *changes) {
    long clashes = 0;
    if (sqlite3changeset_apply(
            database, changes->count, changes->bytes, 0, replace_if_possible, &clashes))
        fail(sqlite3_errmsg(database));
    return clashes;
}

static void insert_all(sqlite3 *database, Rows roster, long batch) {
    sqlite3_stmt *insert = prepare(database, insert_record);
    for (long i = 0; i < roster.count; i++) {
        if (i % batch == 0) execute(database, "BEGIN IMMEDIATE");
        for (int field = 0; field < FIELDS; field++)
            bind_field(insert, field + 1, field, roster.rows[i].cells[field]);
        run(insert);
        if (i % batch == batch - 1 || i == roster.count - 1) execute(database, "COMMIT");
    }
    sqlite3_finalize(insert);
}

static sqlite3 *filled(const Options *options, const char *suffix, Rows roster) {
    sqlite3 *database = open_database(options, suffix);
    insert_all(database, roster, 1000);
    execute(database, "PRAGMA wal_checkpoint(TRUNCATE)");
    return database;
}

static void write_edits(sqlite3 *database, Rows edits, long count, char writer) {
    sqlite3_stmt *update[FIELDS], *remove = prepare(database, "DELETE FROM roster WHERE id = ?");
    for (int field = 1; field < FIELDS; field++) {
        char sql[100];
        snprintf(sql, sizeof sql, "UPDATE roster SET %s = ? WHERE id = ?", field_names[field]);
        update[field] = prepare(database, sql);
    }
    execute(database, "BEGIN IMMEDIATE");
    for (long i = 0; i < count; i++) {
        Cell *edit = edits.rows[i].cells;
        if (writer && edit[4].bytes[0] != writer) continue;
        int field = edit[1].number;
        sqlite3_stmt *statement = field ? update[field] : remove;
        if (field) bind_field(statement, 1, field, edit[2]);
        bind_field(statement, field ? 2 : 1, ID, edit[0]);
        run(statement);
    }
    execute(database, "COMMIT");
}

void session_write(const Options *options) {
    Rows roster = read_rows(options, "roster");
    if (options->batch == 1 && roster.count > options->edits) roster.count = options->edits;
    sqlite3 *database = open_database(options, "");
    record(database);
    double started = seconds();
    insert_all(database, roster, options->batch);
    double taken = seconds() - started;
    printf(
        "{\"value\":%.1f,\"hash\":\"%016llx\"}\n", roster.count / taken,
        (unsigned long long)hash_rows(database));
}

void session_copy(const Options *options) {
    Rows roster = read_rows(options, "roster");
    sqlite3 *from = open_database(options, ""), *to = open_database(options, "-copy");
    sqlite3_session *session = record(from);
    insert_all(from, roster, 1000);
    Buffer changes = taken_from(session, 0), small = compressed(&changes);
    set_synchronous(to, "NORMAL");
    double started = seconds();
    apply(to, &changes);
    double taken = seconds() - started;
    printf(
        "{\"value\":%.1f,\"bytes_per_record\":%.2f,\"hash\":\"%016llx\"}\n", roster.count / taken,
        (double)small.count / roster.count, (unsigned long long)hash_rows(to));
}

void session_edit(const Options *options) {
    Rows roster = read_rows(options, "roster"), edits = read_rows(options, "edits");
    sqlite3 *author = filled(options, "", roster), *other = filled(options, "-copy", roster);
    write_edits(author, edits, 1, 0);
    write_edits(other, edits, 1, 0);
    edits.rows++;
    edits.count--;
    long count = options->edits < edits.count ? options->edits : edits.count;
    sqlite3_session *session = record(author);
    double started = seconds();
    write_edits(author, edits, count, 0);
    double written = seconds() - started;
    started = seconds();
    Buffer changes = taken_from(session, 0);
    double collected = seconds() - started;
    Buffer small = compressed(&changes);
    set_synchronous(other, "NORMAL");
    started = seconds();
    apply(other, &changes);
    double applied = seconds() - started;
    uint64_t hash = hash_rows(author);
    if (hash != hash_rows(other)) fail("the replicas differ");
    printf(
        "{\"value\":%.4f,\"write\":%.4f,\"collect\":%.4f,\"bytes_per_edit\":%.2f,\"hash\":\"%016llx\"}\n",
        applied * 1e3, written * 1e3, collected * 1e3, (double)small.count / count,
        (unsigned long long)hash);
}

void session_merge(const Options *options) {
    Rows roster = read_rows(options, "roster"), trace = read_rows(options, "trace");
    sqlite3 *replicas[2] = {filled(options, "", roster), filled(options, "-copy", roster)};
    Buffer changes[2];
    double written = 0;
    for (int i = 0; i < 2; i++) {
        sqlite3_session *session = record(replicas[i]);
        double started = seconds();
        write_edits(replicas[i], trace, trace.count, "AB"[i]);
        written += seconds() - started;
        changes[i] = taken_from(session, 1);
        sqlite3session_delete(session);
        set_synchronous(replicas[i], "NORMAL");
    }
    double started = seconds();
    long clashes = apply(replicas[1], &changes[0]);
    apply(replicas[0], &changes[1]);
    double merged = seconds() - started;
    printf(
        "{\"value\":%.4f,\"write\":%.4f,\"clashes\":%ld,\"converged\":%s}\n", merged * 1e3,
        written * 1e3, clashes, hash_rows(replicas[0]) == hash_rows(replicas[1]) ? "true" : "false");
}
