#!/usr/bin/env python3
"""Runs the variants of measurements.py round by round, each round in another order, and compares each with
its baseline inside the same round: a machine whose speed wanders slows all of them alike.

Run it by Scripts/benchmark, which builds the programs first.
"""

import argparse
import http.client
import http.server
import json
import os
import pathlib
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time

import measurements
from programs import Differs, Programs, Server


class Store(http.server.BaseHTTPRequestHandler):
    """The least that takes a body and gives it back: the floor of a first sync."""

    protocol_version = "HTTP/1.1"
    body = b""

    def do_PUT(self):
        Store.body = self.rfile.read(int(self.headers["content-length"]))
        self.answer(b"")

    def do_GET(self):
        self.answer(Store.body)

    def answer(self, body):
        self.send_response(200)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments):
        pass


# Linux counts what a process held before it became another program: so a small one begins it.
PEAK = """
import os, subprocess, sys
process = subprocess.Popen(sys.argv[1:], stdout=subprocess.DEVNULL)
_, status, usage = os.wait4(process.pid, 0)
print(usage.ru_maxrss)
sys.exit(os.waitstatus_to_exitcode(status))
"""


class Runner:
    def __init__(self, options, folder):
        self.binaries = pathlib.Path(options.binaries)
        self.peers = options.peers
        self.folder = pathlib.Path(folder)
        self.homes = {}

    def data(self, size):
        return self.folder / f"data-{size}"

    def output(self, *command):
        done = subprocess.run([str(part) for part in command], capture_output=True, text=True)
        if done.returncode != 0:
            raise Differs(f"{command[0]} {command[1]} ended with {done.returncode}: {done.stderr}")
        return json.loads(done.stdout)

    def prepare(self, size):
        """Generates the data; replicas too, as far as a variant begins with them."""
        benchmark = self.binaries / "sijil-benchmark"
        self.data(size).mkdir()
        found = self.output(benchmark, "generate", "--count", size, "--folder", self.data(size))
        if size <= 100_000:
            self.output(benchmark, "prepare", "--data", self.data(size))
        return found["hash"]

    def run(self, variant, size):
        at = self.folder / "at"
        at.mkdir()
        try:
            if variant.program == "floor":
                return self.floor(size, at)
            if variant.program == "command":
                return self.command(size)
            return self.program(variant, size, at)
        finally:
            shutil.rmtree(at)

    def program(self, variant, size, at):
        places = {"data": self.data(size), "server": self.binaries / "sijil-server"}
        arguments = [part.format(**places) for part in variant.arguments]
        is_peer = variant.program == "peers"
        found = self.output(
            self.peers if is_peer else self.binaries / variant.program, *arguments,
            "--data", self.data(size), "--at", at / "peer.sqlite" if is_peer else at)
        if variant.name == "sent":
            found["per_record"] = found["value"] / size
        if "runs" in found:
            sent = self.output(self.peers, "zstd", "--file", found.pop("runs"))
            found["sent_per_edit"] = (sent["value"] - 64) / found["edits"]
        return found

    def floor(self, size, at):
        """A replica encoded, compressed, put, got, decompressed and applied, and nothing else."""
        places = ["--data", self.data(size), "--at", at / "peer.sqlite", "--file", at / "whole.zst"]
        push = self.output(self.peers, "push", *places)
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Store)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            body = (at / "whole.zst").read_bytes()
            connection = http.client.HTTPConnection(*server.server_address)
            started = time.perf_counter()
            connection.request("PUT", "/", body)
            connection.getresponse().read()
            put = time.perf_counter() - started
            started = time.perf_counter()
            connection.request("GET", "/")
            whole = connection.getresponse().read()
            got = time.perf_counter() - started
            connection.close()
        finally:
            server.shutdown()
            server.server_close()
        if whole != body:
            raise Differs("the floor's server gave back something else")
        pull = self.output(self.peers, "pull", *places)
        return {"value": push["value"] + put, "down": pull["value"] + got, "bytes": len(body),
                "hash": pull["hash"]}

    # The command line, with the types that Sijil ships.

    def command(self, size):
        if size not in self.homes:
            self.homes[size] = self.furnish(size)
        programs, record, found = self.homes[size]
        for verb in (("show", record), ("status",)):
            times = []
            for _ in range(7):
                started = time.perf_counter()
                programs.run("home", *verb)
                times.append((time.perf_counter() - started) * 1000)
            found[verb[0]] = statistics.median(times)
        return dict(found)

    def furnish(self, size):
        """Two homes and a server with so many people; the memory that it took."""
        folder = self.folder / f"homes-{size}"
        folder.mkdir()
        programs = Programs(self.binaries, folder)
        server = Server(programs)
        found = {}
        try:
            programs.one("home", "init", "--name", "home")
            programs.one("home", "join", server.url, "--code", server.code)
            collection = programs.one(
                "home", "admin", "collection", "create", "roster", "--kind", "roster")["id"]
            people = self.data(size) / "people.jsonl"
            found["import_peak"] = self.peak(
                programs, "home", "import", people, "--in", collection)
            found["sync_peak"] = self.peak(programs, "home", "sync")
            code = programs.one(
                "home", "admin", "invite", "--name", "other", "--grant", f"{collection}=editor")
            programs.one("other", "init", "--name", "other")
            programs.one("other", "join", server.url, "--code", code["code"])
            found["fetch_peak"] = self.peak(programs, "other", "sync")
            digests = {programs.one(home, "digest")["digest"] for home in ("home", "other")}
            if len(digests) != 1:
                raise Differs("two homes differ after a sync")
            record = programs.one("home", "list", "person", "--limit", "1")["id"]
        finally:
            server.stop()
        return programs, record, found

    def peak(self, programs, home, *arguments):
        """Runs a command; the most memory it held, in MiB."""
        command = [programs.binaries / "sijil", *arguments, "--home", programs.folder / home,
                   "--quiet"]
        done = subprocess.run(
            [sys.executable, "-c", PEAK, *command], stdout=subprocess.PIPE, text=True)
        if done.returncode != 0:
            raise Differs(f"sijil {arguments[0]} ended with {done.returncode}")
        return int(done.stdout) / 1024


class Progress:
    def __init__(self, total):
        self.total, self.done, self.started, self.said = total, 0, time.monotonic(), 0

    def say(self, what):
        now = time.monotonic()
        line = f"   {now - self.started:5.0f} s  {self.done} of {self.total}: {what}"
        if sys.stderr.isatty():
            print(f"\r{line:<76}", end="", file=sys.stderr, flush=True)
        elif now - self.said >= 10:
            self.said = now
            print(line, file=sys.stderr, flush=True)
        self.done += 1

    def finish(self):
        if sys.stderr.isatty():
            print(f"\r{'':<76}\r", end="", file=sys.stderr, flush=True)


def measure(runner, variants, sizes, rounds):
    """All results: (variant's name, size) → one dictionary a round."""
    jobs = [(variant, size) for size in sizes for variant in variants
            if variant.smallest <= size <= variant.largest
            or variant.program == "command" and size == measurements.MILLION]
    # A million records are for what must not grow; once is enough to see whether it does.
    once = [job for job in jobs if job[1] >= measurements.MILLION]
    often = [job for job in jobs if job[1] < measurements.MILLION]
    results = {(variant.name, size): [] for variant, size in jobs}
    progress = Progress(len(once) + len(often) * rounds)
    for number in range(rounds):
        order = often + (once if number == 0 else [])
        random.Random(number).shuffle(order)
        for variant, size in order:
            progress.say(f"round {number + 1}, {variant.name}, {size:,} records")
            results[variant.name, size].append(runner.run(variant, size))
    progress.finish()
    return results, check(jobs, results)


def check(jobs, results):
    """Figures of work that was not done are no figures; returns what was the same, as lines to print."""
    hashes = {}
    for variant, size in jobs:
        for found in results[variant.name, size]:
            if variant.group and "hash" in found:
                hashes.setdefault((variant.group, size), {})[variant.name] = found["hash"]
            if found.get("converged") is False and variant.name != "session-merge":
                raise Differs(f"{variant.name} did not converge")
    for (group, size), found in hashes.items():
        if len(set(found.values())) > 1:
            raise Differs(f"{group}, {size:,} records: not the same rows: {found}")
    return [f"{group}, {size:,} records: the same rows in {len(found)} variants, "
            f"hash {next(iter(found.values()))}" for (group, size), found in sorted(hashes.items())]


def result(row, size, smallest, results, workload):
    """One line of the result; None where something was not run."""
    mine = results.get((row.variant, size))
    if not mine or row.against_smallest and size == smallest:
        return None
    values = [found[row.measure] for found in mine]
    theirs, baseline = None, None
    if row.against_smallest:
        theirs = [found[row.measure] for found in results[row.variant, smallest]]
        baseline = f"{smallest:,} records"
    elif row.baseline and (row.baseline[0], size) in results:
        variant, measure = row.baseline
        theirs = [found[measure] for found in results[variant, size]]
        if row.plus:
            variant, measure = row.plus
            theirs = [their + found[measure]
                      for their, found in zip(theirs, results[variant, size])]
        baseline = row.baseline[0]
    ratio = statistics.median(mine / their for mine, their in zip(values, theirs)) \
        if theirs else None
    judged = statistics.median(values) if ratio is None else ratio
    met = None
    # A target of a ratio says nothing where the baseline was not run.
    if row.target and (theirs or not row.baseline):
        met = judged >= row.target[1] if row.target[0] == ">=" else judged <= row.target[1]
    return {
        "workload": workload, "variant": row.label, "n": size,
        "value": statistics.median(values), "unit": row.unit, "baseline": baseline,
        "ratio": ratio, "target": f"{row.target[0]} {row.target[1]}" if row.target else None,
        "met": met, "spread": [min(values), max(values)], "hash": mine[0].get("hash"),
    }


def number(value):
    if value is None:
        return ""
    digits = 0 if abs(value) >= 1000 else 1 if abs(value) >= 100 else 2 if abs(value) >= 1 else 3
    return f"{value:,.{digits}f}"


def table(lines):
    head = f"{'':<48}{'median':>10} {'unit':<13}{'from':>9} {'to':>9} {'ratio':>7} {'target':>8}"
    last = None
    for line in lines:
        place = (line["workload"], line["n"])
        if place != last:
            print(f"\n{line['workload']}, {line['n']:,} records\n{head}")
            last = place
        low, high = line["spread"]
        verdict = {True: "met", False: "MISSED", None: ""}[line["met"]]
        print(f"{line['variant']:<48}{number(line['value']):>10} {line['unit']:<13}"
              f"{number(low):>9} {number(high):>9} {number(line['ratio']):>7} "
              f"{line['target'] or '':>8} {verdict}".rstrip())


def noise(results, sizes):
    """How far the machine itself wandered: the raw rows, round by round."""
    for size in sizes:
        values = [found["value"] for found in results.get(("raw", size), [])]
        if len(values) > 1:
            wander = (max(values) - min(values)) / statistics.median(values)
            print(f"Raw rows at {size:,} records wandered by {wander:.0%} between rounds.")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--binaries", required=True)
    parser.add_argument("--peers", required=True)
    parser.add_argument("--here", default=".", help="what the path of --json begins at")
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--json")
    parser.add_argument(
        "--only", choices=sorted({variant.workload for variant in measurements.variants()}))
    parser.add_argument("--sizes")
    parser.add_argument("--rounds", type=int)
    # Memory-backed storage shows the processor's share; a folder on a disk adds its syncs.
    parser.add_argument("--folder", default="/dev/shm" if os.path.isdir("/dev/shm") else None)
    options = parser.parse_args()
    default = "10000" if options.quick else "1000,10000,100000,1000000"
    sizes = sorted(int(size) for size in (options.sizes or default).split(","))
    rounds = options.rounds or (3 if options.quick else 5)
    variants = [variant for variant in measurements.variants()
                if options.only in (None, variant.workload)]
    workloads = {variant.name: variant.workload for variant in variants}
    started = time.monotonic()
    folder = tempfile.mkdtemp(prefix="sijil-benchmark-", dir=options.folder)
    try:
        runner = Runner(options, folder)
        for size in sizes:
            hash = runner.prepare(size)
            print(f"{size:,} records generated, hash {hash}", flush=True)
        results, same = measure(runner, variants, sizes, rounds)
    except Differs as problem:
        print(f"\nDIFFERS: {problem}", file=sys.stderr)
        return 1
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    lines = [line for size in sizes for row in measurements.rows() if row.variant in workloads
             if (line := result(row, size, sizes[0], results, workloads[row.variant]))]
    table(lines)
    print("", *same, sep="\n")
    missed = sum(line["met"] is False for line in lines)
    print(f"\n{sum(line['met'] is True for line in lines)} targets met, {missed} missed; "
          f"{rounds} rounds in {time.monotonic() - started:.0f} s.")
    noise(results, sizes)
    if options.json:
        with open(os.path.join(options.here, options.json), "w", encoding="utf-8") as file:
            for line in lines:
                file.write(json.dumps(line, ensure_ascii=False) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
