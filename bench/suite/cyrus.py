# SPDX-License-Identifier: Apache-2.0
"""Mailboxes made and limited in Cyrus: through Provost, until they are ready, and by a bare IMAP client that does the same."""

import itertools

from lab import cyrus_host, mail_host
from suite import fill, site as sites

# Cyrus makes no folders for a bare CREATE, so Provost is to make none either.
SETTINGS = sites.SETTINGS + '\n[cyrus]\nfolders = ""\n'
QUOTA = "100M"
KILOBYTES = 100 * 1024
WRITERS = 4  # each waits until its own is ready; with these there is always more to make
IMAP = mail_host.PORTS["imap"]
ONE = "a bare IMAP client, one connection"
FOUR = "a bare IMAP client, four connections"


class Site(sites.Site, cyrus_host.CyrusHost):
    servers = cyrus_host.SERVERS
    on_disk = ("/var/lib/cyrus", "/var/spool/cyrus")


def run(bench, options):
    count = bench.pick(1000, 50)
    bench.say(f"{count:,} mailboxes in each round, each with a quota")
    with Site("cyrus", SETTINGS) as site:
        site.start()
        site.provost("domain", "add", fill.DOMAIN)
        made = Maker(site, count)
        made.by_provost(WRITERS)  # once unmeasured, so that conversations and processes are there
        found = bench.in_turn({
            "one writer": lambda: made.by_provost(1),
            f"{WRITERS} writers": lambda: made.by_provost(WRITERS),
            ONE: lambda: made.by_client(1),
            FOUR: lambda: made.by_client(4),
        })
    several = found[f"{WRITERS} writers"]
    what = f"made and limited, {WRITERS} writers, Provost's one connection"
    bench.row(what, "mailboxes/s", several, found[ONE], ONE, "ratio >= 0.95")
    bench.row(what, "mailboxes/s", several, found[FOUR], FOUR)
    bench.row("the same, one writer", "mailboxes/s", found["one writer"], found[ONE], ONE)
    bench.row("without Provost: " + FOUR, "mailboxes/s", found[FOUR], found[ONE], ONE)


class Maker:
    """Mailboxes with names that nobody has yet, so many each time; returns how many a second."""

    def __init__(self, site, count):
        self.site, self.count = site, count
        self._times = itertools.count(1)
        self._password = site.write("password", site.admin_password() + "\n")

    def by_provost(self, writers):
        said = self.site.measure("mailbox_client", mail_host.ADMIN_SOCKET, writers, self.count, f"p{next(self._times)}", QUOTA)
        return self.rate(said, "ready")

    def by_client(self, connections):
        said = self.site.measure("imap_client", IMAP, "cyrus", self._password, connections, self.count, f"b{next(self._times)}", KILOBYTES)
        return self.rate(said, "made")

    def rate(self, said, what):
        if said["refused"] or said[what] != self.count:
            raise RuntimeError(f"not all of {self.count} mailboxes were made: {said}")
        return self.count / said["seconds"]
