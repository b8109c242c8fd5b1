# SPDX-License-Identifier: Apache-2.0
"""What is refused, by which door, and in which words."""

import imaplib
import poplib
import uuid

import pytest
from lab import doors as the_doors
from lab import machine as lab_machine
from lab import post as the_post


@pytest.fixture
def alice(new_user):
    return new_user("alice")


def test_an_unknown_user_is_refused_to_strangers_at_rcpt(post):
    said = post.from_stranger("nobody@example.test").said
    assert said.recipients["nobody@example.test"][0] == 550
    assert said.words.startswith("5.1.1 <nobody@example.test>: Recipient address rejected: User unknown")


def test_an_unknown_user_is_refused_to_users_too(post, alice):
    assert post.from_user(alice, "nobody@example.test").answer.startswith("550 5.1.1 ")


@pytest.mark.parametrize("recipient", ["two words", '"two words"', "nobody+lists", "a" * 65, "*", "\\", "a..b", "'"])
def test_odd_names_are_nobody_and_trouble_nobody(post, recipient):
    assert post.from_stranger(f"{recipient}@example.test").said.code in (501, 550, 553)


def test_a_known_recipient_beside_an_unknown_one_gets_the_letter(post, alice):
    letter = post.from_stranger("nobody@example.test", alice.address)
    assert letter.said.recipients["nobody@example.test"][0] == 550
    letter.settle()
    assert alice.mailbox.subjects() == [letter.subject]


@pytest.mark.parametrize("sender", ["bob@example.test", "nobody@example.test", "alice@elsewhere.example.net", "root@mx.example.test"])
def test_a_user_may_not_send_as_somebody_else(post, provost, alice, new_user, sender):
    if sender.startswith("bob"):
        sender = new_user("bob").address
    assert post.from_user(alice, "joe@elsewhere.example.net", sender=sender).answer.startswith("553 5.7.1 ")


@pytest.mark.parametrize("state", ["disable", "delete"])
def test_nobody_may_send_as_a_mailbox_that_is_off(post, provost, alice, new_user, state):
    bob = new_user("bob")
    assert provost("mailbox", state, bob.address).code == 0
    assert post.from_user(alice, "joe@elsewhere.example.net", sender=bob.address).answer.startswith("553 5.7.1 ")


def test_the_targets_of_an_alias_send_as_it_only_when_it_says_so(post, provost, alice, new_user, world):
    bob, team = new_user("bob"), f"team-{uuid.uuid4().hex[:8]}@example.test"
    assert provost("alias", "add", team, alice.address).code == 0
    assert post.from_user(alice, "joe@elsewhere.example.net", sender=team).answer.startswith("553 5.7.1 ")
    assert provost("alias", "set", team, "--targets-may-send", "yes").code == 0
    letter = post.from_user(alice, "joe@elsewhere.example.net", sender=team)
    assert world.wait_for(letter.subject)[0] == team
    assert post.from_user(bob, "joe@elsewhere.example.net", sender=team).answer.startswith("553 5.7.1 ")


def test_the_members_of_a_shared_mailbox_send_as_it_with_the_right_to(post, provost, alice, new_user, world):
    bob, team = new_user("bob"), f"team-{uuid.uuid4().hex[:8]}@example.test"
    members = f"{alice.address}=read+send-as,{bob.address}=read+write"
    assert provost("mailbox", "add", team, "--kind", "shared", "--members", members).code == 0
    letter = post.from_user(alice, "joe@elsewhere.example.net", sender=team)
    assert world.wait_for(letter.subject)[0] == team
    assert post.from_user(bob, "joe@elsewhere.example.net", sender=team).answer.startswith("553 5.7.1 ")


def test_a_user_sends_with_an_extension_and_in_capitals(post, alice, world):
    local = alice.address.partition("@")[0]
    for sender in (f"{local}+lists@example.test", f"{local.upper()}@EXAMPLE.TEST"):
        letter = post.from_user(alice, "joe@elsewhere.example.net", sender=sender)
        assert world.wait_for(letter.subject)[0] == sender


@pytest.mark.parametrize("sender", [the_post.STRANGER, "", "alice@example.test"])
def test_a_stranger_may_not_relay(post, sender):
    letter = post.from_stranger("joe@elsewhere.example.net", sender=sender)
    assert letter.answer.startswith("554 5.7.1 <joe@elsewhere.example.net>: Relay access denied")


@pytest.mark.parametrize("recipient", ["joe%elsewhere.example.net@example.test", "%@example.test", "joe@elsewhere.example.net@example.test",
                                       "elsewhere.example.net!joe@example.test", "@example.test:joe@elsewhere.example.net"])
def test_a_stranger_may_not_relay_by_a_way_around(post, recipient):
    assert post.from_stranger(recipient).said.code in (501, 550, 553, 554)


def test_submission_without_tls_is_refused(doors):
    session = doors.submission(tls=False)
    assert "auth" not in session.esmtp_features
    for command in ("MAIL FROM:<alice@example.test>", "AUTH PLAIN AGEAYg=="):
        code, words = the_doors.decoded(session.docmd(command))
        assert (code, words) == (530, "5.7.0 Must issue a STARTTLS command first")
    the_doors.leave(session)


@pytest.mark.parametrize("door", ["submission", "submissions"])
def test_submission_without_sign_in_is_refused(doors, alice, door):
    session = getattr(doors, door)()
    for recipient in (alice.address, "joe@elsewhere.example.net"):
        said = the_doors.send(session, alice.address, [recipient], the_doors.letter(alice.address, recipient))
        assert said.code in (530, 553, 554)
    the_doors.leave(session)


def test_nobody_signs_in_at_port_25(doors):
    session = doors.smtp()
    assert "auth" not in session.esmtp_features
    assert session.docmd("AUTH PLAIN AGEAYg==")[0] == 503
    the_doors.leave(session)


@pytest.mark.parametrize("port", [143, 110])
def test_a_password_without_tls_is_refused(doors, machine, alice, port):
    with machine.world():  # from the machine itself Dovecot would take it: there is nobody in between
        session = (imaplib.IMAP4 if port == 143 else poplib.POP3)(lab_machine.ADDRESS, port)
    with pytest.raises((imaplib.IMAP4.error, poplib.error_proto)) as refused:
        if port == 143:
            session.login(alice.address, alice.password)
        else:
            session.user(alice.address)
            session.pass_(alice.password)
    words = the_doors.words_of(refused.value)
    assert "PRIVACYREQUIRED" in words or "disallowed on non-secure" in words
    the_doors.leave(session)


@pytest.fixture(params=["bytes", "messages"])
def full_user(request, new_user):
    """A user, and a letter that does not fit."""
    if request.param == "bytes":
        return new_user("alice", "--quota", "100K"), "x" * 70 + "\n", 2000
    return new_user("alice", "--quota-messages", "1"), "Hello.\n", 1


def test_a_letter_to_a_full_mailbox_comes_back_with_the_reason(post, full_user, world):
    alice, line, lines = full_user
    first = post.from_stranger(alice.address).settle()
    letter = post.from_stranger(alice.address, body=line * lines)
    sender, recipients, text = world.wait_for(letter.subject)
    assert (sender, recipients) == ("", [the_post.STRANGER])
    assert "552 5.2.2" in text and "Quota exceeded" in text
    assert alice.mailbox.subjects() == [first.subject]


def test_a_full_mailbox_takes_no_more_over_imap(doors, full_user):
    alice, line, lines = full_user
    session = doors.imap(alice.address, alice.password)
    letters = [the_doors.letter(alice.address, alice.address, body=body).as_bytes() for body in ("Hello.\n", line * lines)]
    assert session.append("INBOX", None, None, letters[0])[0] == "OK"
    kind, words = session.append("INBOX", None, None, letters[1])
    assert kind == "NO" and b"[OVERQUOTA]" in words[0]
    session.logout()


def test_imap_shows_the_limits_and_what_is_used(doors, post, provost, new_user):
    alice = new_user("alice", "--quota", "10M", "--quota-messages", "500")
    post.from_stranger(alice.address).settle()

    def limits():
        session = doors.imap(alice.address, alice.password)
        kind, (_, resources) = session.getquotaroot("INBOX")
        assert kind == "OK"
        session.logout()
        words = resources[0].decode().partition("(")[2].rstrip(")").split()
        return {words[at]: tuple(map(int, words[at + 1 : at + 3])) for at in range(0, len(words), 3)}

    shown = limits()
    assert shown["MESSAGE"] == (1, 500)
    assert shown["STORAGE"][1] == 10 * 1024
    assert provost("mailbox", "set", alice.address, "--quota", "20M").code == 0
    assert limits()["STORAGE"][1] == 20 * 1024


def test_a_mailbox_that_gets_room_takes_mail_again(post, provost, new_user, world):
    alice = new_user("alice", "--quota-messages", "1")
    first = post.from_stranger(alice.address).settle()
    world.wait_for(post.from_stranger(alice.address).subject)
    assert provost("mailbox", "set", alice.address, "--quota-messages", "2").code == 0
    second = post.from_stranger(alice.address).settle()
    assert alice.mailbox.subjects() == [first.subject, second.subject]


def test_a_letter_larger_than_the_server_takes_is_refused(doors, alice):
    session = doors.smtp()
    most = int(session.esmtp_features["size"])
    code, words = the_doors.decoded(session.mail(the_post.STRANGER, [f"SIZE={most + 1}"]))
    assert code == 552 and words.startswith("5.3.4 ")
    the_doors.leave(session)
