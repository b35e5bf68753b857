#!/usr/bin/env python3
"""Writes the manual pages, from what the programs say of themselves and from the documentation.

    Scripts/manual.py --binaries .build/release --output DIR

makes DIR/man1/sijil.1, a page for each verb, DIR/man1/sijil-server.1 and DIR/man7/sijil-format.7, and in
DIR/ar and DIR/fr the pages of the verbs that speak these languages. No page has anything in it that is not
in `--help`, README.md or Documentation/Format.md.
"""

import argparse
import datetime
import json
import os
import pathlib
import re
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
DATE = datetime.datetime.fromtimestamp(
    int(os.environ.get("SOURCE_DATE_EPOCH", time.time())), datetime.timezone.utc).strftime("%Y-%m-%d")

WORDS = {
    "en": dict(name="NAME", synopsis="SYNOPSIS", description="DESCRIPTION", arguments="ARGUMENTS", options="OPTIONS",
               commands="COMMANDS", examples="EXAMPLES", see="SEE ALSO", exit="EXIT STATUS", files="FILES",
               example_line="Examples:", default="Default: {}."),
    "fr": dict(name="NOM", synopsis="SYNOPSIS", description="DESCRIPTION", arguments="ARGUMENTS", options="OPTIONS",
               commands="COMMANDES", examples="EXEMPLES", see="VOIR AUSSI", exit="CODE DE RETOUR", files="FICHIERS",
               example_line="Exemples :", default="Par défaut : {}."),
    "ar": dict(name="الاسم", synopsis="الصيغة", description="الوصف", arguments="المعاملات", options="الخيارات",
               commands="الأوامر", examples="أمثلة", see="انظر أيضًا", exit="رمز الخروج", files="الملفات",
               example_line="أمثلة:", default="الافتراضي: {}."),
}


# Text for roff.

def escaped(text):
    """Pure ASCII that roff shows as it is: no dash becomes a hyphen, no quote a curly one."""
    special = {"\\": r"\e", "-": r"\-", "'": r"\(aq", "`": r"\(ga", "^": r"\(ha", "~": r"\(ti", '"': r"\(dq"}
    return "".join(special.get(c) or (c if ord(c) < 128 else "\\[u%04X]" % ord(c)) for c in text)


def line(text):
    """A line of text that is never read as a request."""
    text = escaped(text)
    return "\\&" + text if text.startswith(".") else text


def paragraph(text):
    return [".PP", line(" ".join(text.split()))]


def example(lines):
    indent = min((len(l) - len(l.lstrip()) for l in lines if l.strip()), default=0)
    return [".PP", ".RS 4", ".nf", *(line(l[indent:]) for l in lines), ".fi", ".RE"]


def heading(text):
    return ['.SH "%s"' % escaped(text)]


def prose(text):
    """The discussion of a command: paragraphs, and lines that are indented are examples."""
    out = []
    for block in re.split(r"\n\s*\n", text.strip("\n")):
        words, code = [], []
        for l in block.split("\n"):
            if l.startswith("  "):
                if words:
                    out += paragraph(" ".join(words))
                    words = []
                code.append(l)
            else:
                if code:
                    out += example(code)
                    code = []
                words.append(l)
        out += paragraph(" ".join(words)) if words else []
        out += example(code) if code else []
    return out


# A command as the program dumps it.

def value(argument):
    name = "\\fI" + escaped(argument["valueName"]) + "\\fP"
    return name + (" ..." if argument["isRepeating"] else "")


def spelling(name):
    return "\\fB" + escaped({"long": "--", "short": "-", "longWithSingleDash": "-"}[name["kind"]] + name["name"]) + "\\fP"


def shown(command):
    return [a for a in command.get("arguments", []) if a["shouldDisplay"]]


def synopsis(path, command):
    parts = ["\\fB" + escaped(" ".join(path)) + "\\fP"]
    for a in shown(command):
        if a["kind"] == "positional":
            part = value(a)
        else:
            part = spelling(a["preferredName"]) + ("" if a["kind"] == "flag" else " " + value(a))
        parts.append("[" + part + "]" if a["isOptional"] else part)
    if command.get("subcommands"):
        parts.append("\\fI" + escaped("subcommand") + "\\fP")
    return [".PP", " ".join(parts)]


def entries(arguments, words):
    out = []
    for a in arguments:
        if a["kind"] == "positional":
            head = value(a)
        else:
            head = ", ".join(spelling(n) for n in sorted(a["names"], key=lambda n: n["kind"] != "short"))
            head += "" if a["kind"] == "flag" else " " + value(a)
        out += [".TP", head, line(" ".join(a.get("abstract", "").split()) or a["valueName"])]
        if a.get("defaultValue"):
            out.append(line(words["default"].format(a["defaultValue"])))
    return out


def body(path, command, words):
    """Description, examples, arguments and options, and the same for each command below."""
    out = []
    if command.get("discussion"):
        out += prose(command["discussion"])
    own = shown(command)
    for kind, title in [(True, words["arguments"]), (False, words["options"])]:
        some = [a for a in own if (a["kind"] == "positional") == kind]
        if some:
            out += ['.SS "%s"' % escaped(title)] + entries(some, words)
    for below in commands(command):
        inner = path + [below["commandName"]]
        out += heading(" ".join(inner)) + paragraph(below.get("abstract", "")) + synopsis(inner, below)
        out += body(inner, below, words)
    return out


def commands(command):
    return [c for c in command.get("subcommands", []) if c["shouldDisplay"] and c["commandName"] != "help"]


def page(name, section, version, content):
    title = '.TH "%s" "%s" "%s" "Sijil %s" "Sijil"' % (escaped(name.upper()), section, DATE, version)
    lines = ["'\\\" t", title, ".nh", ".ad l", *content]
    # A heading begins a paragraph by itself.
    return [l for n, l in enumerate(lines) if not (l == ".PP" and re.match(r"\.S[HS] ", lines[n - 1]))]


def verb_page(path, command, version, words, see):
    name = "-".join(path)
    summary = command["abstract"].rstrip(".")
    out = heading(words["name"]) + [escaped(name) + " \\- " + escaped(summary)]
    out += heading(words["synopsis"]) + synopsis(path, command)
    out += heading(words["description"]) + paragraph(command["abstract"]) + body(path, command, words)
    out += see_also(see, words)
    return page(name, "1", version, out)


def see_also(names, words):
    return heading(words["see"]) + [", ".join("\\fB%s\\fP(%s)" % (escaped(n), s) for n, s in names)]


def main_page(command, version, words, verbs):
    name = command["commandName"]
    out = heading(words["name"]) + [escaped(name) + " \\- " + escaped(command["abstract"].rstrip("."))]
    out += heading(words["synopsis"]) + [".PP", "\\fB%s\\fP \\fIcommand\\fP [\\fIoption\\fP ...]" % escaped(name)]
    out += heading(words["description"]) + paragraph(command["abstract"])
    out += prose(command.get("discussion", ""))
    out += heading(words["commands"])
    for verb in verbs:
        out += [".TP", "\\fB%s\\fP(1)" % escaped("%s-%s" % (name, verb["commandName"])), line(verb["abstract"])]
    out += heading(words["exit"]) + documentation("README.md", "## Exit codes")
    out += heading(words["files"]) + documentation("README.md", "## Where the data lies")
    out += see_also([("sijil-server", 1), ("sijil-format", 7)], words)
    return page(name, "1", version, out)


# Markdown, as far as our documentation uses it.

def inline(text):
    text = text.replace("\t", " ")
    text = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", text)
    out = []
    for part in re.split(r"(`[^`]*`|\*\*[^*]+\*\*|\*[^*\s][^*]*\*)", text):
        if part.startswith("`") and part.endswith("`") and len(part) > 1:
            out.append("\\fB" + escaped(part[1:-1]) + "\\fP")
        elif part.startswith("**") and len(part) > 4:
            out.append("\\fB" + escaped(part[2:-2]) + "\\fP")
        elif part.startswith("*") and part.endswith("*") and len(part) > 2:
            out.append("\\fI" + escaped(part[1:-1]) + "\\fP")
        else:
            out.append(escaped(part.replace("\\|", "|")))
    text = "".join(out)
    return "\\&" + text if text.startswith((".", "'")) else text


def table(rows):
    cells = [[c.strip() for c in re.split(r"(?<!\\)\|", r.strip().strip("|"))] for r in rows]
    cells = [cells[0]] + cells[2:]
    width = max(len(r) for r in cells)
    out = [".TS", " ".join(["lB"] * width), " ".join(["lx" if i == width - 1 else "l" for i in range(width)]) + "."]
    for number, row in enumerate(cells):
        row += [""] * (width - len(row))
        out.append("\t".join("T{\n%s\nT}" % (inline(c) or "\\&") for c in row) if number else "\t".join(map(inline, row)))
    return out + [".TE"]


def markdown(lines):
    out, words, rows, code, fenced = [], [], [], [], False

    def flush():
        nonlocal words, rows, code
        if words:
            out.extend([".PP", inline(" ".join(words))])
        if rows:
            out.extend([".PP", *table(rows)])
        if code:
            out.extend(example(code))
        words, rows, code = [], [], []

    for l in lines:
        if l.startswith("```"):
            flush()
            fenced = not fenced
        elif fenced:
            code.append(l)
        elif l.startswith("    ") and not words:
            if rows:
                flush()
            code.append(l)
        elif l.startswith("#"):
            flush()
            level = len(l) - len(l.lstrip("#"))
            title = l.lstrip("# ")
            out.append('.%s "%s"' % ("SH" if level <= 2 else "SS", escaped(title.upper() if level <= 2 else title)))
        elif l.startswith("|"):
            if words or code:
                flush()
            rows.append(l)
        elif re.match(r"\s*([*-]|\d+\.) ", l):
            flush()
            mark, rest = l.strip().split(" ", 1)
            out.append('.IP "%s" 4' % ("\\(bu" if mark in "*-" else escaped(mark)))
            words = []
            out.append(inline(rest))
        elif not l.strip():
            flush()
        elif out and not words and not rows and not code and l.startswith("  "):
            out.append(inline(l.strip()))
        elif rows or code:
            flush()
            words.append(l.strip())
        else:
            words.append(l.strip())
    flush()
    return out


def documentation(path, section=None):
    lines = (ROOT / path).read_text(encoding="utf-8").split("\n")
    if section:
        start = lines.index(section) + 1
        end = next((i for i in range(start, len(lines)) if lines[i].startswith("## ")), len(lines))
        lines = lines[start:end]
    return markdown(lines)


def format_page(version):
    lines = (ROOT / "Documentation/Format.md").read_text(encoding="utf-8").split("\n")
    title = lines[0].lstrip("# ").rstrip(".")
    out = heading("NAME") + ["sijil\\-format \\- " + escaped(title)] + heading("DESCRIPTION")
    out += markdown(lines[1:]) + see_also([("sijil", 1)], WORDS["en"])
    return page("sijil-format", "7", version, out)


# Files.

def dump(program, language):
    environment = {k: v for k, v in os.environ.items() if not k.startswith("LC_") and k not in ("LANG", "LANGUAGE")}
    environment["LC_ALL"] = {"en": "C", "fr": "fr_FR.UTF-8", "ar": "ar_MA.UTF-8"}[language]
    said = subprocess.run([program, "--experimental-dump-help"], env=environment, check=True, capture_output=True)
    return json.loads(said.stdout)["command"]


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--binaries", required=True, type=pathlib.Path, help="where sijil and sijil-server are")
    parser.add_argument("--output", required=True, type=pathlib.Path, help="the folder that man1 and man7 are made in")
    options = parser.parse_args()

    def write(folder, name, section, lines):
        place = options.output / folder / ("man%d" % section)
        place.mkdir(parents=True, exist_ok=True)
        (place / ("%s.%d" % (name, section))).write_text("\n".join(lines) + "\n", encoding="ascii")

    client = options.binaries / "sijil"
    version = subprocess.run([client, "--version"], check=True, capture_output=True, text=True).stdout.strip()
    english = dump(client, "en")
    abstracts = {c["commandName"]: c["abstract"] for c in commands(english)}
    write("", "sijil", 1, main_page(english, version, WORDS["en"], commands(english)))
    for language in WORDS:
        for verb in commands(english if language == "en" else dump(client, language)):
            name = verb["commandName"]
            if language != "en" and verb["abstract"] == abstracts[name]:
                continue
            lines = verb_page(["sijil", name], verb, version, WORDS[language], [("sijil", 1)])
            write("" if language == "en" else language, "sijil-" + name, 1, lines)
    server = dump(options.binaries / "sijil-server", "en")
    write("", "sijil-server", 1, verb_page(["sijil-server"], server, version, WORDS["en"], [("sijil", 1)]))
    write("", "sijil-format", 7, format_page(version))


if __name__ == "__main__":
    sys.exit(main())
