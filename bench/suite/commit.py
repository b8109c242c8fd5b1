# SPDX-License-Identifier: Apache-2.0
"""Writing: from asking the API to an answer with it, many writers at once, and the command beside postfixadmin-cli."""

import itertools
import os
import time

from lab import mail_host
from suite import fill, peers, site as sites

PASSWORD = "correct-horse-79-battery"
WRITERS = 200
numbers = itertools.count(1)


def run(bench, options):
    with sites.Site("commit") as site:
        site.make_ready()
        site.start_provostd()
        site.provost("domain", "add", fill.DOMAIN)
        over_the_api(bench, site)
        command = beside_postfixadmin(bench, site)
        bench.row("provost mailbox add, one command after the other", "mailboxes/s", command["provost"], command["postfixadmin-cli"],
                  "postfixadmin-cli", "ratio >= 20")
        bench.row("the same without a password", "mailboxes/s", command["no password"])


def over_the_api(bench, site):
    """200 writers and one in turn; each asks the socket map when it is told that it is done."""
    said = {}

    def write(writers, each):
        words = (mail_host.ADMIN_SOCKET, writers, each, f"w{next(numbers)}", sites.MAP)
        said.setdefault(writers, []).append(site.measure("write_client", *words))
        return said[writers][-1]["p50_ms"]

    alone = bench.pick(300, 100)
    each = bench.pick(20, 5)
    bench.say("aliases added over the API, median milliseconds until the map answers with them")
    found = bench.in_turn({
        "one writer": lambda: write(1, alone), f"{WRITERS} writers": lambda: write(WRITERS, each),
        "a bare sync": lambda: bare_sync(site.folder / "work" / "sync", alone),
    })
    bench.row("API write until it is answered with, one writer, median", "ms", found["one writer"], found["a bare sync"],
              "one append and fdatasync", "ours < 10")
    bench.row("the same, 99th percentile", "ms", sites.series(said[1], "p99_ms"))
    bench.row(f"{WRITERS} writers at once, median", "ms", found[f"{WRITERS} writers"])
    bench.row("the same, 99th percentile", "ms", sites.series(said[WRITERS], "p99_ms"))
    bench.row("the same, together", "writes/s", sites.series(said[WRITERS], lambda one: one["added"] / one["seconds"]))
    both = said[1] + said[WRITERS]
    bench.row("writes that were refused", "of all", sum(one["refused"] for one in both), ask="ours = 0")
    bench.row("writes that the map did not answer with", "of all", sum(one["not_answered_with"] for one in both), ask="ours = 0")


def bare_sync(path, count):
    """Median milliseconds of appending 4 KiB and syncing them, on the disk that the record is on."""
    took = []
    with open(path, "ab", buffering=0) as file:
        for _ in range(count):
            began = time.monotonic()
            file.write(bytes(4096))
            os.fdatasync(file.fileno())
            took.append(time.monotonic() - began)
    return sorted(took)[count // 2] * 1000


def beside_postfixadmin(bench, site):
    database = peers.MariaDb(site)
    peers.set_up_postfixadmin(database)
    count = bench.pick(50, 10)
    file = site.write("password", f"{PASSWORD}\n")

    def added(command):
        number = next(numbers)
        took = site.seconds_of(f"for i in $(seq {count}); do {command.replace('NAME', f'n{number}-$i@{fill.DOMAIN}')}; done >/dev/null")
        return count / took

    bench.say(f"{count} mailboxes added one by one, a second")
    # Each with its product's own way to hash: yescrypt, and the SHA512-CRYPT that postfixadmin is set to.
    return bench.in_turn({
        "provost": lambda: added(f"provost mailbox add NAME --password-stdin <{file}"),
        "postfixadmin-cli": lambda: added(f"postfixadmin-cli mailbox add NAME --password {PASSWORD} --password2 {PASSWORD} --name x"),
        "no password": lambda: added("provost mailbox add NAME --no-password"),
    })
