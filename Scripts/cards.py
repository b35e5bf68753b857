#!/usr/bin/env python3
"""Sends vCards through Sijil, vobject and khard and back, and looks for anything that gets lost.

    Scripts/cards.py BINARIES      the folder with sijil and sijil-server; Scripts/test makes all of it

Runs in an interpreter that has vobject and khard. Exit code 0 when nothing is lost, 1 with what is.
"""

import json
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

import vobject

FIXTURES = Path(__file__).resolve().parent.parent / "Fixtures" / "Cards"
# Written anew by whoever writes a card, or about the file and not the person.
OF_THE_FILE = {"VERSION", "PRODID", "REV", "BEGIN", "END"}


class Lost(Exception):
    pass


def expect(condition, what):
    if not condition:
        raise Lost(what)


# Reading without vobject, and without Sijil.


def cards(text):
    """The cards of a text, each a list of (group, NAME, {PARAMETER: value}, value)."""
    found, card = [], None
    for line in re.sub(r"\r?\n[ \t]", "", text).splitlines():
        if line == "BEGIN:VCARD":
            card = []
        elif line == "END:VCARD":
            found.append(card)
        elif line:
            head, value = split(line)
            names, *parameters = re.findall(r'(?:[^;"]|"[^"]*")+', head)
            group, _, name = names.rpartition(".")
            pairs = dict(p.upper().split("=", 1) if "=" in p else ("TYPE", p.upper()) for p in parameters)
            card.append((group.upper(), name.upper(), pairs, value))
    return found


def split(line):
    quoted = False
    for index, character in enumerate(line):
        quoted ^= character == '"'
        if character == ":" and not quoted:
            return line[:index], line[index + 1 :]
    raise Lost("a line without a colon: " + line)


def bare(value):
    """The letters of a value: what no escape and no separator changes."""
    return re.sub(r"\\n|[\\,;\s]", "", value, flags=re.IGNORECASE)


def plain(value):
    return re.sub(r"\\([,;\\])", r"\1", value)


def vobject_value(line):
    """The letters of what vobject read."""
    value = line.value
    if isinstance(value, bytes):
        import base64

        value = base64.b64encode(value).decode()
    if line.name == "N":
        value = [value.family, value.given, value.additional, value.prefix, value.suffix]
    if line.name == "ADR":
        value = [value.box, value.extended, value.street, value.city, value.region, value.code, value.country]

    def flat(part):
        return "".join(map(flat, part)) if isinstance(part, (list, tuple)) else bare(str(part))

    return flat(value)


# The programs.


class World:
    """A server, a device with one roster, and an address book of khard."""

    def __init__(self, binaries, folder):
        self.binaries, self.folder = Path(binaries), Path(folder)
        data = str(self.folder / "server")
        code = self.call("sijil-server", "init", "--data", data, "--json")["code"]
        self.server = subprocess.Popen(
            [self.binaries / "sijil-server", "serve", "--data", data, "--insecure", "--listen", "127.0.0.1:0"],
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        url = json.loads(self.server.stdout.readline())["url"]
        self.sijil("init", "--name", "desk-01", "--json")
        self.sijil("join", url, "--code", code, "--json")
        self.sijil("admin", "collection", "create", "roster", "--kind", "roster", "--json")
        self.book = self.folder / "book"
        self.book.mkdir()
        self.khard_file = self.folder / "khard.conf"
        self.khard_file.write_text(
            f"[addressbooks]\n[[roster]]\npath = {self.book}\n[general]\ndefault_action = list\n"
            "editor = /bin/true\nmerge_editor = /bin/true\n[vcard]\npreferred_version = 4.0\n"
            "private_objects = SPOUSE, SIJIL-CONTACT-RULE\n")

    def call(self, program, *arguments):
        done = subprocess.run(
            [self.binaries / program, *arguments], capture_output=True, text=True, timeout=600)
        expect(done.returncode == 0, f"{program} {arguments[0]}: {done.returncode} {done.stderr}")
        return json.loads(done.stdout.splitlines()[0]) if "--json" in arguments else done.stdout

    def sijil(self, *arguments):
        return self.call("sijil", *arguments, "--home", str(self.folder / "home"))

    def bring(self, name, text):
        """Imports a text and gives the counts: created, updated, unchanged, rejected."""
        path = self.folder / name
        path.write_text(text, encoding="utf-8", newline="")
        report = self.sijil("import", str(path), "--in", "roster", "--format", "vcard", "--json")
        return [report[key] for key in ("created", "updated", "unchanged", "rejected")]

    def export(self, *options):
        return self.sijil("export", "--in", "roster", "--format", "vcard", *options)

    def khard(self, *arguments, answers=""):
        done = subprocess.run(
            [sys.executable, "-m", "khard", "-c", str(self.khard_file), *arguments],
            input=answers, capture_output=True, text=True, timeout=600,
            env={**os.environ, "COLUMNS": "1000", "PYTHONUTF8": "1"})
        expect(done.returncode == 0, f"khard {arguments[0]}: {done.returncode} {(done.stdout + done.stderr)[-2000:]}")
        return done.stdout

    def close(self):
        self.server.terminate()
        self.server.wait()


# What must hold.


def nothing_is_lost(name, text, world):
    """A file is read, and all that its cards say is in what is written; read again, neither changes anything."""
    created, updated, _, rejected = world.bring(name, text)
    expect(created > 0 and rejected == 0, f"{name}: {created} created, {rejected} rejected")
    for again in (text, world.export()):
        counts = world.bring("again-" + name, again)
        expect(counts[0] == counts[1] == counts[3] == 0, f"{name} read again: {counts}")
    ours = [{(line[1], bare(line[3])) for line in card} for card in cards(world.export())]
    for card in cards(text):
        said = {(line[1], part) for line in card if line[1] not in OF_THE_FILE for part in parts(line)}
        missing = min((said - card for card in ours), key=len)
        expect(not missing, f"{name}: not written again: {sorted(missing)}")


def parts(line):
    """What to look for: a list of other names is written name by name, a telephone URI as a number."""
    _, name, parameters, value = line
    if name == "KIND" and value == "individual":
        return []
    if name == "NICKNAME":
        return [bare(part) for part in re.split(r"(?<!\\),", value)]
    if name == "TEL":
        return [bare(re.sub("^tel:", "", value))]
    return [bare(value)]


def vobject_reads_all(text):
    read = list(vobject.readComponents(text))
    expect(len(read) == len(cards(text)), "vobject reads another number of cards")
    for card, component in zip(cards(text), read):
        uid = next(value for _, name, _, value in card if name == "UID")
        for group, name, parameters, value in card:
            lines = component.contents.get(name.lower(), [])
            same = [line for line in lines if vobject_value(line) == bare(value)]
            expect(same, f"vobject does not read {name} of {uid}: {value}")
            fitting = [
                line for line in same
                if (line.group or "").upper() == group
                and {key: ",".join(values).upper() for key, values in line.params.items() if key != "ENCODING"}
                == {key: re.sub('"', "", text) for key, text in parameters.items() if key != "ENCODING"}
            ]
            expect(fitting, f"vobject reads other parameters of {name}: {parameters}")
    return read


def vobject_gives_back_all(read, world):
    counts = world.bring("vobject.vcf", "".join(component.serialize() for component in read))
    expect(counts[0] == counts[1] == counts[3] == 0, f"through vobject something changed: {counts}")


def khard_reads_all(text, world):
    people = [card for card in cards(text)]
    for index, card in enumerate(re.findall(r"BEGIN:VCARD.*?END:VCARD\r?\n", text, re.DOTALL)):
        (world.book / f"{index}.vcf").write_text(card, encoding="utf-8", newline="")
    listed = world.khard("list")
    phones, mails, places = (world.khard(verb, "--parsable") for verb in ("phone", "email", "postaddress"))
    for card in people:
        family, given = next(line[3] for line in card if line[1] == "N").split(";")[:2]
        for part in (given, family):
            expect(plain(part) in listed, f"khard does not list {part}")
        for _, name, _, value in card:
            where = {"TEL": phones, "EMAIL": mails, "ADR": places}.get(name)
            expect(
                where is None or all(plain(part) in where for part in re.split(r"(?<!\\)[;,]|\\n", value)),
                f"khard does not read {name}: {value}")


def khard_gives_back_its_edit(world):
    """khard writes of a card what it knows, and drops parameters: nothing of ours goes, its edit comes."""
    before = people(world)
    who = "Gwenllian"
    template = world.folder / "edit.yaml"
    shown = world.khard("show", "--format", "yaml", who)
    template.write_text(re.sub(r"(?m)^Note *:.*(\n +.*)*", "Note : from khard", shown), encoding="utf-8")
    world.khard("edit", "--input-file", str(template), who, answers="yes\n")
    text = "".join(path.read_text(encoding="utf-8") for path in sorted(world.book.glob("*.vcf")))
    counts = world.bring("khard.vcf", text)
    expect(counts[0] == counts[3] == 0 and counts[1] == 1, f"through khard: {counts}")
    after = people(world)
    changed = [id for id in before if before[id] != after[id]]
    expect(len(changed) == 1 and len(before) == len(after), "khard's edit came to others too")
    before[changed[0]]["notes"] = "from khard"
    expect(before == after, "khard's edit took something away")


def people(world):
    """What is said of everybody, by id; lines of cards that mean nothing to us are another program's."""
    lines = world.sijil("export", "--in", "roster", "--format", "jsonl").splitlines()
    records = {record["id"]: record["fields"] for record in map(json.loads, lines)}
    for fields in records.values():
        fields.pop("card_properties", None)
    return records


KHARD_CONTACT = """\
Formatted name : Gwenllian Pryce-Harrow
Kind : individual
Prefix :
First name : Gwenllian
Additional : Mair
Last name : Pryce-Harrow
Suffix :
Nickname :
    - Gwen
    - "Mayor, of Nordkai"
Anniversary : 2026-03-15
Birthday : 1971-02-03
Organisation :
    - - Nordkai
      - Town hall
Title : Mayor
Role : mayor
Phone :
    cell, pref : "+999550006001"
    work :
        - "+999 55 000 6002"
        - "+999 55 000 6003"
Email :
    work : gwen@nordkai.example
    home : g@harrow.example
Impp :
    xmpp : gwen@nordkai.example
Address :
    work :
        Box :
        Extended : 2nd floor
        Street : 1 Quay, South
        Code : 4001
        City : Nordkai
        Region : XM04
        Country : XM
Categories :
    - elected_local
    - XM04
Webpage : https://nordkai.example/a,b;c
Private :
    SPOUSE : nobody; not said
Note : |
    First line, with a comma;
    second line
"""


def khard_writes(world):
    template = world.folder / "new.yaml"
    template.write_text(KHARD_CONTACT, encoding="utf-8")
    known = set(world.book.glob("*.vcf"))
    world.khard("new", "-a", "roster", "--input-file", str(template))
    (made,) = set(world.book.glob("*.vcf")) - known
    text = made.read_text(encoding="utf-8")
    made.unlink()
    return text


def vobject_writes():
    card = vobject.vCard()
    card.add("fn").value = "El Hadj Mamadou Ly-Kerfalla"
    card.add("n").value = vobject.vcard.Name(family="Ly-Kerfalla", given="Mamadou", prefix="El Hadj")
    card.add("uid").value = "ly-kerfalla"
    card.add("nickname").value = "مامادو لي"
    for kind, number in (("CELL", "+999 55 002 0001"), ("FAX", "+999 55 002 0002"), ("HOME", "ask, at the market")):
        line = card.add("tel")
        line.value, line.type_param = number, kind
    card.add("email").value = "ly@kerfalla.example"
    address = card.add("adr")
    address.value = vobject.vcard.Address(street="Route 2; km 4", city="Kerfalla", region="XM02", country="XM")
    address.type_param = "WORK"
    card.add("org").value = ["Canton de Kerfalla", "Chefferie"]
    card.add("title").value = "Chef de canton"
    card.add("note").value = "Line one, with a comma;\nline two \\ and a backslash"
    card.add("bday").value = "1950-01-01"
    photo = card.add("photo")
    photo.value, photo.encoding_param, photo.type_param = b"\x89PNG\r\n\x1a\n" * 40, "B", "PNG"
    label = card.add("x-ablabel")
    label.value, label.group = "Marché", "item1"
    url = card.add("url")
    url.value, url.group = "https://kerfalla.example/", "item1"
    card.add("x-custom-field").value = "kept; as it is"
    return card.serialize()


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    with tempfile.TemporaryDirectory(prefix="sijil-cards-") as folder:
        world = World(sys.argv[1], folder)
        try:
            for path in sorted(FIXTURES.glob("*.vcf")):
                if "2.1" in path.name:
                    created, _, _, rejected = world.bring(path.name, path.read_bytes().decode())
                    expect(created > 0 and rejected == 0, f"{path.name} is not read")
                else:
                    nothing_is_lost(path.name, path.read_bytes().decode(), world)
            nothing_is_lost("vobject-3.0.vcf", vobject_writes(), world)
            nothing_is_lost("khard-4.0.vcf", khard_writes(world), world)
            ours = world.export()
            read = vobject_reads_all(ours)
            vobject_gives_back_all(read, world)
            khard_reads_all(ours, world)
            khard_gives_back_its_edit(world)
            print(f"{len(read)} cards went through vobject {vobject.VERSION} and khard; nothing was lost")
        except Lost as lost:
            print(f"Lost: {lost}", file=sys.stderr)
            return 1
        finally:
            world.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
