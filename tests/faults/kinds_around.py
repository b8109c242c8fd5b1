# SPDX-License-Identifier: Apache-2.0
"""What can go wrong around the daemon: clocks, Dovecot, new versions of it, backups, and a directory that outgrows its room."""

import contextlib
import errno
import os
import signal

import control
from lab import admin, waiting
from kinds import Kind
from mail_site import DATABASE, SCHEMA, STATE

BACKUP = f"{STATE}/backup"
MIGRATION_STEPS = ("migration: begun", "migration: statement", "migration: before commit", "migration: committed")
FRESH_STEPS = (*MIGRATION_STEPS, "epoch: before commit", "epoch: committed", "rebuild: written", "rebuild: named")
BACKUP_STEPS = ("backup: begun", "backup: copied", "backup: written", "backup: named")
RESTORE_STEPS = ("restore: prepared", "restore: new life", "restore: before it is written over", "restore: done")
MISSING_STEPS = ("restore: before the file has its name", "restore: has its name")
RESYNC_STEPS = ("rebuild: read", "rebuild: written", "rebuild: named", "rebuild: swapped")
DAY = 86400
FRESH = """
[state]
folder = "/run/fresh/state"
run = "/run/fresh/run"
[sockets]
postfix_dir = "/run/fresh/postfix"
dovecot_login_dir = "/run/fresh/dovecot/login/provost"
[api]
listen = ""
"""


def clock_jumps(siege):
    by = siege.chance.choice([-400 * DAY, -DAY, -1800, -5, 5, 1800, 7200, DAY, 400 * DAY])
    siege.note(f"by {by} s")
    siege.site.faulty.clock_is_ahead(by)
    siege.ledger.busy(lambda: True, least=3)
    if siege.chance.random() < 0.3:
        siege.note("killed")
        siege.site.kill()
        siege.ledger.busy(lambda: True, least=2)
    siege.answers_go_on("the clock is wrong")
    siege.site.faulty.lift()
    return True


def work_dated_ahead(siege):
    """Left by a clock that was ahead: it is done when Dovecot is there, and not when that time has come."""
    by = siege.chance.choice([60, 1800, 7200, 40 * DAY])
    siege.note(f"by {by} s")
    with dovecot_away(siege, "stopped"):
        siege.site.faulty.clock_is_ahead(by)
        siege.ledger.some_writer(siege.chance).end_one()
        waiting.until(lambda: (siege.site.status() or {"work": {"failing": 0}})["work"]["failing"], "work fails", 10)
        siege.site.faulty.lift()
    return True


@contextlib.contextmanager
def dovecot_away(siege, how):
    site = siege.site
    processes = site.processes_of("dovecot")
    if how == "stopped":
        site.machine.run(["doveadm", "stop"])
    else:
        for process in processes:
            with contextlib.suppress(ProcessLookupError):
                os.kill(process, signal.SIGSTOP if how == "hung" else signal.SIGKILL)
    try:
        yield
    finally:
        if how == "hung":
            for process in processes:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(process, signal.SIGCONT)
        else:
            waiting.until(lambda: not site.processes_of("dovecot"), "Dovecot is gone", 10)
            site.sh("rm -f /run/dovecot/master.pid; dovecot")


def dovecot(how):
    def strike(siege):
        with dovecot_away(siege, how):
            siege.ledger.some_writer(siege.chance).end_one()
            siege.ledger.busy(lambda: True, least=1)
            if siege.chance.random() < 0.3:
                siege.note("provostd killed")
                siege.site.kill()
            siege.answers_go_on(f"Dovecot is {how}")
        return True

    return Kind(f"Dovecot {how}", 1, strike)


# New versions, with their migrations.

def add_migration(site):
    number = len(list(site.path(SCHEMA).glob("*.sql"))) + 1
    site.path(f"{SCHEMA}/{number:04}-fault.sql").write_text(
        f"CREATE TABLE fault_{number} (id BIGINT NOT NULL PRIMARY KEY);\nINSERT INTO fault_{number} (id) VALUES (1);\n"
        "UPDATE mailbox SET display_name = display_name || ' ';\nUPDATE mailbox SET display_name = rtrim(display_name);\n")


def migration_killed_at(step):
    def strike(siege):
        with siege.site.while_it_is_down():
            add_migration(siege.site)
            siege.site.faulty.at_step(step, control.KILL, siege.chance.randint(1, 4) if step == "migration: statement" else 1)
        waiting.until(lambda: siege.site.faulty.struck, f"{step} is come to", 10)
        return siege.site.faulty.lift()

    return Kind(f"killed in a migration at {step}", 1, strike)


def migration_on_a_full_disk(siege):
    with siege.site.while_it_is_down():
        add_migration(siege.site)
        siege.site.fill_disk(siege.chance.choice([0, 8192]))
    said = siege.ledger.busy(lambda: True, least=1)
    siege.answers_go_on("the disk is full")
    siege.site.empty_disk()
    return said["refused"] + said["open"]


def fresh_killed_at(step):
    """The first start of all, of a daemon of its own."""
    def strike(siege):
        machine, socket = siege.site.machine, "/run/fresh/run/admin.sock"
        words = [*siege.site.environment, "/opt/provost/bin/provostd", "--config", "/run/fresh.toml"]
        siege.site.path("/run/fresh.toml").write_text(FRESH)
        siege.site.sh("rm -rf /run/fresh; mkdir -p /run/fresh/state /run/fresh/run/saslauthd /run/fresh/postfix/saslauthd /run/fresh/dovecot/login/provost")
        asking = admin.Admin(machine, socket=socket)

        def begun():
            try:
                return asking.ask("POST", "/domains", {"name": "fresh.test"})[0] in (201, 409)
            except admin.NoAnswer:
                return False

        siege.site.faulty.at_step(step, control.KILL, siege.chance.randint(1, 3) if step.startswith("migration") else 1)
        with open(os.devnull, "wb") as nowhere:
            first = machine.start(words, stdout=nowhere, stderr=nowhere)
            waiting.until(lambda: first.poll() is not None, f"{step} is come to", 10)
            struck = siege.site.faulty.lift()
            second = machine.start(words, stdout=nowhere, stderr=nowhere)
        try:
            waiting.until(begun, "a directory that was hardly begun is begun", 10)
        finally:
            machine.run(["pkill", "-KILL", "-f", "provostd --config /run/fresh.toml"], check=False)
            second.wait(timeout=10)
        return struck

    return Kind(f"killed at the first start at {step}", 1, strike)


# Backups. Nobody acts between a backup and its restoring, so that the ledger is right whatever comes of it.

def backup(siege, *options):
    return siege.site.command("backup", BACKUP, "--force", *options)


def restore(siege):
    return siege.site.command("restore", BACKUP, "--yes")


def clear_away(siege):
    siege.site.sh(f"rm -rf {DATABASE}.before-restore-* {STATE}/.restore-* {STATE}/.provost-backup-* {STATE}/provost-backup*")


def backup_killed_at(step):
    def strike(siege):
        siege.site.sh(f"rm -f {BACKUP}")
        siege.site.faulty.at_step(step)
        with siege.acting_meanwhile(lambda: False, most=2):
            backup(siege)
        struck = siege.site.faulty.lift()
        if siege.site.path(BACKUP).exists():
            looked = siege.site.command("restore", BACKUP, "--dry-run", "--yes")
            if looked.returncode != 0:
                siege.tell(f"a backup is there that is none: {looked.stderr}")
        clear_away(siege)
        return struck

    return Kind(f"backup killed at {step}", 1, strike)


def restore_killed_at(step, at_all_times=True):
    """at_all_times: or only where there is no database any more."""
    def strike(siege):
        assert backup(siege).returncode == 0
        if not at_all_times:
            siege.site.sh(f"rm -f {DATABASE}*")
        siege.site.faulty.at_step(step)
        restore(siege)
        struck = siege.site.faulty.lift()
        if not at_all_times:
            done = restore(siege)
            if done.returncode != 0:
                siege.tell(f"a second restore was refused: {done.stderr}")
        clear_away(siege)
        return struck

    return Kind(f"restore killed at {step}", 1, strike)


def killed_when_restored_at(step):
    """The daemon, while it makes its copy anew beside the one that is answered from."""
    def strike(siege):
        assert backup(siege).returncode == 0
        siege.site.faulty.at_step(step)
        done = restore(siege)
        waiting.until(lambda: siege.site.faulty.struck, f"{step} is come to, after a restore that ended with {done.returncode}: {done.stderr}", 10)
        clear_away(siege)
        return siege.site.faulty.lift()

    return Kind(f"killed when restored at {step}", 1, strike)


def restore_on_a_full_disk(siege):
    assert backup(siege).returncode == 0
    siege.site.fill_disk(siege.chance.choice([0, 100_000, 400_000, 900_000]))
    done = restore(siege)
    siege.site.empty_disk()
    clear_away(siege)
    return done.returncode != 0


# A map of LMDB that is too small.

def outgrown(name, arrange):
    def strike(siege):
        site = siege.site
        with site.while_it_is_down():
            site.sh(f"rm -rf {STATE}/replica")
        waiting.until(lambda: (site.status() or {"replica": {"usable": False}})["replica"]["usable"], "there is a copy", 10)
        with site.while_it_is_down():
            site.faulty.maps_begin_with(1 << 19)
        writer = siege.ledger.some_writer(siege.chance)
        before = site.faulty.steps().get("copy: grown beside", 0)
        arrange(siege)
        for _ in range(40):
            writer.add_large()
            if site.faulty.steps().get("copy: grown beside", 0) > before or site.faulty.struck:
                break
        has_grown = site.faulty.steps().get("copy: grown beside", 0) > before
        struck = site.faulty.lift()
        site.faulty.maps_begin_with(0)
        writer.remove_large()
        return struck or has_grown

    return Kind(name, 1, strike)


def on_a_full_disk(siege):
    siege.site.faulty.failing(control.WRITE, f"{STATE}/replica/copy-", errno.ENOSPC, siege.chance.randint(20, 60), 3)


KINDS = [
    Kind("clock jumps", 6, clock_jumps), Kind("work dated ahead", 1, work_dated_ahead),
    *map(dovecot, ("stopped", "hung", "killed")),
    *map(migration_killed_at, MIGRATION_STEPS), Kind("migration on a full disk", 1, migration_on_a_full_disk),
    *map(fresh_killed_at, FRESH_STEPS), *map(backup_killed_at, BACKUP_STEPS), *map(restore_killed_at, RESTORE_STEPS),
    *(restore_killed_at(step, at_all_times=False) for step in MISSING_STEPS),
    *map(killed_when_restored_at, RESYNC_STEPS), Kind("restore on a full disk", 1, restore_on_a_full_disk),
    outgrown("copy outgrows its map", lambda siege: None),
    outgrown("killed when it outgrows its map", lambda siege: siege.site.faulty.at_step("copy: grown beside")),
    outgrown("copy outgrows its map on a full disk", on_a_full_disk),
]
