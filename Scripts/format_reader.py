#!/usr/bin/env python3
"""A second reader of Sijil's byte format, written from Documentation/Format.md alone.

    python3 Scripts/format_reader.py Fixtures/Format/v1    checks every golden file, a line each
    python3 Scripts/format_reader.py --show FILE           prints one file as JSON

A file NAME.bin is what its neighbour NAME.json says ("kind"), or what its name begins with: change,
run, certificate, digest, snapshot. Only the standard library is used, and for snapshots the module
`zstandard` or else the program `zstd`. Exit code 0 when everything agrees, 1 when something differs,
64 when the command was not understood.
"""

import hashlib
import json
import pathlib
import struct
import subprocess
import sys


class Refused(Exception):
    """Bytes that are not what Format.md describes; `code` is one of its two."""

    def __init__(self, message, code="bad-data"):
        super().__init__(f"{code}: {message}")
        self.code = code


def require(condition, message, code="bad-data"):
    if not condition:
        raise Refused(message, code)


# Numbers, text, identifier


class Reader:
    def __init__(self, data, late=None):
        self.data = data
        self.at = 0
        # What is only looked at when all bytes were read: shared with the readers of inner parts.
        self.late = [] if late is None else late

    def inner(self):
        return Reader(self.counted(), self.late)

    def require_late(self, condition, message):
        if not condition:
            self.late.append(message)

    def raw(self, count):
        require(count <= len(self.data) - self.at, "the bytes end too early")
        self.at += count
        return self.data[self.at - count : self.at]

    def byte(self):
        return self.raw(1)[0]

    def varint(self):
        result = 0
        for index in range(10):
            byte = self.byte()
            require(index < 9 or byte <= 1, "a number does not fit 64 bits")
            result |= (byte & 0x7F) << (7 * index)
            if byte < 0x80:
                require(byte != 0 or index == 0, "a number is written longer than it need be")
                return result
        raise AssertionError("a tenth byte always ends a number")

    def signed(self):
        number = self.varint()
        return number >> 1 if number & 1 == 0 else -((number + 1) >> 1)

    def fixed(self):
        return struct.unpack("<Q", self.raw(8))[0]

    def identifier(self):
        return self.raw(16).hex()

    def count(self, least=1):
        """A number of things that follow, each at least `least` bytes long."""
        number = self.varint()
        require(
            number * least <= len(self.data) - self.at, "a count promises more than there is")
        return number

    def counted(self):
        return self.raw(self.varint())

    def text(self):
        return utf8(self.counted())

    def end(self):
        require(self.at == len(self.data), "there are bytes after the end")


def utf8(data):
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        raise Refused("a text is not UTF-8") from None


def varint(number):
    result = bytearray()
    while number >= 0x80:
        result.append(number & 0x7F | 0x80)
        number >>= 7
    result.append(number)
    return bytes(result)


def signed(number):
    return varint(2 * number if number >= 0 else -2 * number - 1)


def text(string):
    data = string.encode("utf-8")
    return varint(len(data)) + data


# Value

TEXT_LIMIT, NAME_LIMIT, NOTE_LIMIT = 65_536, 128, 2_048
CHANGE_LIMIT, RECORDS_LIMIT, DISPLAY_NAME_LIMIT = 196_608, 4_096, 256
ERASED_CHANGE_LIMIT = CHANGE_LIMIT + 32 * (RECORDS_LIMIT + 1)
REMOVED = 31


def read_value(tag, reader, limit):
    if tag == 0:
        return {"none": None}
    if tag == 1:
        content = reader.text()
        reader.require_late(len(content.encode()) <= limit, "a text is larger than allowed")
        reader.require_late("\0" not in content, "a text holds U+0000")
        return {"text": content}
    if tag == 2:
        return {"integer": reader.signed()}
    if tag == 3:
        bits = reader.fixed()
        reader.require_late(
            bits >> 52 & 0x7FF != 0x7FF and bits != 1 << 63, "a real cannot be")
        return {"real": f"{bits:016x}"}
    if tag in (4, 5):
        return {"boolean": tag == 5}
    if tag == 6:
        return {"date": read_date(reader)}
    if tag == 7:
        return {"reference": reader.identifier()}
    require(8 <= tag <= 30, "a value has a tag that cannot be")
    content = reader.counted()
    reader.require_late(len(content) <= limit, "a value is larger than allowed")
    return {"unknown": tag, "bytes": content.hex()}


def read_date(reader):
    year, month, day = reader.varint(), reader.byte(), reader.byte()
    leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    days = [0, 31, 29 if leap else 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
    require(year <= 9999 and month <= 12 and day <= days[month], "a date does not exist")
    return f"{year:04}" + (f"-{month:02}" if month else "") + (f"-{day:02}" if day else "")


def value_bytes(value):
    """The byte form of a value as this reader prints it."""
    if "none" in value:
        return b"\0"
    if "text" in value:
        return b"\1" + text(value["text"])
    if "integer" in value:
        return b"\2" + signed(value["integer"])
    if "real" in value:
        return b"\3" + bytes.fromhex(value["real"])[::-1]
    if "boolean" in value:
        return b"\5" if value["boolean"] else b"\4"
    if "date" in value:
        parts = [int(part) for part in value["date"].split("-")] + [0, 0]
        return b"\6" + varint(parts[0]) + bytes(parts[1:3])
    if "reference" in value:
        return b"\7" + bytes.fromhex(value["reference"])
    content = bytes.fromhex(value["bytes"])
    return bytes([value["unknown"]]) + varint(len(content)) + content


# Change


def check_version(reader):
    version = reader.byte()
    require(version != 0, "version 0")
    require(version == 1, f"version {version}", "future-version")


def read_flags(reader, known):
    flags = reader.byte()
    require(flags & ~known == 0, "a reserved flag", "future-version")
    return flags


class Change:
    """A decoded change: its content as JSON has it, and what its hash is made of."""

    def __init__(self, data):
        require(len(data) <= ERASED_CHANGE_LIMIT, "a change is larger than allowed")
        self.size = len(data)
        reader = Reader(data)
        check_version(reader)
        flags = read_flags(reader, 7)
        self.keys_in_leaves = flags & 4 != 0
        written_at = reader.signed()
        offset = reader.signed() if flags & 1 else None
        seen = self.read_seen(reader)
        self.names = self.read_names(reader)
        self.used = set()
        self.head = data[: reader.at]

        form = reader.byte()
        require(form <= 1, "an unknown form of body", "future-version")
        is_whole = form == 0
        require(not is_whole or len(data) <= CHANGE_LIMIT, "a change is larger than allowed")
        self.secret = reader.raw(16) if is_whole else None
        # Each: the hash if it was erased, else the salt if it stands there, the record, the content.
        self.leaves = []
        note = None
        erased = []
        if flags & 2 and not is_whole:
            self.leaves.append((reader.raw(32), None, None, None))
        elif flags & 2:
            content = reader.counted()
            note = utf8(content)
            reader.require_late(len(content) <= NOTE_LIMIT, "a note is longer than allowed")
            self.leaves.append((None, None, bytes(16), content))
        edits = []
        record = 0
        count = reader.count(least=5)
        require(count <= RECORDS_LIMIT, "too many records")
        room = 0
        for index in range(count):
            step = self.read_step(reader)
            require(step > 0 or index == 0, "the records are not in order")
            record += step
            require(record < 1 << 128, "the records are not in order")
            identifier = record.to_bytes(16, "big")
            salt = None
            leaf = reader.at
            if not is_whole:
                state = reader.byte()
                require(state <= 1, "a leaf is neither there nor erased")
                if state == 0:
                    self.leaves.append((reader.raw(32), None, None, None))
                    erased.append(identifier.hex())
                    continue
                salt = reader.raw(16)
            content = reader.inner()
            self.leaves.append((None, salt, identifier, content.data))
            edits.append({"record": identifier.hex(), **self.read_edit(content)})
            room += max(0, 33 - (reader.at - leaf))
        reader.end()
        reader.require_late(
            is_whole or len(data) + room <= ERASED_CHANGE_LIMIT,
            "a change would be larger than allowed if more of it were erased")
        reader.require_late(count > 0, "a change touches no record")
        require(is_whole or erased, "nothing was erased")
        reader.require_late(
            not is_whole or len(self.used) == len(self.names), "a name is listed and not used")
        require(not reader.late, reader.late and reader.late[0])
        self.content = {
            "seen": seen,
            "written_at": written_at,
            "clock_offset": offset,
            "note": note,
            "edits": edits,
        }
        if self.keys_in_leaves:
            self.content["keys_in_leaves"] = True
        if not is_whole:
            self.content["erased"] = erased

    @staticmethod
    def read_seen(reader):
        seen = []
        for _ in range(reader.count(least=17)):
            entry = {"replica": reader.identifier(), "sequence": reader.varint()}
            require(0 < entry["sequence"] < 1 << 63, "a sequence cannot be")
            require(
                not seen or seen[-1]["replica"] < entry["replica"], "seen is not in order")
            seen.append(entry)
        return seen

    @staticmethod
    def read_names(reader):
        names = []
        for _ in range(reader.count(least=2)):
            name = reader.text()
            reader.require_late(
                1 <= len(name.encode()) <= NAME_LIMIT, "a name is empty or too long")
            reader.require_late("\0" not in name, "a name holds U+0000")
            require(not names or names[-1].encode() < name.encode(), "names are not in order")
            names.append(name)
        return names

    @staticmethod
    def read_step(reader):
        count = reader.byte()
        require(count <= 16, "a step is too long")
        content = reader.raw(count)
        require(not content.startswith(b"\0"), "a step is written longer than it need be")
        return int.from_bytes(content, "big")

    def read_name(self, reader):
        number = reader.varint()
        require(number < len(self.names), "a name is missing")
        self.used.add(number)
        return self.names[number]

    def read_edit(self, reader):
        kind = self.read_name(reader)
        flags = read_flags(reader, 3)
        operations = []
        cells = set()
        for _ in range(reader.count(least=2)):
            field = self.read_name(reader)
            form = reader.byte()
            key = self.read_key(form >> 5, reader)
            cell = (field, value_bytes(key))
            reader.require_late(cell not in cells, "a cell is named twice")
            cells.add(cell)
            tag = form & 31
            effect = (
                {"remove": True}
                if tag == REMOVED
                else {"put": read_value(tag, reader, TEXT_LIMIT)})
            operations.append({"field": field, "key": key, **effect})
        reader.end()
        require(flags < 2 or flags == 2 and not operations, "an edit erases and says more")
        edit = {"type": kind, "deletes": flags == 1, "operations": operations}
        return {**edit, "erases": True} if flags == 2 else edit

    def read_key(self, form, reader):
        if form == 0:
            return {"none": None}
        if form == 1 and not self.keys_in_leaves:
            return {"text": self.read_name(reader)}
        if form == 3 and self.keys_in_leaves:
            key = reader.text()
            require(1 <= len(key.encode()) <= NAME_LIMIT, "a key is empty or too long")
            require("\0" not in key, "a key holds U+0000")
            return {"text": key}
        require(form == 2, "a reserved form of key")
        tag = reader.byte()
        require(tag > 1, "a key has the wrong form")
        return read_value(tag, reader, NAME_LIMIT)

    # Hash

    def hashes(self, place):
        leaves = []
        for index, (known, salt, record, content) in enumerate(self.leaves):
            if known is not None:
                leaves.append(known)
                continue
            if salt is None:
                salt = siphash128(self.secret, varint(index)).to_bytes(16, "big")
            leaves.append(sha256(b"sijil leaf 1" + salt + record + content))
        body = sha256(b"sijil body 1" + b"".join(leaves))
        change = sha256(
            b"sijil change 1"
            + bytes.fromhex(place["collection"])
            + bytes.fromhex(place["replica"])
            + struct.pack("<Q", place["sequence"])
            + bytes.fromhex(place["previous"])
            + varint(len(self.head))
            + self.head
            + body)
        return {
            "leaves": [leaf.hex() for leaf in leaves],
            "body": body.hex(),
            "change": change.hex(),
        }

    def siblings(self, place):
        """What this change adds to a collection that holds nothing else."""
        for edit in self.content["edits"]:
            cells = [
                (operation["field"], operation["key"], operation["put"])
                for operation in edit["operations"]
                if "put" in operation
            ]
            if edit.get("erases"):
                cells.append(("", {"boolean": True}, {"boolean": True}))
            else:
                cells.append(("", {"none": None}, {"boolean": edit["deletes"]}))
            for field, key, value in cells:
                yield {
                    "record": edit["record"],
                    "type": edit["type"],
                    "field": field,
                    "key": key,
                    "replica": place["replica"],
                    "sequence": place["sequence"],
                    "value": value,
                }

    def description(self, place):
        return {
            "kind": "change",
            "size": self.size,
            "place": place,
            "content": self.content,
            "hashes": self.hashes(place),
            "digest": digest(item(sibling) for sibling in self.siblings(place)),
        }


def sha256(data):
    return hashlib.sha256(data).digest()


def siphash128(key, message):
    """SipHash-2-4 with 128 bits: the first eight bytes of the usual output are the low half."""
    mask = (1 << 64) - 1
    k0, k1 = struct.unpack("<QQ", key)
    v0 = k0 ^ int.from_bytes(b"somepseu", "big")
    v1 = k1 ^ int.from_bytes(b"dorandom", "big") ^ 0xEE
    v2 = k0 ^ int.from_bytes(b"lygenera", "big")
    v3 = k1 ^ int.from_bytes(b"tedbytes", "big")

    def rotated(word, count):
        return (word << count | word >> (64 - count)) & mask

    def rounds(count):
        nonlocal v0, v1, v2, v3
        for _ in range(count):
            v0 = (v0 + v1) & mask
            v2 = (v2 + v3) & mask
            v1 = rotated(v1, 13) ^ v0
            v3 = rotated(v3, 16) ^ v2
            v0 = rotated(v0, 32)
            v2 = (v2 + v1) & mask
            v0 = (v0 + v3) & mask
            v1 = rotated(v1, 17) ^ v2
            v3 = rotated(v3, 21) ^ v0
            v2 = rotated(v2, 32)

    padded = message + bytes(7 - len(message) % 8) + bytes([len(message) & 0xFF])
    for (word,) in struct.iter_unpack("<Q", padded):
        v3 ^= word
        rounds(2)
        v0 ^= word
    v2 ^= 0xEE
    rounds(4)
    low = v0 ^ v1 ^ v2 ^ v3
    v1 ^= 0xDD
    rounds(4)
    return (v0 ^ v1 ^ v2 ^ v3) << 64 | low


# Digest


def item(sibling):
    return siphash128(
        bytes(16),
        bytes.fromhex(sibling["record"])
        + text(sibling["type"])
        + text(sibling["field"])
        + value_bytes(sibling["key"])
        + bytes.fromhex(sibling["replica"])
        + varint(sibling["sequence"])
        + value_bytes(sibling["value"]))


def digest(items):
    return f"{sum(items) % (1 << 128):032x}"


def describe_digest(data, known):
    require(len(data) == 16, "a digest is 16 bytes")
    siblings = [{**sibling, "item": f"{item(sibling):032x}"} for sibling in known["siblings"]]
    counted = digest(item(sibling) for sibling in siblings)
    require(counted == data.hex(), "the items do not add up to the digest")
    return {"kind": "digest", "digest": counted, "siblings": siblings}


# Run


def describe_run(data, known):
    reader = Reader(data)
    check_version(reader)
    flags = read_flags(reader, 1)
    author = reader.identifier()
    first = reader.varint()
    previous = reader.raw(32).hex() if flags & 1 else None
    count = reader.count()
    require(first > 0 and count > 0 and first + count <= (1 << 63) - 1, "a sequence cannot be")
    changes = [Change(reader.counted()) for _ in range(count)]
    signature = reader.raw(64)
    reader.end()

    before = known["before"]
    require(previous in (None, before), "the run stands on another hash than is known")
    descriptions = []
    last = before
    for number, change in enumerate(changes):
        place = {
            "collection": known["collection"],
            "replica": author,
            "sequence": first + number,
            "previous": last,
        }
        descriptions.append(change.description(place))
        last = descriptions[-1]["hashes"]["change"]
    public_key = bytes.fromhex(known["public_key"])
    message = b"sijil run 1" + bytes.fromhex(last)
    require(sha256(public_key)[:16].hex() == author, "the author's identifier is not the key's")
    require(ed25519_holds(public_key, message, signature), "the signature does not hold")
    return {
        "kind": "run",
        "author": author,
        "public_key": public_key.hex(),
        "first": first,
        "previous": previous,
        "collection": known["collection"],
        "before": before,
        "changes": descriptions,
        "signed_message": message.hex(),
        "signature": signature.hex(),
    }


# Certificate


def describe_certificate(data, known):
    reader = Reader(data)
    check_version(reader)
    replica = reader.identifier()
    public_key = reader.raw(32)
    name = reader.text()
    require(len(name.encode()) <= DISPLAY_NAME_LIMIT, "a replica's name is longer than allowed")
    issued_at = reader.signed()
    message = b"sijil certificate 1" + data[1 : reader.at]
    signature = reader.raw(64)
    reader.end()
    authority = bytes.fromhex(known["authority"])
    require(sha256(public_key)[:16].hex() == replica, "the replica's identifier is not the key's")
    require(ed25519_holds(authority, message, signature), "the signature does not hold")
    return {
        "kind": "certificate",
        "authority": authority.hex(),
        "replica": replica,
        "public_key": public_key.hex(),
        "name": name,
        "issued_at": issued_at,
        "signed_message": message.hex(),
        "signature": signature.hex(),
    }


# Snapshot

PIECE_LIMIT, MANIFEST_LIMIT, HEAD_LIMIT = 262_144, 33_554_432, 67_108_864
COST_LIMIT = 262_080


def certificate_holds(data, authority):
    """Reads a certificate at the beginning of `data`; gives it and how many bytes it has."""
    reader = Reader(data)
    check_version(reader)
    replica = reader.identifier()
    public_key = reader.raw(32)
    reader.text()
    reader.signed()
    message = b"sijil certificate 1" + data[1 : reader.at]
    signature = reader.raw(64)
    require(sha256(public_key)[:16].hex() == replica, "the replica's identifier is not the key's")
    require(ed25519_holds(authority, message, signature), "a certificate does not hold")
    return replica, public_key, reader.at


class Manifest:
    def __init__(self, data):
        require(len(data) <= MANIFEST_LIMIT, "a manifest is larger than allowed")
        reader = Reader(data)
        check_version(reader)
        self.collection = reader.identifier()
        self.authors = []
        for _ in range(reader.count(least=50)):
            author = {
                "replica": reader.identifier(),
                "sequence": reader.varint(),
                "hash": reader.raw(32).hex(),
            }
            require(author["sequence"] > 0, "a sequence cannot be")
            require(
                not self.authors or self.authors[-1]["replica"] < author["replica"],
                "authors are not in order")
            self.authors.append(author)
        self.position = sum(author["sequence"] for author in self.authors)
        require(self.position < (1 << 63) - 1, "a sequence cannot be")
        for number, author in enumerate(self.authors):
            author["seen"] = []
            place = 0
            for _ in range(reader.count(least=2)):
                place += reader.varint()
                sequence = reader.varint()
                require(place < len(self.authors) and place != number, "seen by nobody")
                other = self.authors[place]
                require(0 < sequence <= other["sequence"], "seen is not in the snapshot")
                author["seen"].append({"replica": other["replica"], "sequence": sequence})
                place += 1
        self.records = reader.varint()
        self.pieces = []
        for _ in range(reader.count(least=33)):
            piece = {"hash": reader.raw(32).hex(), "size": reader.varint()}
            require(0 < piece["size"] <= PIECE_LIMIT, "a piece is larger than allowed")
            self.pieces.append(piece)
        self.digest = reader.identifier()
        reader.end()


def steps(reader, limit, least=1):
    """Ascending numbers below `limit`, written as steps, and what `least` - 1 bytes more belongs to each."""
    place = 0
    for _ in range(reader.count(least)):
        place += reader.varint()
        require(place < limit, "a step leads too far")
        yield place
        place += 1


# The cell of a record that was erased.
ERASURE = ("", {"boolean": True})


class Piece:
    def __init__(self, data, authors):
        reader = self.reader = Reader(data)
        check_version(reader)
        self.continues = read_flags(reader, 1) == 1
        self.names = Change.read_names(reader)
        require(not reader.late, reader.late and reader.late[0])
        self.used, self.used_dots = set(), set()
        self.cost = 0
        self.read_dots(authors)
        self.records = []
        types = []
        for _ in range(reader.count(least=16)):
            types.append(self.name())
            require(len(types) == 1 or types[-2].encode() < types[-1].encode(), "types' order")
            self.read_group(types[-1])
        reader.end()
        require(not reader.late, reader.late and reader.late[0])
        require(types, "a piece is empty")
        require(len(self.used) == len(self.names), "a name is listed and not used")
        require(len(self.used_dots) == len(self.dots), "a change is listed and not used")
        require(not self.continues or len(self.records) == 1, "a part has other records in it")
        require(self.cost <= COST_LIMIT, "a piece costs more than allowed")

    def name(self):
        number = self.reader.varint()
        require(number < len(self.names), "a name is missing")
        self.used.add(number)
        return self.names[number]

    def read_dots(self, authors):
        reader = self.reader
        counts = []
        for author in steps(reader, len(authors), 4):
            counts.append((authors[author]["replica"], reader.count(2)))
            require(counts[-1][1] > 0, "an author without a change")
        self.dots = []
        for replica, count in counts:
            sequence = 0
            for _ in range(count):
                sequence += reader.varint() + 1
                require(sequence < 1 << 63, "a sequence cannot be")
                self.dots.append({"replica": replica, "sequence": sequence})
        at = 0
        for dot in self.dots:
            at = (at + reader.signed() + (1 << 63)) % (1 << 64) - (1 << 63)
            dot["at"] = at
        self.cost += 28 * len(self.dots)

    def read_group(self, kind):
        reader = self.reader
        count = reader.count(least=12)
        require(count > 0, "a type without records")
        self.cost += 20 + len(kind.encode()) + 20 * count
        times, time = [], 0
        for _ in range(count):
            time += reader.varint()
            require(time < 1 << 48, "a record's identifier cannot be")
            times.append(time)
        ids = [f"{time:012x}" + reader.raw(10).hex() for time in times]
        require(all(a < b for a, b in zip(ids, ids[1:])), "records are not in order")
        bases, base = [], 0
        for _ in range(count):
            base += reader.signed()
            require(0 <= base < len(self.dots), "a base is missing")
            bases.append(base)
        cells = [[] for _ in ids]
        before = None
        columns = reader.count(least=6)
        for _ in range(columns):
            name = self.read_column(bases, cells)
            require(before is None or before < name, "columns are not in order")
            before = name
        for record, identifier in enumerate(ids):
            dots = [dot for _, _, siblings in cells[record] for dot, _ in siblings]
            require(dots, "a record without a cell")
            erased = [key for field, key, _ in cells[record] if (field, key) == ERASURE]
            require(not erased or len(cells[record]) == 1, "an erased record with another cell")
            common = min(set(dots), key=lambda dot: (-dots.count(dot), dot))
            require(common == bases[record], "a record has the wrong base")
            self.used_dots.update(dots)
            self.records.append({
                "type": kind,
                "id": identifier,
                "cells": [
                    {
                        "field": field,
                        "key": key,
                        "siblings": [{**self.dots[dot], "value": value} for dot, value in siblings],
                    }
                    for field, key, siblings in cells[record]
                ],
            })

    def read_column(self, bases, cells):
        reader = self.reader
        number = reader.varint()
        require(number <= len(self.names), "a name is missing")
        field = self.names[number - 1] if number else ""
        if number:
            self.used.add(number - 1)
        key = read_value(reader.byte(), reader, NAME_LIMIT)
        is_erasure = number == 0 and key == {"boolean": True}
        require(number > 0 or "none" in key or is_erasure, "the liveness cell has a key")
        require(key.get("text") != "", "a key without a byte")
        self.cost += 20 + len(field.encode()) + len(value_bytes(key))
        present = self.read_presence(len(bases))
        counts = [1] * len(present)
        for place in steps(reader, len(present), 2):
            counts[place] = reader.varint() + 2
            self.cost += 6
            require(self.cost <= COST_LIMIT, "a piece costs more than allowed")
        total = sum(counts)
        self.cost += 4 * total
        require(self.cost <= COST_LIMIT, "a piece costs more than allowed")
        tag = reader.byte()
        tags = [tag] * total if tag != 255 else list(reader.raw(total))
        require(tag != 255 or len(set(tags)) > 1, "tags that are one")
        require(all(tag <= 30 for tag in tags), "a value has a tag that cannot be")
        require(number > 0 or set(tags) <= {4, 5}, "neither alive nor deleted")
        require(not is_erasure or set(tags) <= {5}, "erased and not erased")
        dots = [
            bases[record] for record, several in zip(present, counts) for _ in range(several)]
        exceptions = set()
        for place in steps(reader, total, 2):
            dot = reader.varint()
            require(dot < len(self.dots) and dot != dots[place], "an exception that is none")
            dots[place] = dot
            exceptions.add(place)
        self.cost += 6 * len(exceptions)
        start = reader.at
        values = self.read_payloads(tags)
        self.cost += reader.at - start
        place = 0
        for record, several in zip(present, counts):
            siblings = list(zip(dots, values))[place : place + several] if several > 1 else [
                (dots[place], values[place])]
            require(
                all(a[0] < b[0] for a, b in zip(siblings, siblings[1:])), "siblings' order")
            cells[record].append((field, key, siblings))
            place += several
        return (field.encode(), value_bytes(key))

    def read_presence(self, records):
        reader = self.reader
        form = reader.byte()
        if form == 0:
            return list(range(records))
        size = (records + 7) // 8
        if form == 1:
            bits = int.from_bytes(reader.raw(size), "little")
            require(bits < 1 << records, "a bit for no record")
            present = [record for record in range(records) if bits >> record & 1]
            gaps = [b - a - 1 for a, b in zip([-1] + present, present)]
            list_size = len(varint(len(present))) + sum(len(varint(gap)) for gap in gaps)
            require(list_size >= size, "bits where a list is shorter")
        else:
            require(form == 2, "a form of column that cannot be")
            start = reader.at
            present = list(steps(reader, records))
            require(reader.at - start < size, "a list where bits are shorter")
        require(0 < len(present) < records, "a column of none or all")
        return present

    def read_payloads(self, tags):
        reader = self.reader
        values = [None] * len(tags)
        for tag in sorted(set(tags)):
            places = [place for place, other in enumerate(tags) if other == tag]
            for place, value in zip(places, self.read_kind(tag, len(places))):
                values[place] = value
        return values

    def read_kind(self, tag, count):
        reader = self.reader
        if tag in (0, 4, 5, 2, 3):
            return [read_value(tag, reader, TEXT_LIMIT) for _ in range(count)]
        if tag == 6:
            parts = [
                [reader.varint() for _ in range(count)],
                list(reader.raw(count)),
                list(reader.raw(count)),
            ]
            return [
                read_value(6, Reader(varint(year) + bytes([month, day])), 0)
                for year, month, day in zip(*parts)
            ]
        if tag == 7:
            heads = [reader.raw(6) for _ in range(count)]
            return [{"reference": (head + reader.raw(10)).hex()} for head in heads]
        sizes = [reader.varint() for _ in range(count)]
        return [
            read_value(tag, Reader(varint(size) + reader.raw(size), reader.late), TEXT_LIMIT)
            for size in sizes
        ]


def unpacked(data, size):
    """What a frame of Zstandard holds: exactly `size` bytes."""
    try:
        import zstandard

        content = zstandard.ZstdDecompressor().decompress(data, max_output_size=size)
    except ImportError:
        content = subprocess.run(
            ["zstd", "-d", "-c", "-q"], input=data, capture_output=True, check=False).stdout
    require(len(content) == size, "a piece is not as large as its manifest says")
    return content


def joined(records, piece):
    """The records of another piece put behind those before it."""
    if not piece.continues:
        return records + piece.records
    require(records, "the first piece goes on")
    (last, part) = (records[-1], piece.records[0])
    require((last["type"], last["id"]) == (part["type"], part["id"]), "it goes on elsewhere")
    cells, more = last["cells"], part["cells"]
    if (cells[-1]["field"], cells[-1]["key"]) == (more[0]["field"], more[0]["key"]):
        cells[-1]["siblings"] += more[0]["siblings"]
        more = more[1:]
    return records[:-1] + [{**last, "cells": cells + more}]


def shortened(value):
    content = value.get("text", "").encode()
    if len(content) <= 200:
        return value
    return {"text_sha256": sha256(content).hex(), "size": len(content)}


def describe_snapshot(data, known):
    reader = Reader(data)
    require(reader.raw(8) == b"SIJILSNP", "the file is not a snapshot")
    check_version(reader)
    content = reader.counted()
    require(len(content) <= HEAD_LIMIT, "a head is larger than allowed")
    head = Reader(content)
    manifest_bytes = head.counted()
    manifest = Manifest(manifest_bytes)
    epoch = head.identifier()
    authority = bytes.fromhex(known["authority"])
    keys = {}
    for _ in range(head.count(least=115)):
        replica, key, size = certificate_holds(head.data[head.at :], authority)
        head.raw(size)
        require(not keys or max(keys) < replica, "certificates are not in order")
        keys[replica] = key
    origin = head.identifier()
    signature = head.raw(64)
    head.end()
    root = sha256(b"sijil snapshot 1" + manifest_bytes)
    message = b"sijil snapshot origin 1" + bytes.fromhex(epoch) + root
    require(origin in keys, "the origin's certificate is missing")
    require(ed25519_holds(keys[origin], message, signature), "the signature does not hold")
    require(
        all(author["replica"] in keys for author in manifest.authors), "a certificate is missing")

    records, pieces = [], []
    for expected in manifest.pieces:
        compressed = reader.counted()
        require(len(compressed) <= PIECE_LIMIT + 4096, "a piece is larger than allowed")
        content = unpacked(compressed, expected["size"])
        require(sha256(content).hex() == expected["hash"], "a piece is another")
        piece = Piece(content, manifest.authors)
        records = joined(records, piece)
        pieces.append({**expected, "continues": piece.continues})
    reader.end()
    require(len(records) == manifest.records, "the number of records is another")
    order = [(record["type"].encode(), record["id"]) for record in records]
    require(all(a < b for a, b in zip(order, order[1:])), "records are not in order")
    items = []
    for record in records:
        require(record["cells"][0]["field"] == "", "a record without a liveness cell")
        for cell in record["cells"]:
            for sibling in cell["siblings"]:
                items.append(item({
                    "record": record["id"], "type": record["type"], "field": cell["field"],
                    "key": cell["key"], **sibling}))
                sibling["value"] = shortened(sibling["value"])
    require(digest(items) == manifest.digest, "the records are not the digest's")
    return {
        "kind": "snapshot",
        "authority": authority.hex(),
        "epoch": epoch,
        "origin": origin,
        "certificates": list(keys),
        "root": root.hex(),
        "collection": manifest.collection,
        "position": manifest.position,
        "authors": manifest.authors,
        "pieces": pieces,
        "digest": manifest.digest,
        "records": records,
    }


# Ed25519 (RFC 8032, section 5.1): only to verify, so nothing is secret and time may tell all.

PRIME = 2**255 - 19
ORDER = 2**252 + 27742317777372353535851937790883648493
CURVE = -121665 * pow(121666, -1, PRIME) % PRIME


def point_from(data):
    """The point that 32 bytes name: (X, Y, Z, T) with x = X/Z, y = Y/Z, x·y = T/Z; None if none."""
    number = int.from_bytes(data, "little")
    sign, y = number >> 255, number & ((1 << 255) - 1)
    if y >= PRIME:
        return None
    square = (y * y - 1) * pow(CURVE * y * y + 1, -1, PRIME) % PRIME
    x = pow(square, (PRIME + 3) // 8, PRIME)
    if (x * x - square) % PRIME != 0:
        x = x * pow(2, (PRIME - 1) // 4, PRIME) % PRIME
    if (x * x - square) % PRIME != 0 or (x == 0 and sign == 1):
        return None
    if x & 1 != sign:
        x = PRIME - x
    return (x, y, 1, x * y % PRIME)


def point_sum(left, right):
    a = (left[1] - left[0]) * (right[1] - right[0]) % PRIME
    b = (left[1] + left[0]) * (right[1] + right[0]) % PRIME
    c = 2 * left[3] * right[3] * CURVE % PRIME
    d = 2 * left[2] * right[2] % PRIME
    e, f, g, h = b - a, d - c, d + c, b + a
    return (e * f % PRIME, g * h % PRIME, f * g % PRIME, e * h % PRIME)


def point_times(number, point):
    result = (0, 1, 1, 0)
    while number:
        if number & 1:
            result = point_sum(result, point)
        point = point_sum(point, point)
        number >>= 1
    return result


def is_same_point(left, right):
    return (
        (left[0] * right[2] - right[0] * left[2]) % PRIME == 0
        and (left[1] * right[2] - right[1] * left[2]) % PRIME == 0)


BASE = point_from((4 * pow(5, -1, PRIME) % PRIME).to_bytes(32, "little"))


def ed25519_holds(public_key, message, signature):
    key, commitment = point_from(public_key), point_from(signature[:32])
    scalar = int.from_bytes(signature[32:], "little")
    if key is None or commitment is None or scalar >= ORDER:
        return False
    challenge = hashlib.sha512(signature[:32] + public_key + message).digest()
    factor = int.from_bytes(challenge, "little") % ORDER
    return is_same_point(
        point_times(scalar, BASE), point_sum(commitment, point_times(factor, key)))


# The command


def describe(file, known):
    data = file.read_bytes()
    kind = known["kind"] if known else file.stem.split("-")[0]
    if kind == "change":
        change = Change(data)
        if known:
            return change.description(known["place"])
        return {"kind": "change", "size": change.size, "content": change.content}
    require(known is not None, "only a change can be shown without its .json")
    readers = {
        "run": describe_run, "certificate": describe_certificate, "digest": describe_digest,
        "snapshot": describe_snapshot}
    require(kind in readers, f"{kind} is no kind of file")
    return readers[kind](data, known)


def difference(ours, theirs, path=""):
    """Where two descriptions differ first, in words; None if nowhere."""
    if type(ours) is not type(theirs):
        return f"{path or 'all'}: {ours!r} was read, {theirs!r} is described"
    if isinstance(ours, dict):
        if ours.keys() != theirs.keys():
            odd = sorted(ours.keys() ^ theirs.keys())
            return f"{path or 'all'}: only one side has {', '.join(odd)}"
        pairs = [(f"{path}.{key}".lstrip("."), ours[key], theirs[key]) for key in ours]
    elif isinstance(ours, list):
        if len(ours) != len(theirs):
            return f"{path}: {len(ours)} were read, {len(theirs)} are described"
        pairs = [(f"{path}[{index}]", *pair) for index, pair in enumerate(zip(ours, theirs))]
    else:
        return None if ours == theirs else f"{path}: {ours!r} was read, {theirs!r} is described"
    for inner, left, right in pairs:
        found = difference(left, right, inner)
        if found:
            return found
    return None


def known_of(file):
    neighbour = file.with_suffix(".json")
    return json.loads(neighbour.read_text("utf-8")) if neighbour.exists() else None


def check(file):
    known = known_of(file)
    if known is None:
        return "there is no .json beside it"
    try:
        return difference(describe(file, known), known)
    except Refused as refused:
        return str(refused)


def main(arguments):
    if len(arguments) == 2 and arguments[0] == "--show":
        file = pathlib.Path(arguments[1])
        try:
            shown = describe(file, known_of(file))
        except (OSError, Refused) as problem:
            print(f"{file.name}: {problem}", file=sys.stderr)
            return 1
        print(json.dumps(shown, ensure_ascii=False, indent=2))
        return 0
    if len(arguments) != 1 or arguments[0].startswith("-"):
        print(__doc__.strip(), file=sys.stderr)
        return 64
    folder = pathlib.Path(arguments[0])
    files = sorted(folder.glob("*.bin"))
    bad = 0
    for file in files:
        problem = check(file)
        bad += problem is not None
        size = file.stat().st_size
        print(f"{file.name}: {size} bytes, {'as described' if problem is None else problem}")
    strays = sorted(
        path.name for path in folder.glob("*.json") if not path.with_suffix(".bin").exists())
    for stray in strays:
        print(f"{stray}: there is no .bin beside it")
    if not files or bad or strays:
        print(f"{bad + len(strays)} of {len(files)} files differ in {folder}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
