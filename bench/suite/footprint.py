# SPDX-License-Identifier: Apache-2.0
"""What a million mailboxes take: memory, the copy fresh and after a million updates, a start, a resync."""

import concurrent.futures
import random
import re
import shutil
import sqlite3
import time
import uuid

from lab import admin
from suite import fill, people as crowd, site as sites

MILLION = 1_000_000
A_BATCH = 1_000  # updates in one act
TEMPLATE = f"template@{fill.DOMAIN}"


def run(bench, options):
    count = bench.pick(MILLION, 20_000)
    bench.say(f"{count:,} mailboxes, each with a password")
    with sites.Site("footprint") as site:
        site.make_ready()
        site.start_provostd()
        site.provost("domain", "add", fill.DOMAIN)
        site.provost("mailbox", "add", TEMPLATE, "--password-stdin", input=f"{crowd.password(0)}\n")
        site.stop_provostd()
        fill.mailboxes(site.database, TEMPLATE, count)
        add_passwords(site.database)
        site.start_provostd()
        site.wait_for_copy()
        bench.say("seconds")
        found = bench.in_turn({"resync": lambda: resync(site), "start": lambda: start(site, count)})
        bench.row(f"resync of {count:,} mailboxes", "s", found["resync"], ask="ours < 15")
        bench.row("start to first answer", "s", found["start"], ask="ours < 1")
        bench.row("memory of its own, after a start and lookups (RssAnon)", "MB", served_memory(site, count), ask="ours < 100")
        resync(site)
        bench.row("the same after a resync", "MB", memory(site, "RssAnon"), ask="ours < 100")
        bench.row("the most it ever had, file pages with it (VmHWM)", "MB", memory(site, "VmHWM"))
        fresh = copy_bytes(site) / count
        bench.row("the copy, after a fresh resync", "bytes a mailbox", fresh, ask="ours < 400")
        updates = bench.pick(MILLION, 20_000)
        took = update(bench, site, count, updates)
        bench.row(f"the copy, after {updates:,} random updates", "bytes a mailbox", copy_bytes(site) / count, fresh,
                  "after a fresh resync", "ratio <= 2")
        bench.row("updates followed", "updates/s", updates / took)


def add_passwords(database):
    """The template's, for everybody: what it is does not matter here, but that it is there."""
    with fill.opened(database) as record:
        known = record.execute("SELECT id FROM mailbox WHERE name = ?", [TEMPLATE]).fetchone()[0]
        fill.copies(record, "credential", ("mailbox_id", known), f"(SELECT id AS its FROM mailbox WHERE id <> '{known}') m",
                    id=fill.ID, mailbox_id="m.its")


def resync(site):
    """Without a copy to begin from."""
    site.stop_provostd()
    shutil.rmtree(site.folder / "provost" / "replica")
    site.start_provostd()
    site.wait_for_copy()
    return int(re.findall(r'REPLICA_REBUILT.*milliseconds="?([0-9]+)', site.log("provostd.log"))[-1]) / 1000


def start(site, count):
    """Until a lookup is answered, the programs that hold the sockets and pass them on with it."""
    site.stop_provostd()
    key = fill.mailbox_name(random.randrange(count))
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        began = time.monotonic()
        answered = pool.submit(sites.first_answer, site, key, "mailboxes")
        site.start_provostd()
        return answered.result() - began


def served_memory(site, count):
    start(site, count)
    chosen = random.Random(1)
    site.write("keys", "".join(f"{fill.mailbox_name(chosen.randrange(count))}\n" for _ in range(20_000)))
    said = site.measure("map_client", sites.MAP, "mailboxes", f"{sites.INSIDE}/keys", 8, 16, 5)
    if said["other"]:
        raise RuntimeError(f"{said['other']} of {said['answers']} mailboxes were not found")
    return memory(site, "RssAnon")


def memory(site, what):
    """In MB of 1,000,000 bytes."""
    status = site.machine.path(f"/proc/{site.provostd_process()}/status").read_text()
    return int(re.search(rf"^{what}:\s+(\d+) kB", status, re.MULTILINE)[1]) * 1024 / 1e6


def copy_bytes(site):
    """What its files take on the disk."""
    return sum(path.stat().st_blocks * 512 for path in (site.folder / "provost" / "replica").iterdir())


def update(bench, site, count, updates):
    """Acts of a thousand changes each, as an import makes them, and after each one act over the API, which waits until
    all of it is answered with. Returns the seconds in which the daemon had them to follow."""
    record = sqlite3.connect(site.database, isolation_level=None, timeout=60)
    record.execute("PRAGMA synchronous = OFF")
    ids = [row[0] for row in record.execute("SELECT id FROM mailbox")]
    api = admin.Admin(site.machine, 120)
    chosen = random.Random(2)
    took = 0
    for done in range(0, updates, A_BATCH):
        change(record, chosen.choices(ids, k=A_BATCH), chosen)
        began = time.monotonic()
        status, said = api.ask("PATCH", f"/mailboxes/{fill.mailbox_name(chosen.randrange(count))}", {"quota": "1G"})
        if status != 200:
            raise RuntimeError(f"a mailbox could not be changed: {said}")
        took += time.monotonic() - began
        if done % (updates // 10) == 0:
            bench.say(f"  {done:,} updates, {copy_bytes(site) / count:.0f} bytes a mailbox")
    record.close()
    return took


def change(record, ids, chosen):
    """One act: new quotas and passwords."""
    record.execute("BEGIN IMMEDIATE")
    nonce = uuid.uuid4().hex
    record.execute("UPDATE revision SET revision = revision + 1, nonce = ?", [nonce])
    revision = record.execute("SELECT revision FROM revision").fetchone()[0]
    record.execute("INSERT INTO revision_log (revision, nonce, at) VALUES (?, ?, ?)", [revision, nonce, time.time_ns() // 1_000_000])
    record.executemany("INSERT INTO change_log (revision, seq, kind, id) VALUES (?, ?, 1, ?)",
                       [(revision, number, of) for number, of in enumerate(ids)])
    record.executemany("UPDATE mailbox SET quota_bytes = ?, revision = ? WHERE id = ?",
                       [(chosen.randrange(1 << 40), revision, of) for of in ids])
    record.executemany("UPDATE credential SET hash = substr(hash, 1, length(hash) - 4) || ? WHERE mailbox_id = ?",
                       [(f"{chosen.randrange(10_000):04d}", of) for of in ids])
    record.execute("COMMIT")
