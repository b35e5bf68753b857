#!/usr/bin/env python3
"""A second reader of Sijil's byte format, written from Documentation/Format.md alone.

    python3 Scripts/format_reader.py Fixtures/Format/v1    checks every golden file, a line each
    python3 Scripts/format_reader.py --show FILE           prints one file as JSON

A file NAME.bin is what its neighbour NAME.json says ("kind"), or what its name begins with: change,
run, certificate, digest. Only the standard library is used. Exit code 0 when everything agrees, 1
when something differs, 64 when the command was not understood.
"""

import hashlib
import json
import pathlib
import struct
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
        require(len(data) <= CHANGE_LIMIT, "a change is larger than allowed")
        self.size = len(data)
        reader = Reader(data)
        check_version(reader)
        flags = read_flags(reader, 3)
        written_at = reader.signed()
        offset = reader.signed() if flags & 1 else None
        seen = self.read_seen(reader)
        self.names = self.read_names(reader)
        self.used = set()
        self.head = data[: reader.at]

        require(reader.byte() == 0, "an unknown form of body", "future-version")
        self.secret = reader.raw(16)
        self.leaves = []
        note = None
        if flags & 2:
            content = reader.counted()
            note = utf8(content)
            reader.require_late(len(content) <= NOTE_LIMIT, "a note is longer than allowed")
            self.leaves.append((bytes(16), content))
        edits = []
        record = 0
        count = reader.count(least=5)
        require(count <= RECORDS_LIMIT, "too many records")
        for index in range(count):
            step = self.read_step(reader)
            require(step > 0 or index == 0, "the records are not in order")
            record += step
            require(record < 1 << 128, "the records are not in order")
            content = reader.inner()
            identifier = record.to_bytes(16, "big")
            self.leaves.append((identifier, content.data))
            edits.append({"record": identifier.hex(), **self.read_edit(content)})
        reader.end()
        reader.require_late(count > 0, "a change touches no record")
        reader.require_late(len(self.used) == len(self.names), "a name is listed and not used")
        require(not reader.late, reader.late and reader.late[0])
        self.content = {
            "seen": seen,
            "written_at": written_at,
            "clock_offset": offset,
            "note": note,
            "edits": edits,
        }

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
        flags = read_flags(reader, 1)
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
        return {"type": kind, "deletes": flags == 1, "operations": operations}

    def read_key(self, form, reader):
        if form == 0:
            return {"none": None}
        if form == 1:
            return {"text": self.read_name(reader)}
        require(form == 2, "a reserved form of key")
        tag = reader.byte()
        require(tag > 1, "a key has the wrong form")
        return read_value(tag, reader, NAME_LIMIT)

    # Hash

    def hashes(self, place):
        leaves = []
        for index, (record, content) in enumerate(self.leaves):
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
            ] + [("", {"none": None}, {"boolean": edit["deletes"]})]
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
        "run": describe_run, "certificate": describe_certificate, "digest": describe_digest}
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
