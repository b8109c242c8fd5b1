# SPDX-License-Identifier: Apache-2.0
"""Mailboxes are made while Cyrus and provostd are killed, stopped and started: in the end Cyrus has what the directory
says, and no letter was sent back meanwhile.

PROVOST_CYRUS_KILLS: how often, for longer runs; PROVOST_CYRUS_SEED: of what is done when.
"""

import os
import random
import threading
import time

import pytest
from lab import admin, cyrus_host, cyrus_site, waiting

KILLS = int(os.environ.get("PROVOST_CYRUS_KILLS", "6"))
SEED = int(os.environ.get("PROVOST_CYRUS_SEED", "20261201"))


class Makers:
    """Adds mailboxes without end, and writes to each; what was acknowledged is kept."""

    def __init__(self, site):
        self.site = site
        self.added = []
        self.refused = []
        self.letters = []
        self._ending = threading.Event()
        self._threads = [threading.Thread(target=self.make), threading.Thread(target=self.write)]

    def __enter__(self):
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self._ending.set()
        for thread in self._threads:
            thread.join()

    def make(self):
        number = 0
        api = None
        while not self._ending.is_set():
            number += 1
            name = f"u{number}@example.test"
            try:
                api = api or admin.Admin(self.site.machine, 30)
                status, said = api.ask("POST", "/mailboxes", {"name": name, "quota": "10M"})
            except (OSError, admin.NoAnswer):  # a daemon that was killed in the middle: it is there or not
                api = None
                continue
            if status in (200, 201):
                self.added.append(name)
                if said.get("notes"):  # Cyrus is away: so many at once would wait that the end is long in coming
                    self._ending.wait(0.5)
            elif status != 503:
                self.refused.append((name, status, said))

    def write(self):
        written = 0
        while not self._ending.is_set():
            if written == len(self.added):
                self._ending.wait(0.05)
                continue
            letter = self.site.post.from_stranger(self.added[written])
            if letter.said.code == 250:
                self.letters.append((self.added[written], letter))
            elif not letter.answer.startswith("4"):
                self.refused.append((self.added[written], letter.answer))
            written += 1


def kill_cyrus(site, luck):
    site.machine.run(["pkill", "-KILL", "-u", "cyrus"], check=False)
    site.machine.run(["pkill", "-KILL", "-x", "cyrmaster"], check=False)
    time.sleep(luck.uniform(0, 1))  # how long it is away is part of what is tried
    cyrus_host.start_cyrus(site.machine)


def kill_provostd(site, luck):
    site.signal_provostd("KILL")
    waiting.until(site.host.answers, "provostd answers again", 60)


def hang_cyrus(site, luck):
    site.machine.run(["pkill", "-STOP", "-u", "cyrus", "-x", "imapd"], check=False)
    time.sleep(luck.uniform(0, 2))
    site.machine.run(["pkill", "-CONT", "-u", "cyrus", "-x", "imapd"], check=False)


def cut_off(site, luck):
    """The administrator's connection ends in the middle of whatever it is at."""
    site.machine.run(["pkill", "-KILL", "-u", "cyrus", "-x", "imapd"], check=False)


@pytest.fixture(scope="module")
def site():
    with cyrus_site.CyrusSite("cyrus-kills") as made:
        made.signal_provostd = made.host.signal_provostd
        yield made


def test_what_was_acknowledged_is_made_whatever_is_killed(site):
    luck = random.Random(SEED)
    with Makers(site) as makers:
        for _ in range(KILLS):
            wanted = len(makers.added) + luck.randint(1, 5)
            waiting.until(lambda: len(makers.added) >= wanted, "some are added", 60)
            luck.choice((kill_cyrus, kill_provostd, hang_cyrus, cut_off))(site, luck)
    assert makers.refused == []
    assert len(makers.added) > KILLS
    for job in site.host.provost_json("job", "list")["items"]:
        site.host.provost("job", "retry", job["id"], check=False)
    waiting.until(lambda: site.host.provost_json("job", "list")["items"] == [], "all work is done", 120)
    found = site.host.provost("drift", "-o", "json", check=False)
    assert found.code == 0, found.out + found.err
    states = {one["name"]: one["store"]["state"] for one in site.host.provost_json("mailbox", "list")["items"]}
    assert {states[name] for name in makers.added} == {"ready"}
    site.machine.run(["postfix", "flush"])
    waiting.until(lambda: not site.host.queue(), "the queue is empty", 120)
    assert "status=bounced" not in site.host.log("mail.log")
    for address, letter in makers.letters:
        assert letter.subject in letters_of(site, address), address


def letters_of(site, address):
    """As Cyrus's administrator, in the user's name: these users have no passwords."""
    session = site.as_user(address)
    try:
        count = int(session.select("INBOX", readonly=True)[1][0])
        parts = session.fetch(f"1:{count}", "(BODY.PEEK[HEADER.FIELDS (SUBJECT)])")[1] if count else []
        return [part[1].decode().split(":", 1)[1].strip() for part in parts if isinstance(part, tuple)]
    finally:
        session.logout()
