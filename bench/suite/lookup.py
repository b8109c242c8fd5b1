# SPDX-License-Identifier: Apache-2.0
"""Lookups of Postfix: by its own postmap, beside its mysql: map and a bare hash server, and by a raw client."""

import contextlib
import os
import random

from suite import fill, peers, site as sites

KEYS = 20_000
TIMES = 3  # a run of postmap is over in a second
MILLION = 1_000_000
SOCKETMAP = f"socketmap:unix:{sites.MAP}:aliases"


def start(name, count, settings=sites.SETTINGS):
    """A site with so many aliases, and a file with keys of them."""
    made = sites.Site(name, settings)
    made.make_ready()
    made.start_provostd()
    made.provost("domain", "add", fill.DOMAIN)
    made.provost("alias", "add", f"template@{fill.DOMAIN}", "somebody@example.net")
    made.stop_provostd()
    fill.aliases(made.database, f"template@{fill.DOMAIN}", count)
    made.start_provostd()
    made.wait_for_copy()
    chosen = random.Random(count)
    made.write("keys", "".join(f"{fill.alias_name(chosen.randrange(count))}\n" for _ in range(KEYS)))
    return made


def by_postmap(site, map_name, cpus):
    """Keys a second, postmap's own start with them."""
    keys, out = f"{sites.INSIDE}/keys", f"{sites.INSIDE}/found"
    took = site.seconds_of(f"taskset -c {cpus} postmap -q - {map_name} <{keys} >{out}")
    found = (site.folder / "work" / "found").read_bytes().count(b"\n")
    if found != KEYS:
        raise RuntimeError(f"{map_name} found {found} of {KEYS} keys")
    return KEYS / took


def by_raw_client(site, socket, seconds):
    """Eight connections, 16 questions in flight on each, from another CPU than the server's where there is one."""
    client = "1" if os.cpu_count() > 1 else "0"
    said = site.measure("map_client", socket, "aliases", f"{sites.INSIDE}/keys", 8, 16, seconds, cpus=client)
    if said["other"]:
        raise RuntimeError(f"{socket}: {said['other']} answers of {said['answers']} were wrong")
    return said["answers"] / said["seconds"]


def run(bench, options):
    count = bench.pick(MILLION, 20_000)
    bench.say(f"{count:,} aliases for each of three servers")
    with start("lookup", count) as site:
        beside_peers(bench, site, count)
    sizes = [1_000, count] + ([] if options.without_10m or bench.quick else [10 * MILLION])
    if options.without_10m:
        bench.note("10,000,000 aliases were left out, as --without-10m says")
    by_size(bench, sizes)


def warm_up(measured):
    """Once unmeasured: what was never read before is on the disk, whoever keeps it."""
    for each in measured.values():
        each()


def beside_peers(bench, site, count):
    database = peers.MariaDb(site)
    mysql = database.add_aliases(count)
    ceiling = peers.Ceiling(site, [(fill.alias_name(n), f"t{n:08d}@example.net") for n in range(count)])
    maps = {"Provost": SOCKETMAP, "mysql:": mysql, "hash server": f"socketmap:unix:{ceiling.map}:aliases"}
    servers = ("provostd", "mariadbd", "hash_server")
    every = f"0-{os.cpu_count() - 1}"
    postmap = {}
    for cpus, words in (("0", "one CPU"), (every, "all CPUs")):
        site.pin(cpus, *servers)
        bench.say(f"postmap -q - with {KEYS:,} keys, {words}")
        measured = {name: lambda given=given: by_postmap(site, given, cpus) for name, given in maps.items()}
        warm_up(measured)
        postmap[words] = bench.in_turn(measured, TIMES)
    site.pin("0", *servers)
    bench.say("raw client, 8 connections with 16 in flight, servers on one CPU")
    sockets = {"Provost": sites.MAP, "hash server": ceiling.map}
    seconds = bench.pick(5, 1)
    raw = bench.in_turn({name: lambda path=path: by_raw_client(site, path, seconds) for name, path in sockets.items()})
    what = f"postmap -q -, {count:,} aliases, "
    one, all_cpus = postmap["one CPU"], postmap["all CPUs"]
    for found, words, asks in ((one, "one CPU", ("ratio >= 5", "ratio >= 0.8")), (all_cpus, "all CPUs", (None, "ratio >= 0.9"))):
        bench.row(what + words, "keys/s", found["Provost"], found["mysql:"], "Postfix's mysql:", asks[0])
        bench.row(what + words, "keys/s", found["Provost"], found["hash server"], "a C hash server", asks[1])
    bench.row("raw client, server on one CPU", "answers/s", raw["Provost"], raw["hash server"], "a C hash server", "ratio >= 0.6")


def by_size(bench, sizes):
    every = f"0-{os.cpu_count() - 1}"
    with contextlib.ExitStack() as stack:
        made = {}
        for size in sizes:
            bench.say(f"a directory of {size:,} aliases")
            made[size] = stack.enter_context(start(f"lookup-{size}", size))
        bench.say("postmap -q -, by the size of the directory")
        measured = {size: lambda site=site: by_postmap(site, SOCKETMAP, every) for size, site in made.items()}
        warm_up(measured)
        found = bench.in_turn(measured, TIMES)
    for size in sizes[1:]:
        bench.row(f"postmap -q -, {size:,} aliases", "keys/s", found[size], found[sizes[0]], f"{sizes[0]:,} aliases", "ratio >= 0.8")
