# SPDX-License-Identifier: Apache-2.0
"""The database locked, or not to be used: answers go on, acts say why, and all is well once that is over.

Also across restarts of provostd, which then has nothing but its copy to begin with; and with the copy gone as well.
"""

import concurrent.futures
import dataclasses
import imaplib
import os
import poplib
import smtplib
import time
import uuid

import pytest
from lab import admin, doors as doors_module, mail_host as mail_host_module, sqlite, waiting

STATE = "/var/lib/provost"
DATABASE = f"{STATE}/provost.db"
MAP = "socketmap:unix:/var/spool/postfix/provost/map:"
DOORS = ("imap", "pop3", "submission")
PASSWORD = "correct-horse-7-battery"
SETTINGS = '[database]\nbusy_timeout = "1s"\n[passwords]\nfailure_delay = "100ms"\n'
REFUSED_WITHIN = 3  # seconds: that, and the tries of others that were under way
WELL_WITHIN = 2
CANNOT_TELL = "(cannot tell)"


class Site:
    """A mail host whose state may be spoilt, with one user."""

    def __init__(self, host):
        self.host = host
        self.machine = host.machine
        self.doors = doors_module.Doors(host.machine)
        self.user = f"user-{uuid.uuid4().hex[:8]}@example.test"
        host.provost("mailbox", "add", self.user, "--password-stdin", input=f"{PASSWORD}\n")
        self.mailbox = self.doors.mailbox(self.user, PASSWORD)
        self.admin = admin.Admin(self.machine)

    def sh(self, script):
        self.machine.run(["sh", "-ec", script])

    def lookup(self, table, key):
        """What Postfix is told: the answer, None where there is none, CANNOT_TELL."""
        asked = self.machine.run(["postmap", "-q", key, MAP + table], check=False, timeout=10)
        assert asked.returncode in (0, 1), f"postmap ended with {asked.returncode}: {asked.stderr}"
        if asked.returncode == 0:
            return asked.stdout.strip()
        return CANNOT_TELL if asked.stderr else None

    def restart(self, signal):
        """The holder starts it again. Returns when the new one answers, whatever it says."""
        before = self.host.provostd_process()
        self.host.signal_provostd(signal)
        waiting.until(lambda: self.host.provostd_process() not in (None, before), "provostd is started again", 5)
        self.admin.close()
        status, _ = self.admin.ask("GET", "/status")
        assert status == 200

    def all_at_once(self, *works):
        with concurrent.futures.ThreadPoolExecutor(len(works)) as threads:
            for done in [threads.submit(work) for work in works]:
                done.result()

    def lets_in(self, door):
        assert self.doors.signs_in(door, self.user, PASSWORD), door

    def refuses(self, door):
        assert not self.doors.signs_in(door, self.user, "wrong-" + PASSWORD), door

    def a_letter_arrives(self):
        message = doors_module.letter("stranger@example.net", self.user)
        session = self.doors.smtp()
        said = doors_module.send(session, "stranger@example.net", [self.user, "nobody@example.test"], message)
        doors_module.leave(session)
        assert said.recipients[self.user][0] == 250, said
        assert said.recipients["nobody@example.test"][0] == 550, said
        self.mailbox.wait_for(message["Subject"])

    def answers_go_on(self):
        assert self.lookup("mailboxes", self.user)
        assert self.lookup("mailboxes", "nobody@example.test") is None
        self.all_at_once(*(lambda door=door: self.lets_in(door) for door in DOORS),
                         lambda: self.refuses("imap"), self.a_letter_arrives)

    def cannot_tell(self, door):
        with pytest.raises((imaplib.IMAP4.error, poplib.error_proto, smtplib.SMTPAuthenticationError)) as told:
            assert not self.doors.signs_in(door, self.user, PASSWORD), f"{door} has let in, and who knows whom"
            pytest.fail(f"{door} called a right password wrong")
        assert "emporary" in doors_module.words_of(told.value), told.value

    def nobody_is_lied_to(self):
        """With nothing to answer from: neither yes nor no, and at once."""
        began = time.monotonic()
        for key in (self.user, "nobody@example.test"):
            assert self.lookup("mailboxes", key) == CANNOT_TELL
        self.all_at_once(*(lambda door=door: self.cannot_tell(door) for door in DOORS))
        session = self.doors.smtp()
        session.mail("stranger@example.net")
        code, words = session.rcpt(self.user)
        doors_module.leave(session)
        assert 400 <= code < 500, (code, words)
        took = time.monotonic() - began
        assert took < REFUSED_WITHIN, f"it took {took:.1f} s to say that it cannot tell"

    def acts_say_why(self, why):
        """By API and by command, within their bound, and the act is not done."""
        name = f"refused-{uuid.uuid4().hex[:8]}@example.test"
        began = time.monotonic()
        status, problem = self.admin.ask("POST", "/mailboxes", {"name": name})
        took = time.monotonic() - began
        assert status == 503 and why in problem["detail"], (status, problem)
        assert took < REFUSED_WITHIN, f"it took {took:.1f} s to say why"
        began = time.monotonic()
        said = self.host.provost("mailbox", "add", name, "--no-password", check=False)
        took = time.monotonic() - began
        assert said.code == 75 and why in said.err, said
        assert took < REFUSED_WITHIN, f"it took {took:.1f} s to say why"
        assert self.lookup("mailboxes", name) in (None, CANNOT_TELL)

    def status_says(self, why):
        said = self.host.provost("status", "-o", "json", check=False)
        assert said.code == 75, said
        assert why in (said.json["record"]["trouble"] or ""), said.out

    def is_well_again(self):
        """By itself, and soon: acts are done and answered from."""
        began = time.monotonic()
        name = f"done-{uuid.uuid4().hex[:8]}@example.test"

        def done():
            return self.admin.ask("POST", "/mailboxes", {"name": name})[0] == 201

        waiting.until(done, "acts are done again", 20)
        waiting.until(lambda: self.host.provost("status", check=False).code == 0, "status is well", 20)
        took = time.monotonic() - began
        assert took < WELL_WITHIN, f"it was well after {took:.1f} s"
        assert self.lookup("mailboxes", name)
        shown = self.host.provost_json("status", "--verify")
        assert shown["verify"] == {"equal": True, "differences": []}


@pytest.fixture(scope="module")
def site():
    with mail_host_module.MailHost(f"locked-{os.getpid()}", logs=mail_host_module.kept_logs("locked"), settings=SETTINGS) as host:
        host.start()
        host.provost("domain", "add", "example.test")
        yield Site(host)


def test_while_another_process_writes_answers_go_on_and_acts_say_why(site):
    with sqlite.Other(site.machine, "write", DATABASE).wait():
        site.answers_go_on()
        site.acts_say_why("locked")
        site.status_says("locked")
    site.is_well_again()


def test_many_who_wait_for_the_lock_are_all_told_of_it_in_time(site):
    def act(number):
        began = time.monotonic()
        answered = admin.Admin(site.machine).ask("POST", "/mailboxes", {"name": f"many-{number}@example.test"})
        return *answered, time.monotonic() - began

    with sqlite.Other(site.machine, "write", DATABASE).wait(), concurrent.futures.ThreadPoolExecutor(6) as threads:
        for status, problem, took in threads.map(act, range(6)):
            assert status == 503 and "locked" in problem["detail"], problem
            assert took < 2 * REFUSED_WITHIN  # six acts, and fewer workers
    site.is_well_again()


@pytest.mark.parametrize("lock", ["write", "all"])
def test_restarted_while_the_database_is_locked_it_answers_and_says_why(site, lock):
    with sqlite.Other(site.machine, lock, DATABASE) as other:
        for signal in ("TERM", "KILL"):
            site.restart(signal)
            other.wait()
            site.answers_go_on()
        site.acts_say_why("locked")
        site.status_says("locked")
    site.is_well_again()


def test_while_the_database_is_locked_who_is_full_is_known_and_who_has_room_again(site):
    full = f"full-{uuid.uuid4().hex[:8]}@example.test"
    site.host.provost("mailbox", "add", full, "--quota-messages", "1", "--password-stdin", input=f"{PASSWORD}\n")

    def refused():
        session = site.doors.smtp()
        said = doors_module.rcpt(session, full, "stranger@example.net")
        doors_module.leave(session)
        assert said[0] in (250, 552), said
        return said[0] == 552

    with sqlite.Other(site.machine, "write", DATABASE).wait():
        assert not refused()
        session = site.doors.smtp()
        doors_module.send(session, "stranger@example.net", [full], doors_module.letter("stranger@example.net", full))
        doors_module.leave(session)
        waiting.until(refused, "it is known who is full", 30)
        for signal in ("TERM", "KILL"):
            site.restart(signal)
            assert refused()
        session = site.doors.imap(full, PASSWORD)
        session.select("INBOX")
        session.store("1", "+FLAGS", r"\Deleted")
        session.expunge()
        session.logout()
        waiting.until(lambda: not refused(), "it is known who has room again", 30)
        for signal in ("TERM", "KILL"):
            site.restart(signal)
            assert not refused()
    site.is_well_again()


@dataclasses.dataclass
class Fault:
    """Of the database: scripts that make it and take it back, and what everybody is told meanwhile."""

    spoil: str
    heal: str
    why: str


TAKE_AWAY = f"mkdir /root/away; mv {DATABASE}* /root/away"
# Last the file that is looked for: nobody is to open it without the two that belong to it.
PUT_BACK = f"rm -f {DATABASE}*; mv /root/away/*-* {STATE}; mv /root/away/* {STATE}; rmdir /root/away"
OWN = f"chown provost:provost {DATABASE}; chmod 600 {DATABASE}"
NEWER = "INSERT INTO schema_migration (number, name, checksum, applied) VALUES (9999, '9999-newer', 'x', 0)"

FAULTS = {
    "missing": Fault(TAKE_AWAY, PUT_BACK, "there is no such file"),
    "empty": Fault(f"{TAKE_AWAY}; : >{DATABASE}; {OWN}", PUT_BACK, "empty where one that was in use is expected"),
    "garbage": Fault(f"{TAKE_AWAY}; head -c 20000 /dev/urandom >{DATABASE}; {OWN}", PUT_BACK, "not a database"),
    "unreadable": Fault(f"chmod 000 {DATABASE}", OWN, "unable to open database file"),
    "read_only": Fault(f"chmod 400 {DATABASE}", OWN, "cannot be written to"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_with_a_database_that_cannot_be_used_it_answers_and_says_why(site, fault):
    site.sh(FAULTS[fault].spoil)
    site.restart("KILL")
    site.answers_go_on()
    site.acts_say_why(FAULTS[fault].why)
    site.status_says(FAULTS[fault].why)
    site.sh(FAULTS[fault].heal)
    site.is_well_again()


def test_with_a_database_of_a_newer_version_it_answers_and_says_why(site):
    sqlite.run_sql(site.machine, DATABASE, NEWER)
    site.restart("TERM")
    site.answers_go_on()
    site.acts_say_why("newer version")
    site.status_says("newer version")
    sqlite.run_sql(site.machine, DATABASE, "DELETE FROM schema_migration WHERE number = 9999")
    site.is_well_again()


def test_a_database_that_goes_while_it_is_in_use_is_missed_and_found_again(site):
    site.sh(FAULTS["missing"].spoil)
    site.answers_go_on()
    site.acts_say_why(FAULTS["missing"].why)
    site.status_says(FAULTS["missing"].why)
    site.sh(FAULTS["missing"].heal)
    site.is_well_again()


@pytest.mark.parametrize("when", ["while_it_runs", "before_it_starts"])
def test_a_copy_that_is_gone_is_made_anew(site, when):
    site.sh(f"rm -rf {STATE}/replica")
    if when == "before_it_starts":
        site.restart("KILL")
        waiting.until(lambda: site.lookup("mailboxes", site.user) != CANNOT_TELL, "there is a copy again", WELL_WITHIN)
    site.answers_go_on()
    site.is_well_again()


def test_without_its_copy_and_with_a_locked_database_it_cannot_tell(site):
    with sqlite.Other(site.machine, "all", DATABASE) as other:
        site.sh(f"rm -rf {STATE}/replica")
        site.restart("KILL")
        other.wait()
        site.nobody_is_lied_to()
        site.acts_say_why("locked")
        site.status_says("locked")
    site.is_well_again()
    site.answers_go_on()


def test_without_any_of_its_state_it_cannot_tell(site):
    site.sh(f"chmod 000 {STATE}")
    site.answers_go_on()
    site.restart("KILL")
    site.nobody_is_lied_to()
    site.acts_say_why("cannot be reached")
    site.status_says("cannot be reached")
    site.sh(f"chmod 750 {STATE}")
    site.is_well_again()
    site.answers_go_on()


def test_with_database_and_copy_both_gone_nobody_is_told_that_he_is_unknown(site):
    """As on the first day, when there is nobody to be told."""
    site.sh(f"{TAKE_AWAY}; rm -rf {STATE}/replica")
    site.answers_go_on()
    site.restart("TERM")
    waiting.until(lambda: site.host.provost("status", check=False).code == 0, "a new database is there", WELL_WITHIN)
    site.nobody_is_lied_to()
    site.sh(PUT_BACK)
    site.is_well_again()
    site.answers_go_on()
