# SPDX-License-Identifier: Apache-2.0
"""Whether anybody is let in by what was true before an act, while others sign in."""

import collections
import itertools
import subprocess
import threading

from lab import admin
from suite import people as crowd, site as sites

ACTORS = 16  # who is refused is told so late, and meanwhile its actor waits
LONG = 100_000  # seconds: until it is ended


def acts_of(bench):
    return bench.pick(1000, 40)


def acted_on(bench, people):
    return range(people.count - acts_of(bench), people.count)


def others(bench, people):
    """Those nothing is done to, who are the load."""
    return range(acted_on(bench, people).start)


def run(bench, site, people, scheme, load, door):
    """Acts on users who are remembered: whoever was told that it is done asks at once.

    load: the program by which the others sign in meanwhile, and its words but the last, the seconds. door: makes what is asked.
    """
    acts = acts_of(bench)
    bench.say(f"{acts} disables and password changes under load")
    program, *words = load
    loading = subprocess.Popen(site.machine.command([f"{sites.PROGRAMS}/{program}", *map(str, words), str(LONG)]),
                               stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    counted = collections.Counter()
    turn = iter(itertools.islice(itertools.cycle(acted_on(bench, people)), acts))
    lock = threading.Lock()
    actors = [threading.Thread(target=act, args=(site, scheme, door, turn, lock, counted)) for _ in range(ACTORS)]
    for actor in actors:
        actor.start()
    for actor in actors:
        actor.join()
    still_under_load = loading.poll() is None
    loading.kill()
    loading.wait()
    if not still_under_load:
        raise RuntimeError("the load ended before the acts did")
    if counted["acts"] != acts:
        raise RuntimeError(f"{counted['acts']} of {acts} acts were done")
    for what, count in sorted(counted.items()):
        bench.say(f"  {what}: {count}")
    bench.row(f"stale answers across {counted['acts']} disables and password changes", "answers", counted["stale"], ask="ours = 0")
    bench.row("new passwords that were not taken at once", "answers", counted["new password refused"], ask="ours = 0")


def act(site, scheme, door, turn, lock, counted):
    api = admin.Admin(site.machine, 120)
    asked = door()
    while True:
        with lock:
            number = next(turn, None)
        if number is None:
            return
        user, old = crowd.login(number, scheme), crowd.password(number)
        address = f"10.210.{number >> 8 & 255}.{number & 255}"
        found = collections.Counter(acts=1)
        if asked.told(user, old, address) != "OK":
            raise RuntimeError(f"{user} is not let in before anything was done")
        is_disable = number % 2 == 0
        if is_disable:
            status, said = api.ask("POST", f"/mailboxes/{user}/disable", {})
        else:
            status, said = api.ask("POST", f"/mailboxes/{user}/password", {"hash": crowd.stored(scheme, f"new-{old}")})
        told = asked.told(user, old, address)
        found[f"{'disable' if is_disable else 'password'}: {status}, then the old password: {told}"] += 1
        found["stale"] += told == "OK"
        if not is_disable:
            found["new password refused"] += asked.told(user, f"new-{old}", address) != "OK"
        with lock:
            counted.update(found)
            if status != 200:
                counted[f"said: {said}"] += 1
