# SPDX-License-Identifier: Apache-2.0
"""provostd is attacked with faults. What was acknowledged is there, nobody is lied to, and all is well again by itself.

PROVOST_FAULTS says how many; without it as many as a minute has room for. PROVOST_FAULTS_SEED repeats what chance chose.
PROVOST_FAULTS_KINDS=disk,clock takes only kinds with such a word in their name.
"""

import os
import random
import time

import kinds
import kinds_around
import pytest
import siege as siege_module
from lab import programs
from mail_site import Site

SEED = int(os.environ.get("PROVOST_FAULTS_SEED", random.randrange(2**32)))
FAULTS = int(os.environ.get("PROVOST_FAULTS", "0"))
WORDS = [word for word in os.environ.get("PROVOST_FAULTS_KINDS", "").split(",") if word]
SECONDS = 60
LOGS = programs.TOP / "build" / "check" / "faults" / "logs"
MOST_VIOLATIONS = 5


def chosen(chance):
    """Kinds without end: in a long run each comes, as often as its weight says."""
    wanted = [kind for kind in (*kinds.KINDS, *kinds_around.KINDS) if not WORDS or any(word in kind.name for word in WORDS)]
    while True:
        turn = [kind for kind in wanted for _ in range(kind.weight)]
        chance.shuffle(turn)
        yield from turn


@pytest.fixture(scope="module")
def aftermath(request):
    lines = request.config.stash["faults"] = [f"PROVOST_FAULTS_SEED={SEED} PROVOST_FAULTS={FAULTS}"]
    print(lines[0])
    for old in LOGS.glob("*"):
        old.unlink()
    with Site(LOGS) as site:
        site.start()
        siege = siege_module.Siege(site, SEED, LOGS / "faults.log")
        began = time.monotonic()
        for number, kind in enumerate(chosen(random.Random(SEED)), 1):
            siege.attack(number, kind)
            over = number >= FAULTS if FAULTS else time.monotonic() - began > SECONDS
            if over or len(siege.violations) >= MOST_VIOLATIONS:
                break
        siege.end()
        lines += [*siege.report().splitlines(), f"in {time.monotonic() - began:.0f} s"]
        yield siege


def test_whatever_fails_what_was_acknowledged_is_there_and_nobody_is_lied_to(aftermath):
    assert not aftermath.violations, "\n".join(aftermath.violations)


def test_most_faults_came_to_pass(aftermath):
    assert aftermath.struck.total() > 3 * aftermath.missed.total(), aftermath.report()
