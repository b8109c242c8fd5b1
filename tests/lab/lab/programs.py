# SPDX-License-Identifier: Apache-2.0
"""The programs under test, for the release of Debian that they are to run on.

Those for this host's own release are what ./check builds here. Those for Debian 13 are built on Debian 13: in a machine
that sees this checkout, with a build folder and a compiler's cache of its own below build/trixie.
"""

import contextlib
import fcntl
import os
import pathlib

from lab import booted, machine, root

TOP = pathlib.Path(__file__).resolve().parents[3]
SOURCE = "/srv/provost"  # where such a machine has the checkout
OURS = "bookworm"


def release():
    """The one that is tested: of PROVOST_RELEASE, where it is set."""
    named = os.environ.get("PROVOST_RELEASE", OURS)
    if named not in root.RELEASES:
        raise RuntimeError(f"PROVOST_RELEASE is {named}, and not one of {', '.join(root.RELEASES)}")
    return named


def folder(of_release, preset=None):
    """Where its programs are: of the preset in PROVOST_PRESET, where none is named."""
    preset = preset or os.environ.get("PROVOST_PRESET", "release")
    found = _build_folder(of_release) / preset / "bin"
    if not (found / "provost-holder").exists():
        raise RuntimeError(f"there are no programs in {found}: run ./check build{'' if of_release == OURS else '_13'}")
    return found


def packages(of_release):
    """What its machines have beside the packages of every machine, so that one root is enough."""
    if of_release == OURS:
        return ()
    # Python runs dev/run-checks there.
    return (*booted.SYSTEM, *_build_packages(of_release), "python3")


def source_binds(of_release):
    """The checkout, as a machine sees it; for another release than this host's with that release's build folder in it."""
    binds = [(TOP, SOURCE, True)]
    if of_release != OURS:
        cache = _folder(of_release) / "ccache"
        for place, inside in ((_build_folder(of_release), f"{SOURCE}/build"), (cache, "/root/.cache/ccache")):
            place.mkdir(parents=True, exist_ok=True)
            binds.append((place, inside, False))
    return binds


@contextlib.contextmanager
def building(of_release):
    """Nobody else builds in that release's build folder meanwhile."""
    _folder(of_release).mkdir(parents=True, exist_ok=True)
    with open(_folder(of_release) / "lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@contextlib.contextmanager
def builder(of_release):
    """A machine in which that release's programs and their tests can be built and run."""
    with building(of_release), machine.Machine(f"builder-{os.getpid()}", of_release, source_binds(of_release), extra=packages(of_release)) as made:
        yield made


def _folder(of_release):
    return TOP / "build" / of_release


def _build_folder(of_release):
    return TOP / "build" if of_release == OURS else _folder(of_release) / "build"


def _build_packages(of_release):
    """What dev/need would install for building."""
    found = []
    for line in (TOP / "dev" / "packages" / "build").read_text().splitlines():
        package, _, only = line.split(" ")[0].partition("/")
        if package and package != "#" and only in ("", of_release):
            found.append(package)
    return found
