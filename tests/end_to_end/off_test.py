# SPDX-License-Identifier: Apache-2.0
"""Off means off, now: what `disable` and its kin promise, at the doors of the real servers and under a crowd."""

import collections
import concurrent.futures
import datetime
import os
import poplib
import smtplib
import statistics
import threading
import time

import pytest
from lab import crowd as crowd_module
from lab import doors as doors_module
from lab import waiting

ROUNDS = int(os.environ.get("PROVOST_ROUNDS", "3"))
LOGINS_TAKE = 4  # seconds over which the crowd's passwords are sent; disable comes early in them
READING_LAG = 0.5  # seconds until a busy test process has read what the server sent long before
# What the servers' doors are called in a proof.
PROVED_DOORS = {"imap", "imaps", "pop3", "pop3s", "sieve", "submission", "submissions"}
SIGN_IN_DOORS = ("imap", "pop3", "sieve", "submission", "submissions")


class Sessions:
    """A session of one user at each kind of door: idle in IMAP, signed in to POP3 and, before MAIL, to submission."""

    def __init__(self, doors, user, password):
        self.user = user
        self.imap = doors.imap(user, password)
        self.imap.select("INBOX")
        self.imap.send(b"i1 IDLE\r\n")
        assert self.imap.readline().startswith(b"+")
        self.pop3 = doors.pop3(user, password)
        self.smtp = doors.submission(user, password)
        self.ended = {}
        for door, session in (("imap", self.imap), ("pop3", self.pop3)):
            threading.Thread(target=self._watch, args=(door, session), daemon=True).start()

    def _watch(self, door, session):
        """The end of a session as its client sees it: the server hangs up without having been asked anything."""
        try:
            while session.file.read(1):
                continue
        except (OSError, ValueError):
            pass
        self.ended[door] = time.monotonic()

    def wait_for_end(self, seconds=5):
        waiting.until(lambda: {"imap", "pop3"} <= self.ended.keys(), f"the sessions of {self.user} end", seconds)

    def smtp_answer(self):
        """What submission says to the next recipient."""
        said, words = self.smtp.mail(self.user)
        if said == 250:
            said, words = self.smtp.rcpt(self.user)
        self.smtp.rset()
        return said, words.decode()

    def close(self):
        for session in (self.imap, self.pop3, self.smtp):
            doors_module.leave(session)


@pytest.fixture
def sessions(doors):
    made = []

    def begin(user, password=None):
        made.append(Sessions(doors, user.address, password or user.password))
        return made[-1]

    yield begin
    for each in made:
        each.close()


def refused_everywhere(doors, user, password):
    """Whether every door refuses; a server that is too busy to tell is asked again."""
    def knock(door):
        while True:
            try:
                return doors.signs_in(door, user, password)
            except (doors_module.imaplib.IMAP4.error, poplib.error_proto, smtplib.SMTPAuthenticationError) as busy:
                assert "UNAVAILABLE" in str(busy) or "SYS/TEMP" in str(busy) or "454" in str(busy), busy

    with concurrent.futures.ThreadPoolExecutor() as hands:
        return not any(hands.map(knock, SIGN_IN_DOORS))


def assert_proved(done):
    """A proof that says: every door of the host refuses, and no session is left."""
    assert done.code == 0, done.err
    proof = done.json["proof"]
    assert proof["complete"] is True, proof
    assert {door["door"] for door in proof["doors"] if door["proved"]} >= PROVED_DOORS, proof
    assert proof["sessions_trouble"] is None
    return proof


def test_no_login_of_two_hundred_succeeds_after_disable_returned(machine, doors, provost, new_user, sessions):
    """PROVOST_ROUNDS times. An OK that was said before and read after counts if its session could still do something."""
    user = new_user("crowded")
    took, ended = [], []
    counted = collections.Counter()
    with crowd_module.Crowd(machine, user.address, user.password) as crowd:
        for turn in range(ROUNDS):
            opened = sessions(user)
            crowd.release(within=LOGINS_TAKE)
            waiting.until(lambda: any(attempt.used for attempt in list(crowd.attempts)), "one of the crowd is in", 30)
            asked = time.monotonic()
            done = provost("mailbox", "disable", user.address, "-o", "json")
            returned = time.monotonic()
            proof = assert_proved(done)
            opened.wait_for_end()
            assert max(opened.ended.values()) <= returned + READING_LAG, (opened.ended, returned)
            assert opened.smtp_answer()[0] == 550
            opened.close()
            crowd.wait_for_all()
            first = crowd.attempts
            crowd.release(within=0)
            crowd.wait_for_all()
            # Of those from loopback only four at a time have their password checked; the others are told to try later.
            refused = {attempt.door for attempt in crowd.attempts if attempt.outcome == crowd_module.REFUSED}
            assert refused, crowd.attempts
            for attempt in first + crowd.attempts:
                late = attempt.outcome == crowd_module.IN and attempt.told > returned
                assert not (late and (attempt.began > returned or attempt.used)), (turn, asked, returned, attempt)
                counted[attempt.outcome + (" before" if attempt.told <= returned else " after")] += 1
            took.append(returned - asked)
            ended.append(proof["sessions_ended"])
            print(f"round {turn + 1}: {took[-1] * 1000:.0f} ms, {ended[-1]} sessions ended; in all {dict(counted)}", flush=True)
            assert provost("mailbox", "enable", user.address).code == 0
    print(f"{ROUNDS} rounds: disable took {statistics.median(took) * 1000:.0f} ms (most {max(took) * 1000:.0f} ms)")


def test_disable_prints_the_proof(provost, new_user, sessions):
    user = new_user("proved")
    sessions(user)
    done = provost("mailbox", "disable", user.address)
    assert done.code == 0
    for door in PROVED_DOORS:
        assert any(line.split()[:1] == [door] and "ms" in line for line in done.out.splitlines()), done.out


def test_a_new_password_ends_the_sessions_and_the_old_one(doors, provost, new_user, sessions):
    user = new_user("changed")
    opened = sessions(user)
    new = "another-horse-8-battery"
    done = provost("mailbox", "passwd", user.address, "--password-stdin", "-o", "json", input=f"{new}\n")
    assert done.code == 0, done.err
    opened.wait_for_end()
    assert refused_everywhere(doors, user.address, user.password)
    assert doors.signs_in("imap", user.address, new)


def test_a_deleted_mailbox_has_no_sessions_and_no_logins(doors, provost, new_user, sessions):
    user = new_user("deleted")
    opened = sessions(user)
    assert_proved(provost("mailbox", "delete", user.address, "-o", "json"))
    opened.wait_for_end()
    assert opened.smtp_answer()[0] in (550, 553)  # nobody may send as it any more
    assert refused_everywhere(doors, user.address, user.password)


def test_kick_ends_sessions_and_lets_in_again(doors, provost, new_user, sessions):
    user = new_user("kicked")
    opened = sessions(user)
    done = provost("mailbox", "kick", user.address, "-o", "json")
    assert done.code == 0, done.err
    assert done.json["proof"]["sessions_ended"] >= 2
    opened.wait_for_end()
    assert doors.signs_in("imap", user.address, user.password)
    assert opened.smtp_answer()[0] == 250


def test_what_expires_loses_its_sessions_by_itself(doors, provost, new_user, sessions):
    user = new_user("expiring")
    opened = sessions(user)
    at = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=3)
    assert provost("mailbox", "set", user.address, "--expires", at.strftime("%Y-%m-%dT%H:%M:%SZ")).code == 0
    assert opened.smtp_answer()[0] == 250
    opened.wait_for_end(20)
    assert datetime.datetime.now(datetime.timezone.utc) >= at.replace(microsecond=0)
    assert opened.smtp_answer()[0] == 550
    assert refused_everywhere(doors, user.address, user.password)


def test_a_domain_that_is_switched_off_takes_its_users_with_it(doors, provost, new_user, sessions):
    domain = "switched-off.test"
    assert provost("domain", "add", domain).code == 0
    user = new_user("inside", domain=domain)
    opened = sessions(user)
    done = provost("domain", "disable", domain, "-o", "json")
    assert done.code == 0, done.err
    opened.wait_for_end(15)
    assert opened.smtp_answer()[0] == 550
    assert refused_everywhere(doors, user.address, user.password)
    assert provost("domain", "enable", domain).code == 0
    assert doors.signs_in("imap", user.address, user.password)
