# SPDX-License-Identifier: Apache-2.0
"""Whoever is built on Cyrus SASL asks us as it asks saslauthd: Cyrus's own testsaslauthd, and Postfix in its chroot."""

import concurrent.futures
import contextlib
import dataclasses
import os
import smtplib
import socket
import time

import pytest
from lab import doors as the_doors
from lab import mail_host as the_mail_host
from lab import sqlite, waiting

MUX = "/run/provost/saslauthd/mux"
PASSWORD = "correct-horse-7-battery"
DATABASE = "/var/lib/provost/provost.db"
SETTINGS = '[passwords]\nfailure_delay = "300ms"\n[logins]\nmax_age_for_logins = "2s"\n'
PATIENCE = 16  # seconds: twice the time in which each is answered
SMTPD = "pwcheck_method: saslauthd\nmech_list: PLAIN LOGIN\nsaslauthd_path: /provost/saslauthd/mux\n"


@dataclasses.dataclass
class Site:
    host: the_mail_host.MailHost
    doors: the_doors.Doors

    @property
    def machine(self):
        return self.host.machine

    def provost(self, *words, **options):
        return self.host.provost(*words, **options)

    def ask(self, user, password=PASSWORD, service="imap", realm=None):
        """What testsaslauthd says, and how it ends."""
        words = ["testsaslauthd", "-u", user, "-p", password, "-s", service, "-f", MUX]
        done = self.machine.run(words + (["-r", realm] if realm else []), check=False)
        return done.stdout.strip().splitlines()[-1], done.returncode

    def say(self, request):
        """The answer to these bytes and nothing after them."""
        with contextlib.closing(socket.socket(socket.AF_UNIX)) as peer:
            peer.settimeout(PATIENCE)
            peer.connect(str(self.machine.path(MUX)))
            peer.sendall(request)
            peer.shutdown(socket.SHUT_WR)
            answer = b""
            while more := peer.recv(4096):
                answer += more
            return answer


def request(*fields):
    return b"".join(len(field).to_bytes(2, "big") + field for field in fields)


@pytest.fixture(scope="module")
def site():
    logs = the_mail_host.kept_logs("saslauthd")
    with the_mail_host.MailHost(f"saslauthd-{os.getpid()}", logs=logs, settings=SETTINGS, extra=the_mail_host.PROGRAMS) as host:
        host.start()
        host.provost("domain", "add", "example.test")
        host.provost("mailbox", "add", "alice@example.test", "--password-stdin", input=f"{PASSWORD}\n")
        yield Site(host, the_doors.Doors(host.machine))


@pytest.fixture
def alice():
    return "alice@example.test"


@pytest.fixture
def changed_alice(site, alice):
    """For tests that change her: she is as before afterwards."""
    yield alice
    site.provost("mailbox", "enable", alice)
    site.provost("mailbox", "set", alice, "--services", "all")


@pytest.fixture(scope="module")
def with_cyrus_sasl(site):
    """Submission asks by Cyrus SASL: as the document of an existing site has it, but for the path."""
    site.machine.path("/etc/postfix/sasl/smtpd.conf").write_text(SMTPD)
    for service in ("submission", "submissions"):
        site.machine.run(["postconf", "-P", f"{service}/inet/smtpd_sasl_type=cyrus", f"{service}/inet/smtpd_sasl_path=smtpd"])
    site.machine.run(["postfix", "reload"])
    # A process that was there before goes on as it was until it has heard of the reload.
    waiting.until(lambda: b"AUTH" in site.doors.submission().ehlo()[1], "Postfix offers sign-ins again", 20)


RIGHT = ('0: OK "Success."', 0)
WRONG = ('0: NO "authentication failed"', 255)


@pytest.mark.parametrize("user,realm", [("alice@example.test", None), ("alice", "example.test"), ("ALICE@Example.Test", None),
                                        ("alice+lists", "example.test"), ("alice@example.test", "elsewhere.test")])
def test_the_right_password_lets_in_however_the_name_is_cut(site, alice, user, realm):
    assert site.ask(user, realm=realm) == RIGHT


@pytest.mark.parametrize("user,password,realm", [("alice@example.test", "wrong", None), ("nobody@example.test", PASSWORD, None),
                                                 ("alice", PASSWORD, None), ("alice", PASSWORD, "elsewhere.test"),
                                                 ("älice@example.test", PASSWORD, None), ("alice@example.test ", PASSWORD, None)])
def test_others_are_not_let_in_and_told_late(site, alice, user, password, realm):
    began = time.monotonic()
    assert site.ask(user, password, realm=realm) == WRONG
    assert time.monotonic() - began >= 0.3


@pytest.mark.parametrize("service", ["imap", "pop", "sieve", "smtp", "HTTP"])
def test_each_service_is_a_right_of_its_own(site, changed_alice, service):
    assert site.ask(changed_alice, service=service) == RIGHT
    ours = {"pop": "pop3", "smtp": "submission", "HTTP": "web"}.get(service, service)
    others = [each for each in ("imap", "pop3", "submission", "sieve", "web") if each != ours]
    site.provost("mailbox", "set", changed_alice, "--services", ",".join(others))
    assert site.ask(changed_alice, service=service) == WRONG
    site.provost("mailbox", "set", changed_alice, "--services", ours)
    assert site.ask(changed_alice, service=service) == RIGHT


@pytest.mark.parametrize("service", ["lmtp", "csync", "x" * 100])
def test_a_service_that_nobody_signs_in_to_lets_nobody_in(site, alice, service):
    assert site.ask(alice, service=service) == WRONG


def test_off_means_off_when_the_command_returns(site, changed_alice):
    assert site.ask(changed_alice) == RIGHT  # it is remembered now
    site.provost("mailbox", "disable", changed_alice)
    assert site.ask(changed_alice) == WRONG
    site.provost("mailbox", "enable", changed_alice)
    assert site.ask(changed_alice) == RIGHT


def test_an_old_password_lets_nobody_in_any_more(site, alice):
    assert site.ask(alice) == RIGHT
    site.provost("mailbox", "passwd", alice, "--password-stdin", input="another-horse-8-battery\n")
    try:
        assert site.ask(alice) == WRONG
        assert site.ask(alice, "another-horse-8-battery") == RIGHT
    finally:
        site.provost("mailbox", "passwd", alice, "--password-stdin", input=f"{PASSWORD}\n")


def test_who_guesses_shuts_nobody_out(site, alice):
    with concurrent.futures.ThreadPoolExecutor(8) as threads:
        guesses = list(threads.map(lambda guess: site.say(request(alice.encode(), b"guess-%d" % guess, b"imap", b"")), range(16)))
    assert set(guesses) <= {b"\0\2NO", b"\0\0"}
    assert site.ask(alice) == RIGHT


def test_a_restart_in_between_answers_everybody_and_calls_no_password_wrong(site, alice):
    with concurrent.futures.ThreadPoolExecutor(4) as threads:
        asked = [threads.submit(site.say, request(b"alice", PASSWORD.encode(), b"imap", b"example.test")) for _ in range(40)]
        site.host.signal_provostd("TERM")
        answers = [each.result() for each in asked]
    # The new one does not know at first how old its copy is, and max_age_for_logins is set.
    assert set(answers) <= {b"\0\2OK", b"\0\0"}
    waiting.until(lambda: site.say(WHOLE) == b"\0\2OK", "sign-ins go on", 20)


WHOLE = request(b"alice", PASSWORD.encode(), b"imap", b"example.test")


@pytest.mark.parametrize("bytes_sent", [WHOLE[:size] for size in range(len(WHOLE))], ids=lambda sent: str(len(sent)))
def test_a_request_that_is_cut_off_lets_nobody_in(site, alice, bytes_sent):
    assert site.say(bytes_sent) == b""


NO_REQUESTS = {
    "64 KiB of a login": request(b"a" * 65535, b"x", b"imap", b""),
    "64 KiB of a password": request(b"alice", b"a" * 65535, b"imap", b""),
    "a count that lies": b"\xff\xffalice",
    "nothing at all": request(b"", b"", b"", b""),
    "no password": request(b"alice@example.test", b"", b"imap", b""),
}


@pytest.mark.parametrize("name", NO_REQUESTS)
def test_what_is_no_request_is_refused(site, alice, name):
    assert site.say(NO_REQUESTS[name])[2:4] == b"NO"
    assert site.ask(alice) == RIGHT


@pytest.mark.parametrize("login", [b"alice\0@example.test", b"\xff\xfe@example.test", b"alice@example.test\n", b"%@example.test"])
def test_bytes_of_any_kind_are_somebody_unknown(site, alice, login):
    assert site.say(request(login, PASSWORD.encode(), b"imap", b"")) == b"\0\2NO"


def test_a_second_request_on_a_connection_is_not_answered(site, alice):
    assert site.say(WHOLE + request(b"nobody", b"x", b"imap", b"")) == b"\0\2OK"


def test_postfix_signs_in_by_cyrus_sasl_in_its_chroot(site, changed_alice, with_cyrus_sasl):
    for door in ("submission", "submissions"):
        assert site.doors.signs_in(door, changed_alice, PASSWORD)
        assert not site.doors.signs_in(door, changed_alice, "wrong")
    site.provost("mailbox", "disable", changed_alice)
    assert not site.doors.signs_in("submission", changed_alice, PASSWORD)


def test_where_we_cannot_tell_nobody_is_told_that_the_password_is_wrong(site, alice, with_cyrus_sasl):
    with sqlite.Other(site.machine, "all", DATABASE) as other:
        site.host.signal_provostd("KILL")  # it has the database open
        other.wait()
        # Nobody knows how old the copy is, and max_age_for_logins is set.
        waiting.until(lambda: site.say(WHOLE) == b"\0\0", "sign-ins cannot be told", 20)
        with pytest.raises(smtplib.SMTPAuthenticationError) as refused:
            site.doors.submission(alice, PASSWORD)
        assert refused.value.smtp_code == 454
    waiting.until(lambda: site.say(WHOLE) == b"\0\2OK", "sign-ins go on", 20)
    assert site.doors.signs_in("submission", alice, PASSWORD)


def test_a_socket_that_somebody_listens_on_is_not_taken_from_him(site, alice):
    site.machine.path("/run/another").write_text(f"saslauthd {MUX} root root 0600\n")
    another = site.machine.run(["provost-holder", "--sockets", "/run/another", "--", "true"], check=False)
    assert another.returncode != 0 and MUX in another.stderr
    assert site.ask(alice) == RIGHT
