# SPDX-License-Identifier: Apache-2.0
"""Sign-ins by Dovecot's auth protocol, beside Dovecot's own auth with MariaDB and beside bare crypt_r; and that nobody is
let in by what was true before an act."""

import os

from suite import people as crowd, peers, site as sites, stale

IN_FLIGHT = 16
CONNECTIONS = 4  # as several login processes have them
WITHOUT_MEMORY = sites.SETTINGS + '\n[passwords]\nremember_for = "0s"\n'
LABELS = {"sha512-crypt": "SHA512-CRYPT", "yescrypt": "yescrypt", "sha256": "{SHA256}"}


def run(bench, options):
    people = crowd.People(bench.pick(10_000, 500))
    bench.say(f"{people.count:,} users of each scheme")
    with sites.Site("auth") as site:
        site.configure()
        site.start_provostd()
        site.start_servers()
        people.put_into(site)
        database = peers.MariaDb(site)
        people.put_into_mariadb(database)
        dovecots = {"no cache": peers.Dovecot(site, "sql"), "cache": peers.Dovecot(site, "cache", peers.WITH_CACHE),
                    "cache, checked by workers": peers.Dovecot(site, "workers", peers.CACHE_CHECKED_BY_WORKERS)}
        for dovecot in dovecots.values():
            dovecot.start()
        unremembered(bench, site, people, dovecots["no cache"])
        remembered(bench, site, people, dovecots)
        load = ("auth_client", sites.AUTH, people.file(site, "sha256", stale.others(bench, people)), CONNECTIONS, IN_FLIGHT // CONNECTIONS)
        stale.run(bench, site, people, "sha256", load, lambda: crowd.SignIns(str(site.machine.path(sites.AUTH))))


def rate(site, socket, users, seconds):
    said = site.measure("auth_client", socket, users, CONNECTIONS, IN_FLIGHT // CONNECTIONS, seconds)
    wrong = {told: said[told] for told in ("wrong", "off", "other", "temporary") if said[told]}
    if wrong:
        raise RuntimeError(f"{socket}: users with the right password were told {wrong}")
    return said["accepted"] / said["seconds"]


def unremembered(bench, site, people, dovecot):
    site.restart(WITHOUT_MEMORY)
    site.wait_for_copy()
    seconds = bench.pick(5, 1)
    cores = os.cpu_count()
    for scheme in crowd.SCHEMES:
        users = people.file(site, scheme)
        bench.say(f"{LABELS[scheme]}, {IN_FLIGHT} in flight, nothing remembered")
        measured = {"Provost": lambda: rate(site, sites.AUTH, users, seconds), "Dovecot": lambda: rate(site, dovecot.socket, users, seconds)}
        if scheme != "sha256":
            hashes = people.hashes_file(site, scheme)
            measured["crypt_r"] = lambda: crypt_rate(site, hashes, seconds, cores)
        found = bench.in_turn(measured)
        what = f"{LABELS[scheme]}, nothing remembered"
        bench.row(what, "sign-ins/s", found["Provost"], found["Dovecot"], "Dovecot with SQL",
                  "ours >= 100000" if scheme == "sha256" else None)
        if "crypt_r" in found:
            bench.row(what, "sign-ins/s", found["Provost"], found["crypt_r"], f"bare crypt_r on {cores} cores", "ratio >= 0.95")


def crypt_rate(site, hashes, seconds, threads):
    said = site.measure("crypt_loop", hashes, seconds, threads)
    if said["wrong"]:
        raise RuntimeError("crypt_r does not agree with the hashes")
    return said["checked"] / said["seconds"]


def remembered(bench, site, people, dovecots):
    site.restart(sites.SETTINGS)
    site.wait_for_copy()
    seconds = bench.pick(5, 1)
    for scheme, name in (("sha512-crypt", "cache, checked by workers"), ("sha256", "cache")):
        users = people.file(site, scheme)
        dovecot = dovecots[name]
        for socket in (sites.AUTH, dovecot.socket):
            site.measure("auth_client", socket, users, CONNECTIONS, IN_FLIGHT // CONNECTIONS, 0)  # each once
        bench.say(f"{LABELS[scheme]}, {IN_FLIGHT} in flight, everybody was there a moment ago")
        found = bench.in_turn({"Provost": lambda: rate(site, sites.AUTH, users, seconds),
                               "Dovecot": lambda: rate(site, dovecot.socket, users, seconds)})
        bench.row(f"{LABELS[scheme]}, remembered", "sign-ins/s", found["Provost"], found["Dovecot"],
                  f"Dovecot with SQL and {name}", "ours >= 120000")
