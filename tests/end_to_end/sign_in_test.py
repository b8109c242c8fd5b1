# SPDX-License-Identifier: Apache-2.0
"""Who signs in where: each door by itself, each state of a mailbox, each service it is allowed, each name it has."""

import concurrent.futures
import imaplib
import poplib
import smtplib
import uuid

import pytest
from lab import doors as the_doors
from lab import waiting

DOORS = ("imap", "pop3", "sieve", "submission", "submissions")
REFUSALS = (imaplib.IMAP4.error, poplib.error_proto, the_doors.SieveRefused, smtplib.SMTPAuthenticationError)
STATES = {
    "receive_only": "mailbox set MAILBOX --state receive-only",
    "forward_only": "mailbox set MAILBOX --forwards joe@elsewhere.example.net --state forward-only",
    "suspended": "mailbox disable MAILBOX",
    "on_hold": "mailbox disable MAILBOX --hold",
    "deleted": "mailbox delete MAILBOX",
    "expired": "mailbox set MAILBOX --expires 2020-01-01",
    "with_its_domain_off": "domain disable DOMAIN",
    "with_its_domain_expired": "domain set DOMAIN --expires 2020-01-01",
}


SERVICES = {
    "imap": {"imap"},
    "pop3": {"pop3"},
    "sieve": {"sieve"},
    "submission": {"submission", "submissions"},
    "imap,submission": {"imap", "submission", "submissions"},
}
UNKNOWN = ["nobody@example.test", "nobody", "two.words@example.test", "%@example.test", "%u", "*", "a" * 300, "@", "-"]


class Asked:
    """Which of DOORS let these in, asked all at once: a refusal takes two seconds, whoever gets it."""

    def __init__(self, doors, pool, name, password):
        self._answers = {door: pool.submit(doors.signs_in, door, name, password) for door in DOORS}

    def open_doors(self):
        return {door for door, answer in self._answers.items() if answer.result()}


@pytest.fixture(scope="module")
def pool():
    with concurrent.futures.ThreadPoolExecutor(150) as threads:
        yield threads


@pytest.fixture
def open_doors(doors_from_abroad, pool):
    """open_doors(name, password): which of DOORS let this one in."""
    return lambda name, password: Asked(doors_from_abroad, pool, name, password).open_doors()


@pytest.fixture(scope="module")
def make_alice(mail_host, make_user):
    """make_alice(): a user in a domain of her own."""
    def make():
        domain = f"{uuid.uuid4().hex[:8]}.test"
        mail_host.provost("domain", "add", domain)
        return make_user("alice", domain=domain)

    return make


@pytest.fixture
def alice(make_alice):
    return make_alice()


def bring_into(mail_host, alice, state):
    names = {"MAILBOX": alice.address, "DOMAIN": alice.address.partition("@")[2]}
    mail_host.provost(*(names.get(word, word) for word in STATES[state].split()))


@pytest.fixture
def bring(mail_host, alice):
    """bring("suspended"): brings alice's mailbox into this state."""
    return lambda state: bring_into(mail_host, alice, state)


def test_a_user_signs_in_at_every_door(open_doors, alice):
    assert open_doors(alice.address, alice.password) == set(DOORS)


def test_a_name_is_folded_and_its_extension_left_aside(open_doors, alice):
    local, _, domain = alice.address.partition("@")
    assert open_doors(f"{local.upper()}+lists@{domain.upper()}", alice.password) == set(DOORS)


@pytest.fixture(scope="module")
def asked(mail_host, doors_from_abroad, pool, make_alice):
    """What the doors say of a mailbox in each state, with each service, and of names that are nobody's."""
    users = {}
    for state in STATES:
        users[state] = make_alice()
        bring_into(mail_host, users[state], state)
    for services in SERVICES:
        users[services] = make_alice()
        mail_host.provost("mailbox", "set", users[services].address, "--services", services)
    found = {case: Asked(doors_from_abroad, pool, user.address, user.password) for case, user in users.items()}
    users["a wrong password"] = make_alice()
    wrong = {"a wrong password": users["a wrong password"].address} | {name: name for name in UNKNOWN}
    return found | {case: Asked(doors_from_abroad, pool, name, "not her password") for case, name in wrong.items()}


@pytest.mark.parametrize("state", STATES)
def test_nobody_signs_in_anywhere_to_a_mailbox_that_is(asked, state):
    assert asked[state].open_doors() == set()


@pytest.mark.parametrize("services", SERVICES)
def test_only_the_services_that_are_allowed_let_a_user_in(asked, services):
    assert asked[services].open_doors() == SERVICES[services]


@pytest.mark.parametrize("case", ["a wrong password", *UNKNOWN])
def test_no_door_opens_to(asked, case):
    assert asked[case].open_doors() == set()


TOLD_NOTHING = {
    "imap": "[AUTHENTICATIONFAILED] Authentication failed.",
    "pop3": "-ERR [AUTH] Authentication failed.",
    "sieve": 'NO "Authentication failed."',
    "submission": "5.7.8 Error: authentication failed",
    "submissions": "5.7.8 Error: authentication failed",
}
TOLD_THE_OWNER = TOLD_NOTHING | {
    "imap": "[ALERT] This account is disabled",
    "pop3": "-ERR [AUTH] This account is disabled",
    "sieve": 'NO "This account is disabled"',
}


@pytest.fixture(scope="module")
def told(mail_host, doors_from_abroad, pool, make_alice):
    """told[case, door]: a refusal, at some time; off is a suspended mailbox and its password."""
    def refusal(door, name, password):
        with pytest.raises(REFUSALS) as refused:
            getattr(doors_from_abroad, door)(name, password)
        return the_doors.words_of(refused.value)

    alice, off = make_alice(), make_alice()
    bring_into(mail_host, off, "suspended")
    cases = {"wrong password": (alice.address, "not hers"), "unknown": (f"no-{alice.address}", "not hers"),
             "off, wrong password": (off.address, "not hers"), "off": (off.address, off.password)}
    return {(case, door): pool.submit(refusal, door, *words) for case, words in cases.items() for door in DOORS}


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("case", ["wrong password", "unknown", "off, wrong password"])
def test_a_refusal_does_not_say_whether_there_is_such_a_mailbox(told, case, door):
    assert told[case, door].result().startswith(TOLD_NOTHING[door])


@pytest.mark.parametrize("door", DOORS)
def test_who_knows_the_password_reads_that_the_mailbox_is_off(told, door):
    assert told["off", door].result().startswith(TOLD_THE_OWNER[door])


def test_further_names_sign_in_and_former_passwords_do_not(provost, open_doors, alice):
    name = f"al-{uuid.uuid4().hex[:8]}"
    assert provost("mailbox", "set", alice.address, "--logins", name).code == 0
    assert provost("mailbox", "passwd", alice.address, "--password-stdin", input="another-horse-8-battery\n").code == 0
    assert open_doors(name, "another-horse-8-battery") == set(DOORS)
    assert open_doors(name, alice.password) == set()


def test_the_name_of_an_alias_or_a_shared_mailbox_is_nobody(provost, open_doors, alice):
    info, team = (f"{word}-{uuid.uuid4().hex[:8]}@example.test" for word in ("info", "team"))
    assert provost("alias", "add", info, alice.address).code == 0
    assert provost("mailbox", "add", team, "--kind", "shared", "--members", f"{alice.address}=read").code == 0
    assert open_doors(info, alice.password) == open_doors(team, alice.password) == set()


def test_a_mailbox_without_a_password_lets_nobody_in(provost, open_doors):
    name = f"alice-{uuid.uuid4().hex[:8]}@example.test"
    assert provost("mailbox", "add", name, "--no-password").code == 0
    assert open_doors(name, "") == open_doors(name, "*") == set()


@pytest.mark.parametrize("change", [*STATES, "without_submission"])
def test_a_submission_session_that_is_open_is_refused_at_its_next_rcpt_once_its_mailbox_is(doors, provost, alice, bring, new_user, change):
    bob = new_user("bob")
    session = doors.submission(alice.address, alice.password)
    assert the_doors.send(session, alice.address, [bob.address], the_doors.letter(alice.address, bob.address)).code == 250
    if change == "without_submission":
        assert provost("mailbox", "set", alice.address, "--services", "imap").code == 0
    else:
        bring(change)
    code, words = the_doors.send(session, alice.address, [bob.address], the_doors.letter(alice.address, bob.address)).recipients[bob.address]
    assert code == 550 and "This account may not send mail" in words
    the_doors.leave(session)


def test_a_letter_whose_recipients_were_taken_before_is_refused_once_its_sender_is_off(doors, alice, bring, new_user):
    bob = new_user("bob")
    session = doors.submission(alice.address, alice.password)
    session.mail(alice.address)
    assert session.rcpt(bob.address)[0] == 250
    bring("suspended")
    with pytest.raises(smtplib.SMTPDataError) as refused:
        session.data(b"Subject: too late\r\n\r\nHello.\r\n")
    assert refused.value.smtp_code == 550
    the_doors.leave(session)


@pytest.mark.parametrize("state", STATES)
def test_the_open_sessions_end_once_their_mailbox_is(doors, alice, bring, state):
    sessions = [doors.imap(alice.address, alice.password), doors.pop3(alice.address, alice.password)]
    bring(state)
    for session in sessions:
        with pytest.raises((OSError, imaplib.IMAP4.abort, poplib.error_proto)):
            waiting.until(lambda: session.noop() is None, "the session ends", 10)  # noqa: B023  (called here and now)
