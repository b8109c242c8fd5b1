# SPDX-License-Identifier: Apache-2.0
"""The database locked by another process: answers go on, acts say why, and all is well once it is free."""

import concurrent.futures
import os
import time
import uuid

import pytest
from lab import admin, doors as doors_module, mail_host as mail_host_module, sqlite, waiting

DATABASE = "/var/lib/provost/provost.db"
MAP = "socketmap:unix:/var/spool/postfix/provost/map:"
PASSWORD = "correct-horse-7-battery"
REFUSED_WITHIN = 6  # seconds: [database] busy_timeout, and the try that was under way
WELL_WITHIN = 2


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

    def lookup(self, table, key):
        """(exit code, answer) of Postfix's own question."""
        asked = self.machine.run(["postmap", "-q", key, MAP + table], check=False)
        return asked.returncode, asked.stdout.strip()

    def answers_go_on(self):
        assert self.lookup("mailboxes", self.user)[0] == 0
        assert self.lookup("mailboxes", "nobody@example.test") == (1, "")
        for door in ("imap", "pop3", "submission"):
            assert self.doors.signs_in(door, self.user, PASSWORD), door
        assert not self.doors.signs_in("imap", self.user, "wrong-" + PASSWORD)
        message = doors_module.letter("stranger@example.net", self.user)
        session = self.doors.smtp()
        said = doors_module.send(session, "stranger@example.net", [self.user, "nobody@example.test"], message)
        assert said.recipients[self.user][0] == 250
        assert said.recipients["nobody@example.test"][0] == 550
        doors_module.leave(session)
        self.mailbox.wait_for(message["Subject"])

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
        assert self.lookup("mailboxes", name) == (1, "")

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
        assert self.lookup("mailboxes", name)[0] == 0
        shown = self.host.provost_json("status", "--verify")
        assert shown["verify"] == {"equal": True, "differences": []}


@pytest.fixture(scope="module")
def site():
    logs = mail_host_module.TOP / "build" / "check" / "end_to_end" / "logs-locked"
    with mail_host_module.MailHost(f"locked-{os.getpid()}", logs=logs) as host:
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
