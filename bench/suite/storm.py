# SPDX-License-Identifier: Apache-2.0
"""Everybody signs in within ten seconds after a restart, and comes again where nobody could say."""

import json
import subprocess

from suite import people as crowd, peers, site as sites

WITHIN = 10  # seconds
PATIENCE = 90
CONNECTIONS = 16
SCHEME = "sha512-crypt"


def run(bench, options):
    people = crowd.People(bench.pick(10_000, 1_000), (SCHEME,))
    bench.say(f"{people.count:,} users with SHA512-CRYPT sign in within {WITHIN} s after a restart")
    with sites.Site("storm") as site:
        site.make_ready()
        site.start_provostd()
        people.put_into(site)
        database = peers.MariaDb(site)
        people.put_into_mariadb(database)
        dovecot = peers.Dovecot(site, "sql").start()
        users = people.file(site, SCHEME)
        said = {"Provost": [], "Dovecot": []}

        def storm(name, socket, restart):
            said[name].append(through(site, socket, users, restart))
            return said[name][-1]["p99_ms"]

        bench.say("99th percentile of milliseconds until in")
        bench.in_turn({"Provost": lambda: storm("Provost", sites.AUTH, lambda: site.signal_provostd("TERM")),
                       "Dovecot": lambda: storm("Dovecot", dovecot.socket, dovecot.restart)})
    both = [said["Provost"], said["Dovecot"]]

    def row(what, unit, key, ask=None):
        bench.row(what, unit, *[sites.series(of, key) for of in both], "Dovecot with SQL", ask)

    row("until in, median", "ms", "p50_ms")
    row("until in, 99th percentile", "ms", "p99_ms")
    row("until in, the last one", "ms", "max_ms")
    row("told that the password is wrong", "users", lambda one: one["wrong"] + one["off"] + one["other"], "ours = 0")
    row("told to come again", "answers", "temporary")
    row("cut off", "answers", "cut_off")
    row("not answered in the end", "users", "unanswered", "ours = 0")


def through(site, socket, users, restart):
    """The restart begins, and the users with it: they come to whatever is there meanwhile. Each is restarted as its host
    does it: provostd is ended, and started again by who holds its sockets."""
    words = site.machine.command([f"{sites.PROGRAMS}/storm_client", socket, users, str(CONNECTIONS), str(WITHIN), str(PATIENCE)])
    with subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True) as client:
        restart()
        return json.loads(client.communicate(timeout=PATIENCE + 30)[0])
