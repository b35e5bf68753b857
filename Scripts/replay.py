#!/usr/bin/env python3
"""The main job, whole, on real input, through the real programs.

A server on loopback; a real directory of 609 mayors imported; then the real six-year edit history of that
directory replayed with each of its maintainers as a disconnected replica of its own, which syncs only now
and then; conflicts listed, some resolved offline; everyone syncs; all digests must be equal. Then the
story of Wadi Amal (wadi_amal.py). Exit code 1 if anything differs.

Run it by Scripts/demo, which builds the programs first.
"""

import argparse
import json
import random
import re
import shutil
import sys
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import wadi_amal
from programs import BOLD, ROOT, Differs, Programs, Server, digests, step, table

DIRECTORIES = ROOT / "Fixtures" / "Directories"

# Two maintainers sync at a time, and share what they know.
SHARING = threading.Lock()

# The fields of the history that become a channel of the person, with their kind.
CHANNELS = {"voice": "landline", "fax": "fax", "email": "email", "address": "address", "url": "web"}


def person_lines(identity, changes, known):
    """One record of the history as lines for `sijil import`: the person, the channels, the tenure.

    `known` maps a person to the channels and tenure that the replica has, and is brought up to date.
    """
    lines = []
    have = known.setdefault(identity, set())

    def line(kind, suffix, fields=None, deleted=False):
        entry = {"type": kind, "id": identity + suffix}
        entry.update({"deleted": True} if deleted else {"fields": fields})
        lines.append(entry)
        (have.discard if deleted else have.add)((kind, suffix))

    if changes["op"] == "delete":
        for kind, suffix in sorted(have):
            line(kind, suffix, deleted=True)
        return lines
    fields = changes["set"]
    if fields.get("name") or changes["op"] == "create":
        line("person", "", {"name": {"en": fields.get("name") or "Unknown"}})
    for field, kind in CHANNELS.items():
        if field in fields:
            value = fields[field]
            suffix = f"/{field}"
            if value:
                line("channel", suffix, {
                    "owner": {"type": "person", "id": identity}, "kind": kind, "value": value})
            elif ("channel", suffix) in have:
                line("channel", suffix, deleted=True)
    tenure = {}
    for field, name in (("start_date", "from"), ("end_date", "to")):
        if field in fields:
            value = fields[field]
            tenure[name] = value if value and re.fullmatch(r"\d{4}(-\d\d){0,2}", value) else None
    if tenure or changes["op"] == "create":
        tenure["person"] = {"type": "person", "id": identity}
        line("tenure", "/tenure", tenure)
    return lines


class Maintainer:
    """One author of the history: a replica that is mostly offline."""

    def __init__(self, programs, name):
        self.programs = programs
        self.name = name
        self.syncs = 0
        # What this replica has, by person; what it was when it last synced.
        self.known = {}

    def sync(self, shared):
        report = self.programs.one(self.name, "sync")
        self.syncs += 1
        with SHARING:
            for identity, parts in self.known.items():
                shared.setdefault(identity, set()).update(parts)
            self.known = {identity: set(parts) for identity, parts in shared.items()}
        return report


def replay(programs, server, seed, limit):
    chance = random.Random(seed)
    commits = [json.loads(text) for text in open(DIRECTORIES / "us-mayors-history.jsonl")][:limit]
    names = sorted({commit["author"] for commit in commits}, key=lambda n: int(n.split("-")[1]))
    changes = sum(len(commit["changes"]) for commit in commits)
    step(f"Replaying {len(commits)} commits, {changes:,} record changes, of {len(names)} maintainers, "
         f"each a replica of its own (seed {seed})")
    collection = programs.one(
        "desk-01", "admin", "collection", "create", "us-mayors-history", "--kind", "roster")["id"]
    programs.one("desk-01", "sync")
    maintainers = {}
    for name in names:
        code = programs.one("desk-01", "admin", "invite", "--name", name,
                            "--grant", f"{collection}=editor")["code"]
        programs.one(name, "init", "--name", name)
        programs.one(name, "join", server.url, "--code", code)
        maintainers[name] = Maintainer(programs, name)

    shared, totals = {}, {"bytes": 0, "round_trips": 0, "syncs": 0, "imports": 0, "records": 0}

    def sync(maintainer):
        report = maintainer.sync(shared)
        totals["bytes"] += report["bytes_sent"] + report["bytes_received"]
        totals["round_trips"] += report["round_trips"]
        totals["syncs"] += 1

    batch = programs.folder / "commit.jsonl"
    for number, commit in enumerate(commits, 1):
        maintainer = maintainers[commit["author"]]
        # Nobody edits what they cannot have seen: such a commit is written after a sync.
        needs = any(change["op"] != "create" and change["id"] not in maintainer.known
                    for change in commit["changes"])
        if needs or chance.random() < 0.15:
            sync(maintainer)
        lines = []
        for change in commit["changes"]:
            lines += person_lines(change["id"], change, maintainer.known)
        if lines:
            batch.write_text("".join(json.dumps(line) + "\n" for line in lines))
            report = programs.one(maintainer.name, "import", batch, "--in", collection)
            if report["rejected"]:
                raise Differs(f"commit {number}: {report['rejected']} lines rejected")
            totals["imports"] += 1
            totals["records"] += report["created"] + report["updated"]
        if number % 60 == 0 or number == len(commits):
            print(f"   {number} commits, {totals['syncs']} syncs", flush=True)
    return collection, maintainers, totals, sync


def settle(programs, maintainers, sync):
    """Everyone syncs until nobody has news: twice round, two at a time."""
    for _ in range(2):
        with ThreadPoolExecutor(2) as pool:
            list(pool.map(sync, maintainers.values()))
        programs.one("desk-01", "sync")


def decide(programs, wanted):
    """The coordinator resolves conflicts offline; how many there were and were resolved."""
    conflicts = programs.run("desk-01", "conflicts")
    fields = {}
    for conflict in conflicts:
        name = f"{conflict['type']}.{conflict['field']}"
        fields[name] = fields.get(name, 0) + 1
    for name, count in sorted(fields.items(), key=lambda pair: -pair[1])[:8]:
        print(f"   {count:5d}  {name}")
    resolved = 0
    for conflict in conflicts[:wanted]:
        cell = conflict["field"] + (f".{conflict['key']}" if conflict["key"] else "")
        newest = max(conflict["values"], key=lambda value: (value["at"], value["replica"]))
        programs.one("desk-01", "resolve", conflict["id"], cell, "--take", newest["replica"],
                     "--because", "the newest, by telephone")
        resolved += 1
    return len(conflicts), resolved


def import_directory(programs):
    step("Importing the real directory: 609 mayors")
    collection = programs.one(
        "desk-01", "admin", "collection", "create", "us-mayors", "--kind", "roster")["id"]
    programs.one("desk-01", "sync")
    arguments = ["import", DIRECTORIES / "us-mayors.csv", "--in", collection,
                 "--mapping", ROOT / "Fixtures" / "Mappings" / "us-mayors.json"]
    first = programs.one("desk-01", *arguments)
    again = programs.one("desk-01", *arguments)
    report = programs.one("desk-01", "sync")
    print(f"   {first['created']} records created, {first['rejected']} rejected; imported again: "
          f"{again['created'] + again['updated']} changes; "
          f"sent in {report['round_trips']} round trips, {report['bytes_sent']:,} bytes")
    if first["rejected"] or again["created"] or again["updated"]:
        raise Differs("the directory did not import wholly, or not the same twice")
    people = len(programs.run("desk-01", "list", "person", "--in", collection))
    if people != 609:
        raise Differs(f"{people} people instead of 609")
    return collection


def demo(programs, options):
    started = time.monotonic()
    step("Starting sijil-server on loopback, with its embedded SQLite")
    server = Server(programs)
    try:
        programs.one("desk-01", "init", "--name", "desk-01")
        programs.one("desk-01", "join", server.url, "--code", server.code)
        import_directory(programs)
        collection, maintainers, totals, sync = replay(
            programs, server, options.seed, 90 if options.short else None)
        settle(programs, maintainers, sync)
        step("The coordinator, offline, looks at the conflicts")
        found, resolved = decide(programs, 5 if options.short else 25)
        if not found:
            raise Differs("no real clash arose: the schedule is too tame")
        settle(programs, maintainers, sync)
        step("Everyone has synced")
        homes = ["desk-01", *maintainers]
        digest, count = digests(programs, server, homes, collection)
        left = len(programs.run("desk-01", "conflicts"))
        if left != found - resolved:
            raise Differs(f"{found} conflicts, {resolved} resolved, but {left} left")
        summary = next(line for line in programs.run("desk-01", "digest")
                       if line["collection"] == collection)
        table([
            ("replicas", f"{len(homes)} and the server"),
            ("changes", f"{summary['changes']:,} in the log"),
            ("records written", f"{totals['records']:,}, {summary['records']:,} living"),
            ("syncs", f"{totals['syncs']:,}"),
            ("conflicts found", f"{found:,}"),
            ("conflicts resolved", f"{resolved:,}, {left:,} left for later"),
            ("bytes, both ways", f"{totals['bytes']:,}"),
            ("round trips", f"{totals['round_trips']:,}"),
            ("one digest, everywhere", f"{digest} on {count} places"),
        ])
        wadi_amal.story(programs, server)
        problems = programs.one("desk-01", "verify")
        if not problems["ok"]:
            raise Differs("verify found problems")
    finally:
        server.stop()
    print(BOLD.format(f"Done: all equal, nothing lost. {programs.commands:,} commands in "
                      f"{time.monotonic() - started:.0f} s."))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--binaries", required=True, help="the folder with the built programs")
    parser.add_argument("--short", action="store_true", help="only the first 90 commits")
    parser.add_argument("--seed", type=int, default=19, help="of the schedule of syncs")
    parser.add_argument("--keep", action="store_true", help="keep the replicas and say where")
    options = parser.parse_args()
    folder = tempfile.mkdtemp(prefix="sijil-demo-")
    try:
        demo(Programs(options.binaries, folder), options)
    except Differs as problem:
        print(f"DIFFERS: {problem}", file=sys.stderr)
        return 1
    finally:
        if options.keep:
            print(f"The replicas are in {folder}")
        else:
            shutil.rmtree(folder, ignore_errors=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
