"""What Scripts/benchmark measures: the variants that are run, and the rows made of what they say.

W1 local writes, W2 a full replica, W3 edits of one field, W4 a concurrent trace, W5 finding names, W6 a sync
over loopback; beside them disk, memory, and the command line as processes.
"""

from dataclasses import dataclass, field

# Sizes at which a workload is run, when asked for.
MILLION = 1_000_000
EDITS = (1, 10, 1000, 10_000)
SINGLE = "2000"


@dataclass(frozen=True)
class Variant:
    """One program with one set of arguments; each round runs it once."""

    name: str
    workload: str
    program: str
    arguments: tuple
    # Variants of one group must end with the same rows.
    group: str = ""
    smallest: int = 0
    # Beyond these records it takes too long for what it tells.
    largest: int = 100_000


@dataclass(frozen=True)
class Row:
    """One line of the result: a measure, next to that of a baseline in the same round."""

    variant: str
    measure: str
    label: str
    unit: str
    baseline: tuple = ()
    # (">=" or "<=", number), of the ratio where there is a baseline, else of the value.
    target: tuple = ()
    # Extra measures that are added to the baseline's: (variant, measure).
    plus: tuple = ()
    # The baseline is the same measure at the smallest size of the run.
    against_smallest: bool = field(default=False)


def variants():
    def ours(name, workload, *arguments, **more):
        return Variant(name, workload, "sijil-benchmark", arguments, **more)

    def peer(name, workload, *arguments, **more):
        return Variant(name, workload, "peers", arguments, **more)

    found = [
        ours("raw", "W1", "raw", group="rows"),
        ours("raw-search", "W1", "raw", "--search", group="rows"),
        ours("raw-entries", "W1", "raw", "--entries", group="rows"),
        ours("raw-single", "W1", "raw", "--batch", "1", "--limit", SINGLE, group="few"),
        ours("write", "W1", "write", group="rows"),
        ours("write-search", "W1", "write", "--search", group="rows"),
        ours("write-single", "W1", "write", "--batch", "1", "--limit", SINGLE, group="few"),
        peer("c-write", "W1", "write", group="rows"),
        peer("c-write-search", "W1", "write", "--index", group="rows"),
        peer("c-write-single", "W1", "write", "--batch", "1", "--edits", SINGLE, group="few"),
        peer("log-write", "W1", "write", "--log", group="rows"),
        peer("session-write", "W1", "write", "--session", group="rows"),
        ours("load", "W2", "load", group="rows"),
        ours("load-search", "W2", "load", "--search", group="rows"),
        ours("export", "W2", "export"),
        ours("receive", "W2", "receive", group="rows"),
        ours("receive-search", "W2", "receive", "--search", group="rows"),
        peer("log-copy", "W2", "copy", "--log", group="rows"),
        peer("session-copy", "W2", "copy", "--session", group="rows"),
        peer("sent", "W2", "zstd", "--file", "{data}/log.runs"),
        ours("merge", "W4", "merge"),
        ours("merge-single", "W4", "merge", "--batch", "1"),
        peer("log-merge", "W4", "merge", "--log"),
        peer("session-merge", "W4", "merge", "--session"),
        ours("find", "W5", "find"),
        ours("find-names", "W5", "find", "--asked", "names"),
        ours("find-spellings", "W5", "find", "--asked", "spellings"),
        peer("c-find", "W5", "find", "--index"),
        ours("sync", "W6", "sync", "--server", "{server}", group="rows", largest=MILLION),
        Variant("floor", "W6", "floor", (), group="rows"),
        Variant("command", "command", "command", (), smallest=10_000, largest=10_000),
    ]
    for edits in EDITS:
        group = f"edits-{edits}"
        smallest = edits if edits > 1000 else 0
        found += [
            ours(f"edit-{edits}", "W3", "edit", "--edits", str(edits), group=group,
                 smallest=smallest),
            peer(f"log-edit-{edits}", "W3", "edit", "--log", "--edits", str(edits), group=group,
                 smallest=smallest),
        ]
    found += [
        peer("c-edit-1000", "W3", "edit", "--edits", "1000", group="edits-1000"),
        peer("session-edit-1000", "W3", "edit", "--session", "--edits", "1000", group="edits-1000"),
    ]
    return found


def rows():
    speed = "records/s"
    found = [
        Row("raw", "value", "raw rows through Swift, 1,000 a transaction", speed),
        Row("c-write", "value", "raw rows in C", speed, ("raw", "value")),
        Row("log-write", "value", "merge log in C", speed, ("raw", "value")),
        Row("session-write", "value", "SQLite session", speed, ("raw", "value")),
        Row("write", "value", "Sijil, 250 a change", speed, ("raw", "value"), (">=", 0.60)),
        Row("raw-search", "value", "raw rows through Swift, FTS5", speed, ("raw", "value")),
        Row("c-write-search", "value", "raw rows in C, FTS5", speed, ("raw", "value")),
        Row("write-search", "value", "Sijil, 250 a change, searched", speed, ("raw", "value"),
            (">=", 0.35)),
        Row("write-search", "value", "Sijil, searched, next to raw with FTS5", speed,
            ("raw-search", "value")),
        Row("raw-entries", "value", "raw rows through Swift, Sijil's index", speed, ("raw", "value")),
        Row("write-search", "value", "Sijil, searched, next to raw with the same index", speed,
            ("raw-entries", "value"), (">=", 0.35)),
        Row("raw-single", "value", "raw rows through Swift, 1 a transaction", speed),
        Row("c-write-single", "value", "raw rows in C, 1 a transaction", speed,
            ("raw-single", "value")),
        Row("write-single", "value", "Sijil, 1 a change", speed, ("raw-single", "value"),
            (">=", 0.5)),
        Row("raw", "bytes_per_record", "disk: raw rows", "bytes/record"),
        Row("write-search", "bytes_per_record", "disk: Sijil, next to rows, index and journal",
            "bytes/record", ("raw-search", "bytes_per_record"), ("<=", 1.35),
            plus=("write-search", "journal_bytes_per_record")),

        Row("log-copy", "value", "merge log in C, apply", speed),
        Row("session-copy", "value", "SQLite session, apply", speed, ("log-copy", "value")),
        Row("load", "value", "Sijil, from a snapshot", speed, ("log-copy", "value"),
            (">=", 0.45)),
        Row("load-search", "value", "Sijil, from a snapshot, searched", speed,
            ("log-copy", "value"), (">=", 0.30)),
        Row("export", "value", "Sijil, a snapshot made", speed, ("log-copy", "value")),
        Row("receive", "value", "Sijil, from the log", speed, ("log-copy", "value"),
            (">=", 0.35)),
        Row("receive-search", "value", "Sijil, from the log, searched", speed,
            ("log-copy", "value")),
        Row("log-copy", "bytes_per_record", "sent by the merge log, zstd", "bytes/record"),
        Row("session-copy", "bytes_per_record", "sent by SQLite session, zstd", "bytes/record"),
        Row("load", "bytes_per_record", "sent by Sijil: a snapshot", "bytes/record", (),
            ("<=", 140)),
        Row("sent", "per_record", "sent by Sijil: the log, zstd by piece", "bytes/record"),
    ]
    for edits in EDITS:
        ours, log = f"edit-{edits}", f"log-edit-{edits}"
        # One edit alone is in no target; its time says little next to that of ten.
        limit = ("<=", 1.5) if edits > 1 else ()
        found += [
            Row(log, "write", f"merge log in C, write {edits:,}", "ms"),
            Row(ours, "write", f"Sijil, write {edits:,}", "ms", (log, "write"), limit),
            Row(ours, "collect", f"Sijil, collect {edits:,} to send", "ms", (log, "collect")),
            Row(log, "value", f"merge log in C, apply {edits:,}", "ms"),
        ]
        if edits == 1000:
            found += [
                Row("c-edit-1000", "value", "raw updates in C, 1,000", "ms", (log, "value")),
                Row("session-edit-1000", "value", "SQLite session, apply 1,000", "ms",
                    (log, "value")),
            ]
        found.append(
            Row(ours, "value", f"Sijil, apply {edits:,}", "ms", (log, "value"), limit))
    found += [
        Row("edit-10", "write", "10 edits, next to the smallest roster: write", "ms",
            target=("<=", 1.2), against_smallest=True),
        Row("edit-10", "value", "10 edits, next to the smallest roster: apply", "ms",
            target=("<=", 1.2), against_smallest=True),
        Row("log-edit-1000", "bytes_per_edit", "sent by the merge log, 1,000, zstd", "bytes/edit"),
        Row("session-edit-1000", "bytes_per_edit", "sent by SQLite session, 1,000, zstd",
            "bytes/edit"),
        Row("edit-1000", "sent_per_edit", "sent by Sijil, 1,000, zstd, besides the signature",
            "bytes/edit", (), ("<=", 20)),

        Row("log-merge", "value", "merge log in C", "ms"),
        Row("session-merge", "value", "SQLite session (does not converge)", "ms",
            ("log-merge", "value")),
        Row("merge", "value", "Sijil", "ms", ("log-merge", "value"), ("<=", 1.5)),
        Row("merge-single", "value", "Sijil, each operation a change", "ms",
            ("log-merge", "value")),
        Row("log-merge", "write", "merge log in C, writing both traces", "ms"),
        Row("merge", "write", "Sijil, writing both traces", "ms", ("log-merge", "write")),
        Row("log-merge", "lost", "losing values kept by the merge log", "values"),
        Row("merge", "conflicts", "conflicts shown by Sijil", "cells"),

        Row("c-find", "value", "FTS5 in C, median", "us"),
        Row("find", "value", "Sijil, median", "us", ("c-find", "value")),
        Row("find", "p95", "Sijil, 95 of 100", "us", ("c-find", "p95")),
        Row("find-names", "value", "Sijil, whole names, median", "us", (), ("<=", 10_000)),
        Row("find-names", "p95", "Sijil, whole names, 95 of 100", "us"),
        Row("find-spellings", "value", "Sijil, other spellings, median", "us", (), ("<=", 10_000)),
        Row("find-spellings", "p95", "Sijil, other spellings, 95 of 100", "us"),
        Row("find", "hits", "records found", "records", ("c-find", "hits")),

        Row("floor", "value", "HTTP and zstd alone, up", "s"),
        Row("sync", "value", "first sync up", "s", ("floor", "value"), ("<=", 6)),
        Row("floor", "down", "HTTP and zstd alone, down", "s"),
        Row("sync", "down", "first sync down", "s", ("floor", "down"), ("<=", 6)),
        Row("sync", "up_bytes", "first sync up", "bytes", ("floor", "bytes")),
        Row("sync", "down_bytes", "first sync down", "bytes", ("floor", "bytes")),
        Row("sync", "edit", "one edit, end to end, wall clock", "ms"),
        Row("sync", "edit_work", "one edit, end to end, computing of all three", "ms", (),
            ("<=", 30)),
        Row("sync", "edit_sent_bytes", "one edit, the body that carries it up", "bytes", (),
            ("<=", 200)),
        Row("sync", "edit_bytes", "one edit, end to end, all bodies", "bytes"),
        Row("sync", "idle", "a sync with nothing to say", "ms"),
        Row("sync", "idle", "the same, next to the smallest roster", "ms",
            target=("<=", 1.2), against_smallest=True),
        Row("sync", "idle_bytes", "a sync with nothing to say", "bytes"),
        Row("sync", "digest", "two digests compared", "us"),
        Row("sync", "digest", "the same, next to the smallest roster", "us",
            target=("<=", 1.2), against_smallest=True),

        Row("command", "show", "sijil show", "ms", (), ("<=", 30)),
        Row("command", "status", "sijil status", "ms", (), ("<=", 30)),
        Row("command", "import_peak", "memory of sijil import", "MiB", (), ("<=", 64)),
        Row("command", "sync_peak", "memory of sijil sync, all sent", "MiB", (), ("<=", 64)),
        Row("command", "fetch_peak", "memory of sijil sync, all fetched", "MiB", (), ("<=", 64)),
    ]
    return found
