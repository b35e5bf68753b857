#!/usr/bin/env python3
"""Counts instructions with callgrind and compares them with Benchmarks/baseline.json; exit code 1 when one
moved by more than 3 %.

Run it by Scripts/benchmark-instructions, which builds the program first.
"""

import argparse
import json
import os
import pathlib
import re
import subprocess
import sys

BASELINE = pathlib.Path(__file__).resolve().parent.parent / "Benchmarks" / "baseline.json"
MOVED = 0.03
SECONDS = 600
# MeasuredPart.run(): what the benchmark times, and nothing else.
MEASURED = "$s15sijil_benchmark12MeasuredPartC3runyyKF"
WORKLOADS = {
    "raw rows, 1,000": ("raw",),
    "write 1,000, 250 a change": ("write",),
    "write 1,000, 250 a change, searched": ("write", "--search"),
    "write 200, 1 a change": ("write", "--batch", "1", "--limit", "200"),
    "apply 1,000": ("receive",),
    "write 200 edits": ("edit", "--edits", "200", "--counted", "write"),
    "apply 200 edits": ("edit", "--edits", "200", "--counted", "apply"),
}


def count(folder, arguments):
    found = folder / "callgrind.out"
    command = [
        "timeout", str(SECONDS), "valgrind", "--tool=callgrind", "--collect-atstart=no",
        f"--toggle-collect={MEASURED}", f"--callgrind-out-file={found}",
        folder / "sijil-benchmark", *arguments, "--data", folder / "data", "--at", folder / "at"]
    # Swift seeds its dictionaries anew in every process otherwise.
    environment = dict(
        os.environ, LD_PRELOAD=str(folder / "sigsuspend.so"), SWIFT_DETERMINISTIC_HASHING="1")
    done = subprocess.run(command, env=environment, capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"{' '.join(arguments)} ended with {done.returncode}:\n{done.stderr[-2000:]}")
    return int(re.search(r"^(?:summary|totals): (\d+)", found.read_text(), re.MULTILINE)[1])


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--folder", required=True, type=pathlib.Path)
    parser.add_argument("--record", action="store_true")
    options = parser.parse_args()
    for name in ("data", "at"):
        (options.folder / name).mkdir()
    program, data = options.folder / "sijil-benchmark", options.folder / "data"
    subprocess.run(
        [program, "generate", "--count", "1000", "--folder", data], check=True, stdout=sys.stderr)
    subprocess.run([program, "prepare", "--data", data], check=True, stdout=sys.stderr)
    recorded = json.loads(BASELINE.read_text())
    counts, moved = {}, []
    for name, arguments in WORKLOADS.items():
        counts[name] = count(options.folder, arguments)
        before = recorded.get(name)
        change = counts[name] / before - 1 if before else 0
        print(f"{name:<40}{counts[name]:>16,}  "
              f"{f'{change:+.2%}' if before else 'not recorded'}", flush=True)
        if abs(change) > MOVED:
            moved.append(f"{name} by {change:+.1%}")
    if options.record:
        BASELINE.write_text(json.dumps(counts, indent=2) + "\n")
        print(f"Recorded in {BASELINE.name}.")
        return 0
    if moved:
        print("Moved by more than 3 %: " + "; ".join(moved))
    return 1 if moved else 0


if __name__ == "__main__":
    sys.exit(main())
