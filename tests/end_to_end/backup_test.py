# SPDX-License-Identifier: Apache-2.0
"""A backup made while acts go on, and the directory made of it again under a provostd that runs."""

import json
import os
import threading
import uuid

import pytest
from lab import admin, doors as doors_module, mail_host as mail_host_module, programs, sqlite, waiting

STATE = "/var/lib/provost"
DATABASE = f"{STATE}/provost.db"
BACKUPS = "/root/backups"
MAP = "socketmap:unix:/var/spool/postfix/provost/map:"
PASSWORD = "correct-horse-7-battery"
SOON = 5  # seconds, in which everybody is to be answered from what was restored
NEWER = "INSERT INTO schema_migration (number, name, checksum, applied) VALUES (9999, '9999-newer', 'x', 0)"


class Site:
    def __init__(self, host):
        self.host = host
        self.machine = host.machine
        self.doors = doors_module.Doors(host.machine)
        self.machine.run(["mkdir", "-m", "700", BACKUPS])

    def sh(self, script, check=True):
        return self.machine.run(["sh", "-ec", script], check=check)

    def provost(self, *words, **options):
        return self.host.provost(*words, check=False, **options)

    def add(self, name):
        self.host.provost("mailbox", "add", name, "--password-stdin", input=f"{PASSWORD}\n")
        return name

    def new_name(self, part):
        return f"{part}-{uuid.uuid4().hex[:8]}@example.test"

    def is_known(self, name):
        return self.machine.run(["postmap", "-q", name, MAP + "mailboxes"], check=False).returncode == 0

    def back_up(self):
        file = f"{BACKUPS}/{uuid.uuid4().hex[:8]}"
        done = self.host.provost("backup", file)
        assert "mail is not in it" in done.out
        return file

    def position(self):
        return self.host.provost_json("status")["record"]["position"]

    def is_equal(self):
        shown = self.host.provost_json("status", "--verify")
        assert shown["verify"] == {"equal": True, "differences": []}

    def nothing_left_over(self):
        found = self.sh(f"ls -A {BACKUPS} {STATE}").stdout
        assert ".provost-backup" not in found and ".restore" not in found, found


@pytest.fixture(scope="module")
def site():
    with mail_host_module.MailHost(f"backup-{os.getpid()}", logs=mail_host_module.kept_logs("backup")) as host:
        host.start()
        host.provost("domain", "add", "example.test")
        yield Site(host)


class Acts:
    """One act after the other in a thread, and the names whose acts were acknowledged."""

    def __init__(self, site):
        self._admin = admin.Admin(site.machine)
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run)
        self.done = []
        self.refused = []

    def _run(self):
        while not self._stop.is_set():
            name = f"load-{uuid.uuid4().hex[:12]}@example.test"
            status, answer = self._admin.ask("POST", "/mailboxes", {"name": name})
            if status == 201:
                self.done.append(name)
            else:
                self.refused.append((status, answer))

    def __enter__(self):
        self._thread.start()
        waiting.until(lambda: len(self.done) > 20, "acts are done")
        return self

    def __exit__(self, *_):
        self._stop.set()
        self._thread.join()


def test_a_backup_made_while_acts_go_on_is_whole(site):
    with Acts(site) as acts:
        before = list(acts.done)
        files = [site.back_up() for _ in range(3)]
        seen = len(acts.done)
        waiting.until(lambda: len(acts.done) > seen, "acts go on")
    assert not acts.refused
    for file in files:
        assert site.sh(f"stat -c '%a %U' {file}").stdout == "600 root\n"
        told = json.loads(site.provost("restore", file, "--dry-run", "--yes", "-o", "json").out)
        assert not set(before) & set(told["gone"])
    site.nothing_left_over()


def test_a_backup_is_not_overwritten_unless_that_is_said(site):
    file = site.back_up()
    refused = site.provost("backup", file)
    assert refused.code == 4 and "--force" in refused.err, refused
    assert site.provost("backup", file, "--force").code == 0


def test_only_root_makes_and_restores_backups(site):
    for verb in ("backup", "restore"):
        assert site.machine.run(["provost", verb, "/tmp/x"], check=False, user="daemon").returncode == 77


def test_an_older_backup_is_restored_under_a_running_provostd(site):
    alice, purged = site.add(site.new_name("alice")), site.add(site.new_name("purged"))
    file = site.back_up()
    bob = site.add(site.new_name("bob"))
    site.host.provost("mailbox", "disable", alice)
    daemon, old = site.host.provostd_process(), site.position()
    assert not site.doors.signs_in("imap", alice, PASSWORD)

    refused = site.provost("restore", file)
    assert refused.code == 4, refused
    assert f"revision {old['revision']} of" in refused.err and "--yes" in refused.err, refused.err
    assert site.is_known(bob)
    assert site.position() == old

    done = site.provost("restore", file, "--yes", timeout=SOON + 5)
    assert done.code == 0, done
    # The command returns when provostd answers from it.
    assert site.is_known(alice) and site.is_known(purged)
    assert not site.is_known(bob)
    assert bob in done.out
    new = site.position()
    assert new["epoch"] != old["epoch"] and new["revision"] > old["revision"]
    assert site.host.provostd_process() == daemon
    site.is_equal()
    assert site.doors.signs_in("imap", alice, PASSWORD)
    site.host.provost("mailbox", "disable", alice)
    assert not site.doors.signs_in("imap", alice, PASSWORD)
    owners = site.sh(f"stat -c '%a %U:%G' {DATABASE} {STATE}/*.before-restore-*").stdout.split("\n")[:-1]
    assert set(owners) == {"600 provost:provost"}, owners
    site.nothing_left_over()


def test_homes_of_no_mailbox_are_listed(site):
    file = site.back_up()
    bob = site.add(site.new_name("bob"))
    letter = doors_module.letter("stranger@example.net", bob)
    session = site.doors.smtp()
    doors_module.send(session, "stranger@example.net", [bob], letter)
    doors_module.leave(session)
    site.doors.mailbox(bob, PASSWORD).wait_for(letter["Subject"])
    done = site.host.provost_json("restore", file, "--yes")
    assert bob in done["gone"]
    assert done["homes_of_nobody"], done
    for home in done["homes_of_nobody"]:
        assert home.startswith("/var/vmail/"), home


def test_what_was_acknowledged_is_in_one_database_or_the_other(site):
    file = site.back_up()
    with Acts(site) as acts:
        done = site.host.provost_json("restore", file, "--yes")
        seen = len(acts.done)
        waiting.until(lambda: len(acts.done) > seen + 20, "acts go on")
    assert not acts.refused
    lost = set(done["gone"])
    for name in acts.done:
        assert site.is_known(name) != (name in lost), name
    site.is_equal()


DAMAGES = {
    "a flipped byte": "printf '\\377' | dd of=FILE bs=1 seek=9000 conv=notrunc status=none",
    "a cut": "truncate -s -1 FILE",
    "garbage": "head -c 20000 /dev/urandom >FILE",
    "nothing": ": >FILE",
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_backup_is_refused_and_nothing_changes(site, damage):
    file = site.back_up()
    site.sh(DAMAGES[damage].replace("FILE", file))
    before = site.position()
    refused = site.provost("restore", file, "--yes")
    assert refused.code == 2 and file in refused.err, refused
    assert "damaged" in refused.err or "is not a backup" in refused.err, refused.err
    assert site.position() == before
    site.nothing_left_over()


def test_a_backup_of_a_newer_version_is_refused(site):
    sqlite.run_sql(site.machine, DATABASE, NEWER)
    file = site.back_up()
    sqlite.run_sql(site.machine, DATABASE, "DELETE FROM schema_migration WHERE number = 9999")
    refused = site.provost("restore", file, "--yes")
    assert refused.code == 4 and "newer version" in refused.err, refused
    site.is_equal()


def test_killed_at_any_step_it_is_the_old_state_or_the_new(site):
    alice = site.add(site.new_name("alice"))
    file = site.back_up()
    bob = site.add(site.new_name("bob"))
    pause, ended = 0.0, False
    while not ended:
        pause += 0.004
        process = site.machine.start(["timeout", "-s", "KILL", f"{pause:.3f}", "provost", "restore", file, "--yes"])
        ended = process.wait() == 0
        waiting.until(lambda: site.host.provost("status", check=False).code == 0, "provostd is well", SOON)
        assert site.is_known(alice)
        waiting.until(lambda: not ended or not site.is_known(bob), "the new state is answered", SOON)
        site.is_equal()
        assert pause < 5, "it never ended"
    waiting.until(lambda: not site.is_known(bob), "the new state is answered", SOON)
    site.sh(f"rm -rf {STATE}/.restore-*")


def test_a_lost_database_is_restored_under_a_running_provostd(site):
    file = site.back_up()
    alice = site.add(site.new_name("alice"))
    site.sh(f"mkdir -p /root/lost; mv {DATABASE}* /root/lost; rm -rf /root/lost/*before-restore*")
    assert site.is_known(alice)
    done = site.host.provost("restore", file)
    assert "there was none" in done.out
    assert not site.is_known(alice)
    site.add(site.new_name("bob"))
    site.is_equal()


def test_a_database_that_is_none_any_more_is_restored_and_kept(site):
    file = site.back_up()
    site.sh(f"mv {DATABASE} /root/lost/again; head -c 9000 /dev/urandom >{DATABASE}; chown provost:provost {DATABASE}")
    refused = site.provost("restore", file)
    assert refused.code == 4 and "not a database" in refused.err, refused
    done = site.host.provost_json("restore", file, "--yes")
    assert site.sh(f"stat -c %s {done['aside']}").stdout == "9000\n"
    site.add(site.new_name("carol"))
    site.is_equal()


def test_with_provostd_down_both_work(site):
    alice = site.add(site.new_name("alice"))
    site.host.stop_provostd()
    try:
        file = site.back_up()
        done = site.host.provost("restore", file)
        assert "provostd does not answer" in done.err, done
    finally:
        site.host.start_provostd()
    assert site.is_known(alice)
    site.is_equal()
