/* Sijil's peers in C: what its figures are compared with. One command, one measurement, one JSON object.
 *
 *   peers write|copy|edit|merge|find|push|pull|zstd --data DIR --at FILE [options]
 *
 * `value` is records a second for write and copy, milliseconds for edit and merge, microseconds for find,
 * seconds for push and pull. */
#include "peers.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Pieces, each with its size before it as four bytes, every one compressed by itself. */
static void compress_pieces(const Options *options) {
    Buffer file = read_file(options->file);
    size_t all = 0, small = 0;
    for (size_t at = 0; at + 4 <= file.count;) {
        uint32_t count;
        memcpy(&count, file.bytes + at, sizeof count);
        Buffer piece = {file.bytes + at + 4, count, count};
        small += compressed(&piece).count;
        all += count;
        at += 4 + count;
    }
    printf("{\"value\":%zu,\"uncompressed\":%zu}\n", small, all);
}

static const struct {
    const char *name;
    void (*plain)(const Options *), (*session)(const Options *);
} commands[] = {
    {"write", log_write, session_write}, {"copy", log_copy, session_copy},
    {"edit", log_edit, session_edit},    {"merge", log_merge, session_merge},
    {"find", log_find, log_find},        {"push", log_push, log_push},
    {"pull", log_pull, log_pull},        {"zstd", compress_pieces, compress_pieces},
};

int main(int count, char **arguments) {
    Options options = {
        .synchronous = "FULL", .secure_delete = "ON", .cache = 16000, .batch = 1000, .edits = 1000};
    if (count < 2) fail("which command?");
    for (int i = 2; i < count; i++) {
        const char *name = arguments[i];
        if (!strcmp(name, "--log")) { options.log = 1; continue; }
        if (!strcmp(name, "--index")) { options.index = 1; continue; }
        if (!strcmp(name, "--session")) { options.session = 1; continue; }
        const char *value = i + 1 < count ? arguments[++i] : "";
        if (!strcmp(name, "--data")) options.data = value;
        else if (!strcmp(name, "--at")) options.at = value;
        else if (!strcmp(name, "--file")) options.file = value;
        else if (!strcmp(name, "--synchronous")) options.synchronous = value;
        else if (!strcmp(name, "--secure-delete")) options.secure_delete = value;
        else if (!strcmp(name, "--cache")) options.cache = atol(value);
        else if (!strcmp(name, "--batch")) options.batch = atol(value);
        else if (!strcmp(name, "--edits")) options.edits = atol(value);
        else fail(name);
    }
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++) {
        if (strcmp(arguments[1], commands[i].name)) continue;
        (options.session ? commands[i].session : commands[i].plain)(&options);
        return 0;
    }
    fail(arguments[1]);
}
