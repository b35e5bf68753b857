"""The two programs, run as a person would run them: what the demo and the benchmark share."""

import json
import pathlib
import signal
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
BOLD = "\033[1m{}\033[0m" if sys.stdout.isatty() else "{}"


class Differs(Exception):
    """Something that must hold does not."""


class Programs:
    """The two programs, run as a person would run them."""

    def __init__(self, binaries, folder):
        self.binaries = pathlib.Path(binaries)
        self.folder = pathlib.Path(folder)
        self.commands = 0

    def run(self, home, *arguments, expect=0):
        """Runs one sijil command with --json; its lines of output, parsed."""
        self.commands += 1
        command = [self.binaries / "sijil", *arguments, "--home", self.folder / home, "--json"]
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode != expect:
            raise Differs(f"sijil {arguments[0]} ended with {done.returncode}: {done.stderr.strip()}")
        return [json.loads(line) for line in done.stdout.splitlines()]

    def one(self, home, *arguments):
        return self.run(home, *arguments)[0]

    def server(self, *arguments):
        done = subprocess.run(
            [self.binaries / "sijil-server", *arguments], capture_output=True, text=True)
        if done.returncode != 0:
            raise Differs(f"sijil-server {arguments[0]} ended with {done.returncode}: {done.stderr}")
        return [json.loads(line) for line in done.stdout.splitlines()]


class Server:
    """A sijil-server process on a free port of loopback."""

    def __init__(self, programs):
        self.data = programs.folder / "server"
        self.code = programs.server("init", "--data", self.data, "--json")[0]["code"]
        self.log = open(programs.folder / "server.log", "w")
        self.process = subprocess.Popen(
            [programs.binaries / "sijil-server", "serve", "--data", self.data, "--insecure",
             "--listen", "127.0.0.1:0"],
            stdout=subprocess.PIPE, stderr=self.log, text=True)
        ready = self.process.stdout.readline()
        if not ready:
            raise Differs("sijil-server did not start")
        self.url = json.loads(ready)["url"]

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        code = self.process.wait(timeout=300)
        if code != 0:
            raise Differs(f"sijil-server ended with {code}")


def step(text):
    print(BOLD.format(f"-- {text}"), flush=True)


def digests(programs, server, homes, collection):
    found = {home: next(line["digest"] for line in programs.run(home, "digest")
                        if line["collection"] == collection) for home in homes}
    found["server"] = next(
        line["digest"] for line in programs.server("check", "--data", server.data, "--json")
        if line.get("collection") == collection)
    if len(set(found.values())) != 1:
        raise Differs(f"digests differ: {found}")
    return found["server"], len(found)


def table(rows):
    width = max(len(name) for name, _ in rows)
    for name, value in rows:
        print(f"   {name:<{width}}  {value}")
