# SPDX-License-Identifier: Apache-2.0
"""Servers and provostd restarted and reloaded, in any order: logins and deliveries go on by themselves, and soon."""

import concurrent.futures
import imaplib
import os
import poplib
import smtplib
import time
import uuid

import pytest
from lab import doors as doors_module, mail_host as mail_host_module, waiting

PASSWORD = "correct-horse-7-battery"
WELL_WITHIN = 2
# Dovecot's login processes connect again at the earliest so long after they last did: AUTH_SERVER_RECONNECT_TIMEOUT_SECS
# of its lib-auth, in whole seconds of a clock that ticks in between.
DOVECOTS_OWN_PAUSE = 5
IN_TROUBLE = (OSError, EOFError, imaplib.IMAP4.error, poplib.error_proto, smtplib.SMTPException)
DOORS = ("imap", "pop3", "submission")


class Site:
    """A mail host with one user."""

    def __init__(self, host):
        self.host = host
        self.machine = host.machine
        self.doors = doors_module.Doors(host.machine)
        self.user = f"user-{uuid.uuid4().hex[:8]}@example.test"
        host.provost("mailbox", "add", self.user, "--password-stdin", input=f"{PASSWORD}\n")
        self.mailbox = self.doors.mailbox(self.user, PASSWORD)

    def restart_dovecot(self):
        self.machine.run(["doveadm", "stop"])
        self.machine.run(["dovecot"])

    def reload_dovecot(self):
        self.machine.run(["doveadm", "reload"])

    def restart_postfix(self):
        self.machine.run(["postfix", "stop"])
        self.machine.run(["postfix", "start"])

    def reload_postfix(self):
        self.machine.run(["postfix", "reload"])

    def end_provostd(self):
        """The holder starts it again."""
        self.host.signal_provostd("TERM")

    def kill_provostd(self):
        self.host.signal_provostd("KILL")

    def signs_in(self, door):
        """A server in trouble is asked again; one that calls the right password wrong has lied."""
        assert self.doors.signs_in(door, self.user, PASSWORD), f"{door} called a right password wrong"
        return True

    def a_letter_is_taken(self):
        """Its subject, once the server has taken it; to be refused for good would be a lie."""
        message = doors_module.letter("stranger@example.net", self.user)
        session = self.doors.smtp()
        try:
            said = doors_module.send(session, "stranger@example.net", [self.user], message)
        finally:
            doors_module.leave(session)
        assert said.code < 500, f"a letter was refused for good: {said}"
        return message["Subject"] if said.code == 250 else None

    def has_arrived(self, subject):
        return subject in self.mailbox.subjects()

    def put_off(self):
        return sum(entry["queue_name"] == "deferred" for entry in self.host.queue())

    def a_new_letter_arrives(self):
        """False where it was put off: Postfix tries it again in its own time, which is minutes, and others go on."""
        before = self.put_off()
        subject = self.a_letter_is_taken()
        if subject is None:
            return False
        until_well(lambda: self.has_arrived(subject) or self.put_off() > before, "a letter arrives or is put off")
        return self.has_arrived(subject)

    def seconds_until_well(self):
        """By what is asked, each asked at the same time from now on."""
        works = {door: lambda door=door: until_well(lambda: self.signs_in(door), f"{door} lets in") for door in DOORS}
        works["delivery"] = lambda: until_well(self.a_new_letter_arrives, "a letter arrives")
        began = time.monotonic()

        def took(work):
            work()
            return round(time.monotonic() - began, 2)

        with concurrent.futures.ThreadPoolExecutor(len(works)) as threads:
            return dict(zip(works, threads.map(took, works.values())))


def until_well(condition, what):
    def asked():
        try:
            return condition()
        except IN_TROUBLE:
            return None

    return waiting.until(asked, what, 20)


ACTIONS = ("restart_dovecot", "reload_dovecot", "restart_postfix", "reload_postfix", "end_provostd", "kill_provostd")


def every_pair():
    """A walk in which each action comes once right after each, itself as well: a de Bruijn sequence, closed."""
    walk = []
    for i, action in enumerate(ACTIONS):
        walk.append(action)
        for later in ACTIONS[i + 1:]:
            walk += [action, later]
    return walk + walk[:1]


@pytest.fixture(scope="module")
def site():
    with mail_host_module.MailHost(f"restart-{os.getpid()}", logs=mail_host_module.kept_logs("restart")) as host:
        host.start()
        host.provost("domain", "add", "example.test")
        made = Site(host)
        made.seconds_until_well()  # the first start of the servers is not what is measured
        yield made


def do_and_wait(site, action):
    """The seconds until each was well, and what went wrong meanwhile."""
    getattr(site, action)()
    put_off = site.put_off()
    took = site.seconds_until_well()
    # Only a reload is not over when the command that asks for it is.
    troubles = ["a letter was put off"] if action != "reload_dovecot" and site.put_off() > put_off else []
    return took, troubles


def test_whatever_is_restarted_after_whatever_all_is_well_soon(site):
    slowest, late, troubles = {}, [], []
    walk = every_pair()
    for before, action in zip([None, *walk], walk):
        took, wrong = do_and_wait(site, action)
        slowest[action] = max(slowest.get(action, 0), *took.values())
        troubles += [f"after {before}, {action}: {each}" for each in wrong]
        if max(took.values()) > WELL_WITHIN:
            late.append((before, action, took))
    print(f"seconds until all was well, at most: {slowest}; letters put off: {site.put_off()}; late: {late}")
    # The machine may have had something else to do for a moment; what comes late of itself does so again.
    for before, action, first in late:
        if before:
            do_and_wait(site, before)
        took, _ = do_and_wait(site, action)
        if max(took.values()) > WELL_WITHIN:
            troubles.append(f"after {before}, {action}: {first}, and again {took}")
    assert not troubles, "\n".join(troubles)


def test_who_was_at_the_prompt_when_provostd_was_killed_is_let_in_after_dovecots_pause(site):
    began = time.monotonic()
    imap, pop3, submission = site.doors.imap(), site.doors.pop3(), site.doors.submission()
    killed = site.machine.path(f"/proc/{site.host.provostd_process()}")
    site.kill_provostd()
    # What reaches it while it dies is lost with it, and its user told that he cannot be let in now.
    waiting.until(lambda: not killed.exists(), "it has died")

    def by_pop3():
        pop3.user(site.user)
        pop3.pass_(PASSWORD)

    def by_submission():
        doors_module.sign_in(submission, site.user, PASSWORD)

    def let_in(door, login):
        """A server that had not noticed yet sends its question into the dead socket, and refuses; not a second time."""
        try:
            login()
        except IN_TROUBLE:
            site.signs_in(door)

    logins = (("imap", lambda: imap.login(site.user, PASSWORD)), ("pop3", by_pop3), ("submission", by_submission))
    with concurrent.futures.ThreadPoolExecutor(len(logins)) as threads:
        list(threads.map(lambda each: let_in(*each), logins))
    took = time.monotonic() - began
    for session in (imap, pop3, submission):
        doors_module.leave(session)
    assert took < DOVECOTS_OWN_PAUSE + WELL_WITHIN, f"they were let in after {took:.1f} s"


def test_the_holder_ends_with_its_daemon_and_leaves_no_socket_behind(site):
    listed = [line.split() for line in site.machine.path("/etc/provost/sockets").read_text().splitlines()]
    held = [site.machine.path(words[1]) for words in listed if len(words) == 5]
    assert held and all(path.is_socket() for path in held)
    assert site.host.stop_provostd() == 0
    assert site.host.provostd_process() is None
    assert [path for path in held if path.exists()] == []
    site.host.start_provostd()
