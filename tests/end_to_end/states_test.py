# SPDX-License-Identifier: Apache-2.0
"""The mail of docs/who-is-told-what.md: each state of a mailbox, for new mail and for mail that was taken before it."""

import contextlib
import dataclasses
import datetime
import uuid

import pytest
from lab import post as the_post
from lab import waiting

LONG_AGO = "2020-01-01"


@dataclasses.dataclass
class State:
    """commands: what brings a mailbox into the state; MAILBOX, DOMAIN and OTHER stand for the test's own names.

    told: how the answer to RCPT begins. new: who gets new mail. queued: what becomes of mail that was taken before.
    """

    commands: tuple
    told: str
    new: str
    queued: str


STATES = {
    "receive_only": State(("mailbox set MAILBOX --state receive-only",), "250 ", "itself", "delivered"),
    "forward_only": State(("mailbox set MAILBOX --forwards OTHER --state forward-only",), "250 ", "other", "delivered"),
    "suspended": State(("mailbox disable MAILBOX",), "550 5.2.1 ", "nobody", "delivered"),
    "suspended_by_set": State(("mailbox set MAILBOX --state suspended",), "550 5.2.1 ", "nobody", "delivered"),
    "on_hold": State(("mailbox disable MAILBOX --hold",), "450 4.2.1 ", "nobody", "waits"),
    "deleted": State(("mailbox delete MAILBOX",), "550 5.1.1 ", "nobody", "bounces"),
    "expired": State((f"mailbox set MAILBOX --expires {LONG_AGO}",), "550 5.2.1 ", "nobody", "delivered"),
    "with_its_domain_off": State(("domain disable DOMAIN",), "550 5.2.1 ", "nobody", "delivered"),
    "with_its_domain_expired": State((f"domain set DOMAIN --expires {LONG_AGO}",), "550 5.2.1 ", "nobody", "delivered"),
}
THE_WAY_BACK = {
    "on_hold": "mailbox enable MAILBOX",
    "suspended": "mailbox enable MAILBOX",
    "expired": "mailbox set MAILBOX --expires none",
    "receive_only": "mailbox set MAILBOX --state active",
    "forward_only": "mailbox set MAILBOX --state active --forwards none",
    "with_its_domain_off": "domain enable DOMAIN",
    "with_its_domain_expired": "domain set DOMAIN --expires none",
}


class Subject:
    """A mailbox in a domain of its own, and another one beside it in example.test."""

    def __init__(self, provost, new_user):
        self._provost = provost
        self.domain = f"{uuid.uuid4().hex[:8]}.test"
        self.do("domain add DOMAIN")
        self.user, self.other = new_user("alice", domain=self.domain), new_user("bob")
        self.address = self.user.address

    def do(self, command):
        names = {"DOMAIN": self.domain}
        if "MAILBOX" in command or "OTHER" in command:
            names |= {"MAILBOX": self.user.address, "OTHER": self.other.address}
        ran = self._provost(*(names.get(word, word) for word in command.split()))
        assert ran.code == 0, f"{command}: {ran.err}"

    def enter(self, state):
        for command in STATES[state].commands:
            self.do(command)


@pytest.fixture
def subject(provost, new_user):
    return Subject(provost, new_user)


@contextlib.contextmanager
def nobody_delivers(machine):
    """Postfix finds nobody at Dovecot's LMTP socket: what it takes stays in the queue."""
    socket = machine.run(["postconf", "-h", "virtual_transport"]).stdout.strip().removeprefix("lmtp:unix:")
    path = f"/var/spool/postfix/{socket}"
    machine.run(["mv", path, f"{path}.away"])
    try:
        yield
    finally:
        machine.run(["mv", f"{path}.away", path])


@pytest.mark.parametrize("state", STATES)
def test_new_mail_to_a_mailbox_that_is(post, subject, state):
    expected = STATES[state]
    subject.enter(state)
    letter = post.from_stranger(subject.address)
    code, words = letter.said.recipients[subject.address]
    assert f"{code} {words}".startswith(expected.told)
    if expected.new != "nobody":
        letter.settle()
    getters = [name for name, user in (("itself", subject.user), ("other", subject.other)) if post.holds(user.address, letter)]
    assert getters == [expected.new] if expected.new != "nobody" else getters == []


@pytest.mark.parametrize("state", [name for name in STATES if STATES[name].told[0] != "2"])
def test_a_user_is_told_the_same_as_a_stranger_of_a_mailbox_that_is(post, subject, state):
    subject.enter(state)
    assert post.from_user(subject.other, subject.address).answer.startswith(STATES[state].told)


@pytest.mark.parametrize("state", THE_WAY_BACK)
def test_mail_comes_again_after_being(post, subject, state):
    subject.enter(state)
    subject.do(THE_WAY_BACK[state])
    letter = post.from_stranger(subject.address).settle()
    assert subject.user.mailbox.subjects() == [letter.subject]


@pytest.fixture(scope="module")
def queued(mail_host, machine, post, make_user):
    """For each state, a mailbox that is in it now, and a letter to it that was taken before; all of them tried again."""
    run = lambda *words: mail_host.provost(*words, check=False)  # noqa: E731
    subjects = {state: Subject(run, make_user) for state in STATES}
    with nobody_delivers(machine):
        letters = {state: post.from_stranger(subject.address) for state, subject in subjects.items()}
        for letter in letters.values():
            letter.wait_for_delay("No such file or directory")
        for state, subject in subjects.items():
            subject.enter(state)
    mail_host.flush_queue()
    return {state: (subjects[state], letters[state]) for state in STATES}


@pytest.mark.parametrize("state", [name for name in STATES if STATES[name].queued == "delivered"])
def test_mail_taken_before_is_delivered_to_a_mailbox_that_is_now(post, queued, state):
    subject, letter = queued[state]
    letter.settle()
    assert post.holds(subject.address, letter)


@pytest.mark.parametrize("state", [name for name in STATES if STATES[name].queued == "waits"])
def test_mail_taken_before_waits_for_a_mailbox_that_is_now(post, queued, state):
    subject, letter = queued[state]
    letter.wait_for_delay("mailbox does not accept mail at the moment")
    assert not post.holds(subject.address, letter)
    subject.do(THE_WAY_BACK[state])
    post.try_again(subject.other.address)
    letter.settle()
    assert subject.user.mailbox.subjects() == [letter.subject]


@pytest.mark.parametrize("state", [name for name in STATES if STATES[name].queued == "bounces"])
def test_mail_taken_before_bounces_from_a_mailbox_that_is_now(mail_host, queued, world, state):
    _, letter = queued[state]
    letter.settle()
    mail_host.flush_queue()  # the bounce may have been tried before the rest of the world was there
    sender, recipients, text = world.wait_for(letter.subject)
    assert (sender, recipients) == ("", [the_post.STRANGER])
    assert "550 5.1.1" in text


def test_expiry_comes_by_itself(post, subject):
    at = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=3)
    subject.do(f"mailbox set MAILBOX --expires {at.strftime('%Y-%m-%dT%H:%M:%SZ')}")
    before = post.from_stranger(subject.address).settle()
    assert subject.user.mailbox.subjects() == [before.subject]
    waiting.until(lambda: post.from_stranger(subject.address).answer.startswith("550 5.2.1 "), "the mailbox expires", 6)


OFF = ["suspended", "expired", "with_its_domain_off", "deleted"]


@pytest.fixture
def alias(subject):
    """An alias of the mailbox, made while that was well."""
    address = f"info-{uuid.uuid4().hex[:8]}@example.test"
    subject.do(f"alias add {address} MAILBOX")
    return address


@pytest.mark.parametrize("state", OFF)
def test_an_alias_whose_only_target_is_off_is_refused_like_it(post, subject, alias, state):
    subject.enter(state)
    assert post.from_stranger(alias).answer.startswith(STATES[state].told)


@pytest.mark.parametrize("state", OFF)
def test_an_alias_goes_on_without_a_target_that_is_off(post, subject, alias, state):
    subject.do(f"alias set {alias} --targets {subject.address},{subject.other.address}")
    subject.enter(state)
    letter = post.from_stranger(alias).settle()
    assert subject.other.mailbox.subjects() == [letter.subject]
    assert not post.holds(subject.address, letter)


def test_an_alias_keeps_a_target_that_is_on_hold_and_its_mail_waits(post, subject, alias):
    subject.do(f"alias set {alias} --targets {subject.address},{subject.other.address}")
    subject.enter("on_hold")
    letter = post.from_stranger(alias)
    letter.wait_for_delay("mailbox does not accept mail at the moment")
    assert subject.other.mailbox.subjects() == [letter.subject]
    subject.do(THE_WAY_BACK["on_hold"])
    post.try_again(subject.other.address)
    letter.settle()
    assert subject.user.mailbox.subjects() == [letter.subject]


def test_an_alias_follows_the_forwards_of_a_target_that_only_forwards(post, subject, alias):
    subject.enter("forward_only")
    letter = post.from_stranger(alias).settle()
    assert subject.other.mailbox.subjects() == [letter.subject]


def test_what_only_forwards_to_a_mailbox_that_is_off_is_refused_like_it(post, subject):
    subject.enter("suspended")
    subject.do("mailbox set OTHER --forwards MAILBOX --state forward-only")
    assert post.from_stranger(subject.other.address).answer.startswith("550 5.2.1 ")


def test_a_forward_without_a_copy_keeps_one_while_its_target_is_off(post, subject):
    subject.do("mailbox set OTHER --forwards MAILBOX --keep-copy no")
    subject.enter("suspended")
    letter = post.from_stranger(subject.other.address).settle()
    assert subject.other.mailbox.subjects() == [letter.subject]


def test_a_forward_to_a_mailbox_that_is_off_leaves_the_copy(post, subject):
    subject.do("mailbox set OTHER --forwards MAILBOX --keep-copy yes")
    subject.enter("suspended")
    letter = post.from_stranger(subject.other.address).settle()
    assert subject.other.mailbox.subjects() == [letter.subject]


@pytest.mark.parametrize("off", ["mailbox disable OTHER", "domain disable DOMAIN"])
def test_a_catch_all_that_is_off_is_refused(post, subject, off):
    subject.do("domain set DOMAIN --catch-all OTHER")
    subject.do(off)
    assert post.from_stranger(f"nobody@{subject.domain}").answer.startswith("550 5.2.1 ")


@pytest.mark.parametrize("command", ["alias disable ALIAS", f"alias set ALIAS --expires {LONG_AGO}"])
def test_an_alias_that_is_off_is_refused(post, subject, alias, command):
    subject.do(command.replace("ALIAS", alias))
    assert post.from_stranger(alias).answer.startswith("550 5.2.1 ")


def test_an_alias_that_was_deleted_is_unknown(post, subject, alias):
    subject.do(f"alias delete {alias}")
    assert post.from_stranger(alias).answer.startswith("550 5.1.1 ")


@pytest.mark.parametrize("kind", ["mapped", "alias"])
def test_a_domain_without_mailboxes_that_is_off_is_refused(post, subject, kind):
    domain = f"{uuid.uuid4().hex[:8]}.test"
    subject.do(f"domain add {domain} --kind {kind}" + (" --maps-to DOMAIN" if kind == "mapped" else ""))
    address = subject.address.replace(subject.domain, domain)
    if kind == "alias":
        subject.do(f"alias add {address} MAILBOX")
    letter = post.from_stranger(address).settle()
    assert subject.user.mailbox.subjects() == [letter.subject]
    subject.do(f"domain disable {domain}")
    assert post.from_stranger(address).answer.startswith("550 5.2.1 ")


@pytest.mark.parametrize("state", OFF)
def test_a_mapped_domain_refuses_what_its_target_refuses(post, subject, state):
    domain = f"{uuid.uuid4().hex[:8]}.test"
    subject.do(f"domain add {domain} --kind mapped --maps-to DOMAIN")
    subject.enter(state)
    answer = post.from_stranger(subject.address.replace(subject.domain, domain)).answer
    assert answer.startswith(STATES[state].told)
