# SPDX-License-Identifier: Apache-2.0
"""Sign-ins by saslauthd's protocol, as Cyrus asks, beside saslauthd with PAM and beside bare crypt_r; and that nobody is
let in by what was true before an act."""

import os

from suite import auth, peers, people as crowd, site as sites, stale

MUX = "/run/provost/saslauthd/mux"
CLIENTS = 8
SCHEMES = {"sha512-crypt": 0.95, "yescrypt": 0.95, "md5-crypt": 0.7}  # and the part of bare crypt_r that is asked
LABELS = {**auth.LABELS, "md5-crypt": "MD5-CRYPT"}


def run(bench, options):
    users = bench.pick(1000, 100)
    people = crowd.People(users + stale.acts_of(bench), tuple(SCHEMES))  # the rest are those that something is done to
    bench.say(f"{users:,} users of each scheme, {CLIENTS} clients, a connection for each sign-in")
    with sites.Site("saslauthd") as site:
        site.configure()
        site.start_provostd()
        site.start_servers()  # who is asked to end the sessions of those who are disabled
        people.put_into(site)
        plain = peers.Saslauthd(site, "plain").start()
        cached = peers.Saslauthd(site, "cached", ("-c",)).start()
        measured = Measured(bench, site, people, range(users))
        measured.unremembered(plain)
        measured.remembered(cached, "sha512-crypt")
        load = ("saslauthd_client", MUX, people.file(site, "md5-crypt", stale.others(bench, people)), CLIENTS)
        stale.run(bench, site, people, "md5-crypt", load, lambda: crowd.SaslauthdSignIns(str(site.machine.path(MUX))))


def rate(site, socket, users, seconds):
    said = site.measure("saslauthd_client", socket, users, CLIENTS, seconds)
    wrong = {told: said[told] for told in ("wrong", "other") if said[told]}
    if wrong:
        raise RuntimeError(f"{socket}: users with the right password were told {wrong}")
    return said["accepted"] / said["seconds"]


class Measured:
    """numbers: of the users who sign in."""

    def __init__(self, bench, site, people, numbers):
        self.bench, self.site, self.people, self.numbers = bench, site, people, numbers
        self.seconds = bench.pick(5, 1)

    def users(self, scheme):
        """The file with those who sign in; PAM has them as well, and nobody else."""
        pairs = self.people.logins_and_hashes(scheme)
        peers.write_password_file(self.site, [pairs[number] for number in self.numbers])
        return self.people.file(self.site, scheme, self.numbers)

    def unremembered(self, plain):
        self.site.restart(auth.WITHOUT_MEMORY)
        self.site.wait_for_copy()
        cores = os.cpu_count()
        for scheme, part in SCHEMES.items():
            users = self.users(scheme)
            hashes = self.people.hashes_file(self.site, scheme)
            self.bench.say(f"{LABELS[scheme]}, {CLIENTS} clients, nothing remembered")
            found = self.bench.in_turn({
                "Provost": lambda: rate(self.site, MUX, users, self.seconds),
                "saslauthd": lambda: rate(self.site, plain.socket, users, self.seconds),
                "crypt_r": lambda: auth.crypt_rate(self.site, hashes, self.seconds, cores),
            })
            what = f"{LABELS[scheme]}, nothing remembered"
            self.bench.row(what, "sign-ins/s", found["Provost"], found["saslauthd"], "saslauthd -a pam")
            self.bench.row(what, "sign-ins/s", found["Provost"], found["crypt_r"], f"bare crypt_r on {cores} cores", f"ratio >= {part}")

    def remembered(self, cached, scheme):
        self.site.restart(sites.SETTINGS)
        self.site.wait_for_copy()
        users = self.users(scheme)
        for socket in (MUX, cached.socket):
            self.site.measure("saslauthd_client", socket, users, CLIENTS, 0)  # each once
        self.bench.say(f"{LABELS[scheme]}, {CLIENTS} clients, everybody was there a moment ago")
        found = self.bench.in_turn({"Provost": lambda: rate(self.site, MUX, users, self.seconds),
                                    "saslauthd": lambda: rate(self.site, cached.socket, users, self.seconds)})
        self.bench.row(f"{LABELS[scheme]}, remembered", "sign-ins/s", found["Provost"], found["saslauthd"], "saslauthd -a pam -c",
                       "ratio >= 1.4")
