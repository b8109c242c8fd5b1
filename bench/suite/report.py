# SPDX-License-Identifier: Apache-2.0
"""docs/performance.md and a picture for each bench, out of what the runs left. Nothing here measures anything."""

import json

from suite import picture
from suite.measure import ASK, shown

ABOUT = {
    "lookup": ("Lookups", "What Postfix asks for each recipient: keys of 1,000,000 aliases by Postfix's own `postmap -q -`, "
               "and by a raw client with 8 connections and 16 questions in flight on each. The C hash server has one thread, "
               "epoll and a table in memory, and knows no rules: no server of this protocol is quicker than that."),
    "auth": ("Sign-ins", "10,000 users over Dovecot's auth protocol, 4 connections with 4 in flight on each. Dovecot's own "
             "auth reads the same hashes from MariaDB, with an index, over a local socket."),
    "storm": ("After a restart", "The daemon is restarted, and 10,000 users with SHA512-CRYPT passwords come within 10 seconds. "
              "Who is told to come again, or is cut off, does so a second later."),
    "footprint": ("A million mailboxes", "What they take in memory and on the disk, and how long a start and a resync take."),
    "commit": ("Writes", "Each write is synced to the disk, in the record and in the copy, before it counts as done. "
               "The command is started anew for each mailbox, as `postfixadmin-cli` is."),
    "cyrus": ("Mailboxes in Cyrus", "1,000 mailboxes without folders of their own and with a quota, from the first request until "
              "the last one is ready. The bare IMAP client is signed in as Cyrus's administrator when the clock starts, and says "
              "CREATE and SETQUOTA for each, under TLS as Provost does; it records nothing and looks at nothing. Cyrus's files "
              "and Provost's are on the same disk."),
    "saslauthd": ("Sign-ins of Cyrus", "1,000 users by saslauthd's protocol, 8 clients, each sign-in on a connection of its own. "
                  "saslauthd has five processes, as Debian gives it, and asks PAM, which has the same hashes in a file of those "
                  "1,000 (libpam-pwdfile)."),
}

INTRODUCTION = """Measured beside what else would answer: {host}. Provost and its peers ran in the same machine, in the same
run, in turn, {rounds} times or more; the figures are medians, with the smallest and the largest in parentheses. Everything
ran on one host, those who asked with it. In the pictures, a red line stands where something is asked. Figures of another host than yours tell how things compare, and not how quick they
will be; this makes a page of yours (not run by the tests, which have no hour for it):"""
PAGE = """# Performance

{introduction}

    sudo bench/run all --report

[bench/README.md](../bench/README.md) tells what each bench does. Of a directory that is in use, this says how far its copy is
behind, and whether it answers:

    provost status
{sections}"""


def make(results, docs):
    """Writes the page and the pictures."""
    kept = {}
    for name in ABOUT:
        file = results / f"{name}.json"
        if not file.exists():
            raise SystemExit(f"there is no {file}: bench/run {name} leaves it")
        kept[name] = json.loads(file.read_text())
        if kept[name]["quick"]:
            raise SystemExit(f"the last run of {name} was a quick one: such figures go on no page")
    for name, run in kept.items():
        (docs / f"performance-{name}.svg").write_text(picture.drawn(run["rows"]))
    (docs / "performance.md").write_text(page(kept))


def page(kept):
    first = next(iter(kept.values()))
    rounds = min(run["rounds"] for run in kept.values())
    introduction = "\n".join(wrapped(INTRODUCTION.format(host=first["host"], rounds=rounds)))
    return PAGE.format(introduction=introduction, sections="".join(section(name, run, first["host"]) for name, run in kept.items()))


def section(name, run, host):
    """host: what the page says of all; where this run found it otherwise, the section says so."""
    title, about = ABOUT[name]
    elsewhere = [] if run["host"] == host else [f"Measured on {run['host']}."]
    lines = ["", f"## {title}", "", *wrapped(" ".join([about, *elsewhere])), "", f"![{title}: Provost beside its peers](performance-{name}.svg)", "",
             "| | Provost | | beside | ratio | asked |", "|---|---:|---|---|---:|---|"]
    lines += [table_line(row) for row in run["rows"]]
    for note in run["notes"]:
        lines += ["", *wrapped(note[0].upper() + note[1:] + ".")]
    return "\n".join(lines) + "\n"


def table_line(row):
    beside = f"{row['peer_name']} {value(row['peer'], row['peer_spread'])}" if row["peer"] is not None else ""
    ratio = shown(row["ratio"]) if row["ratio"] is not None else ""
    cells = (row["what"], value(row["ours"], row["ours_spread"]), row["unit"], beside, ratio, asked(row))
    return "| " + " | ".join(cells) + " |"


def value(median, spread):
    low, high = spread
    return shown(median) if low == high else f"{shown(median)} ({shown(low)} to {shown(high)})"


def asked(row):
    if row["ask"] is None:
        return ""
    of, how, bound = ASK.fullmatch(row["ask"]).groups()
    how = {">=": "at least", "<=": "at most", "<": "under", "=": "exactly"}[how]
    words = f"{'a ratio of ' if of == 'ratio' else ''}{how} {shown(float(bound))}"
    return words if row["met"] else f"**missed**: {words}"


def wrapped(text, width=120):
    lines, line = [], ""
    for word in text.split():
        if line and len(line) + 1 + len(word) > width:
            lines.append(line)
            line = ""
        line = f"{line} {word}".strip()
    return [*lines, line]
