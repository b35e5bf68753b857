/* The workloads with plain rows or the merge log; each prints one JSON object. */
#include "mergelog.h"

#include <stdio.h>
#include <stdlib.h>
#include <zstd.h>

static Replica filled(
    const Options *options, const char *suffix, enum Log log, uint64_t site, Rows roster) {
    Replica r = open_replica(options, suffix, log, site);
    insert_all(&r, roster, 1000);
    execute(r.database, "PRAGMA wal_checkpoint(TRUNCATE)");
    return r;
}

void log_write(const Options *options) {
    Rows roster = read_rows(options, "roster");
    if (options->batch == 1 && roster.count > options->edits) roster.count = options->edits;
    Replica r = open_replica(options, "", options->log ? RUNS : NO_LOG, 1);
    double started = seconds();
    insert_all(&r, roster, options->batch);
    double taken = seconds() - started;
    printf(
        "{\"value\":%.1f,\"bytes_per_record\":%.1f,\"hash\":\"%016llx\"}\n", roster.count / taken,
        (double)file_bytes(r.database) / roster.count, (unsigned long long)hash_rows(r.database));
}

void log_copy(const Options *options) {
    Rows roster = read_rows(options, "roster");
    enum Log log = options->log ? RUNS : NO_LOG;
    Replica from = filled(options, "", log, 1, roster), to = open_replica(options, "-copy", log, 2);
    double started = seconds();
    Buffer buffer = whole_replica(&from);
    double encoded = seconds() - started;
    Buffer small = compressed(&buffer);
    set_synchronous(to.database, "NORMAL");
    started = seconds();
    take_whole(&to, &buffer);
    double taken = seconds() - started;
    printf(
        "{\"value\":%.1f,\"encode\":%.1f,\"bytes_per_record\":%.2f,\"hash\":\"%016llx\"}\n",
        roster.count / taken, roster.count / encoded, (double)small.count / roster.count,
        (unsigned long long)hash_rows(to.database));
}

void log_edit(const Options *options) {
    Rows roster = read_rows(options, "roster"), edits = read_rows(options, "edits");
    enum Log log = options->log ? ROW_CLOCKS : NO_LOG;
    Replica author = filled(options, "", log, 1, roster);
    Replica other = filled(options, "-copy", log, 2, roster);
    /* One edit before the clock runs, as in Sijil. */
    write_edits(&author, edits, 1, 0);
    write_edits(&other, edits, 1, 0);
    edits.rows++;
    edits.count--;
    long count = options->edits < edits.count ? options->edits : edits.count;
    uint64_t since = author.sequence, common = author.clock;
    double started = seconds();
    write_edits(&author, edits, count, 0);
    double written = seconds() - started, collected = 0, applied;
    Buffer changes = {0}, small = {0};
    set_synchronous(other.database, "NORMAL");
    if (log) {
        started = seconds();
        changes = changes_since(&author, since);
        collected = seconds() - started;
        small = compressed(&changes);
        started = seconds();
        take_changes(&other, &changes, common);
    } else {
        started = seconds();
        write_edits(&other, edits, count, 0);
    }
    applied = seconds() - started;
    uint64_t hash = hash_rows(author.database);
    if (hash != hash_rows(other.database)) fail("the replicas differ");
    printf(
        "{\"value\":%.4f,\"write\":%.4f,\"collect\":%.4f,\"bytes_per_edit\":%.2f,\"hash\":\"%016llx\"}\n",
        applied * 1e3, written * 1e3, collected * 1e3, (double)small.count / count,
        (unsigned long long)hash);
}

void log_merge(const Options *options) {
    Rows roster = read_rows(options, "roster"), trace = read_rows(options, "trace");
    Replica one = filled(options, "", ROW_CLOCKS, 1, roster);
    Replica two = filled(options, "-copy", ROW_CLOCKS, 2, roster);
    uint64_t since = one.sequence, common = one.clock;
    double started = seconds();
    write_edits(&one, trace, trace.count, 'A');
    write_edits(&two, trace, trace.count, 'B');
    double written = seconds() - started;
    Buffer from_one = changes_since(&one, since), from_two = changes_since(&two, since);
    set_synchronous(one.database, "NORMAL");
    set_synchronous(two.database, "NORMAL");
    started = seconds();
    take_changes(&two, &from_one, common);
    take_changes(&one, &from_two, common);
    double merged = seconds() - started;
    uint64_t hash = hash_rows(one.database);
    if (hash != hash_rows(two.database)) fail("the replicas differ");
    printf(
        "{\"value\":%.4f,\"write\":%.4f,\"lost\":%ld,\"hash\":\"%016llx\"}\n", merged * 1e3,
        written * 1e3, one.lost, (unsigned long long)hash);
}

static int by_size(const void *a, const void *b) {
    return (*(const double *)a > *(const double *)b) - (*(const double *)a < *(const double *)b);
}

void log_find(const Options *options) {
    Rows roster = read_rows(options, "roster"), queries = read_rows(options, "queries");
    Replica r = filled(options, "", NO_LOG, 1, roster);
    sqlite3_stmt *search = prepare(
        r.database,
        "SELECT roster.* FROM search JOIN roster ON roster.rowid = search.rowid"
        " WHERE search MATCH ? LIMIT 20");
    double *times = calloc(queries.count, sizeof *times);
    long hits = 0;
    for (long i = 0; i < queries.count; i++) {
        char pattern[200];
        Cell query = queries.rows[i].cells[0];
        double started = seconds();
        int count = snprintf(pattern, sizeof pattern, "\"%.*s\" *", query.count, query.bytes);
        sqlite3_bind_text(search, 1, pattern, count, SQLITE_STATIC);
        while (sqlite3_step(search) == SQLITE_ROW) {
            for (int field = 0; field < FIELDS; field++) sqlite3_column_bytes(search, field);
            hits++;
        }
        sqlite3_reset(search);
        times[i] = (seconds() - started) * 1e6;
    }
    qsort(times, queries.count, sizeof *times, by_size);
    printf(
        "{\"value\":%.2f,\"p95\":%.2f,\"hits\":%ld}\n", times[queries.count / 2],
        times[queries.count * 95 / 100], hits);
}

/* The two halves of a first sync without the network between them. */
void log_push(const Options *options) {
    Rows roster = read_rows(options, "roster");
    Replica r = filled(options, "", RUNS, 1, roster);
    double started = seconds();
    Buffer buffer = whole_replica(&r), small = compressed(&buffer);
    write_file(options->file, &small);
    printf("{\"value\":%.6f,\"bytes\":%zu}\n", seconds() - started, small.count);
}

void log_pull(const Options *options) {
    Replica r = open_replica(options, "-copy", RUNS, 2);
    set_synchronous(r.database, "NORMAL");
    double started = seconds();
    Buffer small = read_file(options->file), buffer = {0};
    reserve(&buffer, ZSTD_getFrameContentSize(small.bytes, small.count));
    buffer.count = ZSTD_decompress(buffer.bytes, buffer.room, small.bytes, small.count);
    if (ZSTD_isError(buffer.count)) fail("zstd");
    take_whole(&r, &buffer);
    double taken = seconds() - started;
    printf("{\"value\":%.6f,\"hash\":\"%016llx\"}\n", taken, (unsigned long long)hash_rows(r.database));
}
