/* Plain rows, and plain rows with the least that a last-writer-wins log per field can keep.
 *
 * A run of rows that one transaction inserts is one row of `run`. A row that is edited needs a clock of its
 * own: for edits and merges every row has one from the start, so that none is cheaper than the others, and
 * `entry` lists what changed in which order. A clock blob is the row's clock and writer, then field, clock
 * and writer of each field that was written later. */
#ifndef MERGELOG_H
#define MERGELOG_H

#include "peers.h"

enum Log { NO_LOG, RUNS, ROW_CLOCKS };

typedef struct {
    sqlite3 *database;
    enum Log log;
    uint64_t site, sequence, clock;
    int64_t first_row;
    long lost;
    sqlite3_stmt *begin, *commit, *insert, *index, *find, *remove, *update[FIELDS], *select[FIELDS];
    sqlite3_stmt *add_run, *add_entry, *add_clock, *set_clock, *clock_of, *remove_clock;
    sqlite3_stmt *add_grave, *add_lost;
} Replica;

Replica open_replica(const Options *options, const char *suffix, enum Log log, uint64_t site);
void insert_all(Replica *r, Rows roster, long batch);
/* Cells of an edit: id, field (0 deletes), value, time, writer. Those of another writer are passed over;
 * with 0 for the writer none is, and times are given here. */
void write_edits(Replica *r, Rows edits, long count, char writer);

Buffer whole_replica(Replica *r);
long take_whole(Replica *r, const Buffer *buffer);
Buffer changes_since(Replica *r, uint64_t sequence);
/* `common`: the last time that both sides know; later ones are concurrent with what comes. */
void take_changes(Replica *r, const Buffer *buffer, uint64_t common);

#endif
