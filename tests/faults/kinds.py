# SPDX-License-Identifier: Apache-2.0
"""What can go wrong with the daemon itself and with what it keeps; kinds_around.py has the rest.

A kind brings its fault about while administrators act, and lifts it. It returns whether the fault came to pass.
"""

import contextlib
import dataclasses
import errno
import os
import signal
import typing

import control
from lab import sqlite, waiting
from mail_site import DATABASE, STATE


@dataclasses.dataclass(frozen=True)
class Kind:
    name: str
    weight: int
    strike: typing.Callable  # (siege) -> whether it struck


# Where an act, the follower and work can be broken off while acts go on as usual.
USUAL_STEPS = ("act: begun", "act: before commit", "act: committed", "act: in the copy", "act: answered from",
               "follower: read", "copy: before commit", "copy: committed", "follower: applied")
OFF_STEPS = ("act: proved", "work: done", "work: put down")
PURGE_STEPS = ("work: taken", "work: done", "work: put down")
REBUILD_STEPS = ("rebuild: read", "rebuild: written", "folder: before a name is given", "rebuild: named", "rebuild: swapped")


def killed_at(step):
    def strike(siege):
        siege.site.faulty.at_step(step, control.KILL, siege.chance.randint(1, 3))
        siege.ledger.busy(lambda: siege.site.faulty.struck)
        return siege.site.faulty.lift()

    return Kind(f"killed at {step}", 2, strike)


def killed_when_off_at(step):
    """While a mailbox is disabled, and its sessions are ended."""
    def strike(siege):
        siege.site.faulty.at_step(step)
        siege.ledger.some_writer(siege.chance).end_one()
        return siege.site.faulty.lift()

    return Kind(f"killed when off at {step}", 1, strike)


def killed_when_purged_at(step):
    """While what is left of a mailbox is removed."""
    def strike(siege):
        writer = siege.ledger.some_writer(siege.chance)
        name = writer.delete_one()
        siege.site.faulty.at_step(step)
        writer.purge(name)
        waiting.until(lambda: siege.site.faulty.struck, f"{step} is come to", 10)
        return siege.site.faulty.lift()

    return Kind(f"killed when purged at {step}", 1, strike)


def killed_when_rebuilt_at(step):
    """While the copy is made anew, as after a loss of it."""
    def strike(siege):
        with siege.site.while_it_is_down():
            siege.site.sh(f"rm -rf {STATE}/replica")
            siege.site.faulty.at_step(step)
        waiting.until(lambda: siege.site.faulty.struck, f"{step} is come to", 10)
        return siege.site.faulty.lift()

    return Kind(f"killed when rebuilt at {step}", 1, strike)


def stopped_at(step):
    """It hangs there for a while, with all that it holds; whoever waits is served when it goes on."""
    def strike(siege):
        siege.site.faulty.at_step(step, control.STOP)
        process = siege.site.process()
        with siege.acting_meanwhile(lambda: siege.site.faulty.struck, most=6):
            waiting.until(lambda: siege.site.faulty.struck, f"{step} is come to", 20)
            siege.askers_wait()
            os.kill(process, signal.SIGCONT)
        return siege.site.faulty.lift()

    return Kind(f"hung at {step}", 1, strike)


def killed_any_time(siege):
    began = siege.ledger.counts().total()
    with siege.acting_meanwhile(lambda: False, most=12):
        wanted = began + siege.chance.randint(1, 12)
        waiting.until(lambda: siege.ledger.counts().total() >= wanted, "acts go on", 20)
        siege.site.kill()
    return True


def asked_to_end(siege):
    with siege.acting_meanwhile(lambda: False, most=8):
        siege.site.kill(signal.SIGTERM)
    return True


# Failing calls. Of several threads and files: what fails is left to chance, and written down with the seed.

def failing(name, call, paths, errors):
    def strike(siege):
        path, error = siege.chance.choice(paths), siege.chance.choice(errors)
        spared, most = siege.chance.randint(0, 4), siege.chance.choice([1, 2, 1 << 30])
        siege.note(f"{path} {errno.errorcode[error]} after {spared}, {most} times")
        siege.site.faulty.failing(call, path, error, spared, most)
        siege.ledger.busy(lambda: siege.site.faulty.struck, least=1, most=10)
        if siege.chance.random() < 0.3:
            siege.note("killed")
            siege.site.kill()
            siege.ledger.busy(lambda: True, least=1)
        return siege.site.faulty.lift()

    return Kind(name, 4, strike)


def commit_fails_and_killed(siege):
    """The one moment at which an act may lie whole on the disk although its commit failed: nothing was written after it."""
    siege.site.faulty.at_step("act: before commit", control.FAIL)
    siege.site.faulty.failing(control.SYNC, f"{DATABASE}-wal", most=siege.chance.choice([1, 2, 1 << 30]))
    siege.ledger.some_writer(siege.chance).act()
    siege.site.kill()
    return siege.site.faulty.lift()


def disk_full(siege):
    leave = siege.chance.choice([0, 0, 0, 4096, 16384, 65536])
    siege.note(f"but {leave} bytes")
    siege.site.fill_disk(leave)
    said = siege.ledger.busy(lambda: False, least=4, most=siege.chance.choice([4, 30]))
    if siege.chance.random() < 0.5:
        siege.note("killed")
        siege.site.kill()
        siege.answers_go_on("the disk is full")
        said += siege.ledger.busy(lambda: True, least=2)
    siege.site.empty_disk()
    return said["refused"] + said["open"]


def disk_full_for(step):
    """From one step on, and not before."""
    def strike(siege):
        siege.site.faulty.at_step(step, control.FAIL)
        siege.site.faulty.failing(control.WRITE, f"{STATE}/", errno.ENOSPC, most=siege.chance.choice([1, 3, 1 << 30]))
        siege.ledger.busy(lambda: siege.site.faulty.struck, most=6)
        return siege.site.faulty.lift()

    return Kind(f"disk full at {step}", 1, strike)


def busy(how):
    def strike(siege):
        with sqlite.Other(siege.site.machine, how, DATABASE) as other:
            if how == "all":
                siege.site.kill()  # it stands in line until nobody has the file open
                siege.note("killed")
            other.wait()
            said = siege.ledger.busy(lambda: True, least=1)
            siege.answers_go_on("another has the lock")
        return said["refused"]

    return Kind(f"database locked: {how}", 2, strike)


def database_spoilt(name, spoil, heal):
    """While it is down: what it finds then it cannot use, until that is mended."""
    def strike(siege):
        with siege.site.while_it_is_down():
            siege.site.sh(spoil)
        try:
            said = siege.ledger.busy(lambda: True, least=1)
            siege.answers_go_on(f"the database is {name}")
        finally:
            with siege.site.while_it_is_down():
                siege.site.sh(heal)
        return said["refused"]

    return Kind(f"database {name}", 1, strike)


def wal_torn(siege):
    """What a crash leaves behind the last whole frame: some bytes of one more, or none at all that mean anything."""
    tail = siege.chance.choice([siege.chance.randbytes(siege.chance.randint(1, 9000)), bytes(siege.chance.randint(1, 9000))])
    siege.ledger.busy(lambda: True, least=2)
    with siege.site.while_it_is_down():
        wal = siege.site.path(f"{DATABASE}-wal")
        if not wal.exists():
            return False
        with open(wal, "ab") as file:
            file.write(tail)
    return True


# The copy, tampered with while it is down.

def copy_spoilt(name, spoil):
    def strike(siege):
        siege.ledger.busy(lambda: True, least=1)
        with siege.site.while_it_is_down():
            spoil(siege)
        return True

    return Kind(f"copy {name}", 1, strike)


def truncate(siege):
    file = siege.site.copy_file()
    size = file.stat().st_size
    os.truncate(file, siege.chance.randrange(0, size))


def of_another_version(siege):
    file = siege.site.copy_file()
    held = file.read_bytes()
    assert b"provost-replica-" in held
    file.write_bytes(held.replace(b"provost-replica-", b"provost-replicA-"))


def without_its_name(siege):
    siege.site.path(f"{STATE}/replica/current").write_text(siege.chance.choice(["", "copy-999999.mdb\n", "\0\0\0", "../x\n"]))


def gone(siege):
    siege.site.sh(f"rm -rf {STATE}/replica")


def older(siege):
    """One that was put away when the siege began, or since."""
    kept = siege.older_copy
    siege.site.sh(f"rm -rf {STATE}/replica && cp -a {kept} {STATE}/replica")


# What it needs to run.

LACKING = ("Too many open files", "bad_alloc", "memory", "Resource temporarily unavailable")


def exhausted(siege, resource, limit):
    """The limit of the process is lowered, while acts and strangers come, until it says so or dies of it."""
    site = siege.site
    process, said = site.process(), site.log_end()
    before = site.limit(process, resource)
    site.set_limit(process, resource, limit(process))
    try:
        with siege.acting_meanwhile(lambda: False, 6), contextlib.ExitStack() as lines:
            siege.strangers_come(lines)
            with contextlib.suppress(AssertionError):  # there was enough
                waiting.until(lambda: site.has_said(LACKING, said) or site.process() != process, "it lacks something", 3)
            site.set_limit(process, resource, before)
    finally:
        site.set_limit(process, resource, before)
    return site.has_said(LACKING, said) or site.process() != process


def descriptors_exhausted(siege):
    more = siege.chance.choice([0, 0, 1, 3])
    siege.note(f"{more} more")
    return exhausted(siege, "nofile", lambda process: siege.site.descriptors_of(process) + more)


def memory_exhausted(siege):
    more = siege.chance.choice([0, 0, 0, 1 << 17])
    siege.note(f"{more} bytes more")
    return exhausted(siege, "as", lambda process: siege.site.memory_of(process) + more)


SPOILS = (
    ("read-only", f"chmod 444 {DATABASE}", f"chmod 600 {DATABASE}"),
    ("missing", f"mkdir {STATE}/away && mv {DATABASE}* {STATE}/away", f"rm -f {DATABASE}* && mv {STATE}/away/* {STATE} && rmdir {STATE}/away"),
    ("torn", f"mkdir {STATE}/away && cp -a {DATABASE}* {STATE}/away && dd if=/dev/urandom of={DATABASE} bs=4096 count=3 conv=notrunc status=none",
     f"rm -f {DATABASE}* && mv {STATE}/away/* {STATE} && rmdir {STATE}/away"),
    ("cut short", f"mkdir {STATE}/away && cp -a {DATABASE}* {STATE}/away && truncate -s 5000 {DATABASE} && rm -f {DATABASE}-wal",
     f"rm -f {DATABASE}* && mv {STATE}/away/* {STATE} && rmdir {STATE}/away"),
)

KINDS = [
    *map(killed_at, USUAL_STEPS), *map(killed_when_off_at, OFF_STEPS), *map(killed_when_purged_at, PURGE_STEPS),
    *map(killed_when_rebuilt_at, REBUILD_STEPS),
    *map(stopped_at, ("act: before commit", "copy: before commit", "copy: committed")),
    Kind("killed any time", 3, killed_any_time), Kind("asked to end", 2, asked_to_end),
    failing("sync of the record fails", control.SYNC, [f"{DATABASE}-wal", DATABASE, f"{STATE}/"], [errno.EIO]),
    failing("sync of the copy fails", control.SYNC, [f"{STATE}/replica/copy-", f"{STATE}/replica"], [errno.EIO]),
    failing("write of the record fails", control.WRITE, [f"{DATABASE}-wal", DATABASE, f"{STATE}/"], [errno.EIO, errno.ENOSPC]),
    failing("write of the copy fails", control.WRITE, [f"{STATE}/replica/copy-"], [errno.EIO, errno.ENOSPC]),
    Kind("commit fails, then killed", 4, commit_fails_and_killed), Kind("disk full", 6, disk_full),
    *map(disk_full_for, ("act: before commit", "copy: before commit", "follower: read")),
    *map(busy, ("write", "all")), *(database_spoilt(*each) for each in SPOILS), Kind("write-ahead log torn", 2, wal_torn),
    *(copy_spoilt(spoil.__name__.replace("_", " "), spoil) for spoil in (truncate, of_another_version, without_its_name, gone, older)),
    Kind("descriptors exhausted", 3, descriptors_exhausted), Kind("memory exhausted", 4, memory_exhausted),
]
