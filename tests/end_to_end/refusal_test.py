# SPDX-License-Identifier: Apache-2.0
"""What is refused, by which door, and in which words."""

import imaplib
import poplib
import socket
import uuid

import pytest
from lab import doors as the_doors
from lab import machine as lab_machine
from lab import post as the_post
from lab import waiting


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
        return new_user("alice", "--quota", "100K"), LINE, 2000
    return new_user("alice", "--quota-messages", "1"), "Hello.\n", 1


LINE = "x" * 70 + "\n"
FULL = (552, "5.2.2 <{}>: Recipient address rejected: Mailbox is full")
SOON = 30  # seconds: Dovecot tells of what a user deletes after 10


def full(address):
    return FULL[0], FULL[1].format(address)


@pytest.fixture
def asked(doors):
    """asked(address, size): what a stranger is told at RCPT of a letter of that size; a user who signs in, with `user`."""
    def ask(address, size=None, user=None):
        session = doors.submission(user.address, user.password) if user else doors.smtp()
        said = the_doors.rcpt(session, address, user.address if user else the_post.STRANGER, size)
        the_doors.leave(session)
        return said

    return ask


@pytest.fixture(params=["bytes", "messages", "no bytes at all", "no messages at all"])
def overfull(request, new_user, post, provost, asked):
    """A user whose mailbox has what it may have, and of whom that is known."""
    nothing = {"no bytes at all": ["--quota", "0"], "no messages at all": ["--quota-messages", "0"]}
    if request.param in nothing:
        return new_user("alice", *nothing[request.param])
    alice = new_user("alice")
    post.from_stranger(alice.address, body=LINE * 500).settle()
    limit = ["--quota", "20K"] if request.param == "bytes" else ["--quota-messages", "1"]
    assert provost("mailbox", "set", alice.address, *limit).code == 0
    waiting.until(lambda: asked(alice.address) == full(alice.address), "the mailbox is known to be full", SOON)
    return alice


def test_a_full_mailbox_is_refused_at_rcpt_to_strangers_and_users(asked, overfull, new_user, world):
    local, domain = overfull.address.split("@")
    for address in (overfull.address, f"{local}+lists@{domain}", f"{local.upper()}@{domain}"):
        assert asked(address) == full(address)
    assert asked(overfull.address, user=new_user("bob")) == full(overfull.address)
    assert not [message for message in world.messages if overfull.address in message[2]]


def test_whatever_leads_to_full_mailboxes_alone_is_full(asked, overfull, post, provost, new_user, world):
    bob, name = new_user("bob"), uuid.uuid4().hex[:8]
    alone, both = f"alone-{name}@example.test", f"both-{name}@example.test"
    assert provost("alias", "add", alone, overfull.address).code == 0
    assert provost("alias", "add", both, overfull.address, bob.address).code == 0
    assert asked(alone) == full(alone)
    # Who has room gets it, and of the other the sender is told by a bounce.
    letter = post.from_stranger(both).settle()
    assert bob.mailbox.subjects() == [letter.subject]
    assert "552 5.2.2" in world.wait_for(letter.subject)[2]

    carol = new_user("carol", "--forwards", overfull.address, "--keep-copy", "no")
    assert asked(carol.address) == full(carol.address)
    assert provost("mailbox", "set", carol.address, "--keep-copy", "yes").code == 0
    assert asked(carol.address)[0] == 250
    assert provost("mailbox", "set", overfull.address, "--forwards", bob.address, "--keep-copy", "yes").code == 0
    assert asked(overfull.address)[0] == 250


def test_a_mailbox_that_gets_room_is_taken_for_again_at_once(asked, overfull, post, provost):
    assert provost("mailbox", "set", overfull.address, "--quota", "unlimited", "--quota-messages", "unlimited").code == 0
    assert asked(overfull.address)[0] == 250
    letter = post.from_stranger(overfull.address).settle()
    assert letter.subject in overfull.mailbox.subjects()


def test_a_mailbox_is_taken_for_again_when_its_owner_deletes_mail(asked, post, doors, new_user):
    alice = new_user("alice", "--quota-messages", "1")
    post.from_stranger(alice.address).settle()
    waiting.until(lambda: asked(alice.address) == full(alice.address), "the mailbox is known to be full", SOON)
    session = doors.imap(alice.address, alice.password)
    session.select("INBOX")
    session.store("1", "+FLAGS", r"\Deleted")
    session.expunge()
    # The session stays, and Dovecot tells of what it did there all the same.
    waiting.until(lambda: asked(alice.address)[0] == 250, "the mailbox is known to have room", SOON)
    session.logout()
    letter = post.from_stranger(alice.address).settle()
    assert alice.mailbox.subjects() == [letter.subject]


def test_a_letter_is_refused_at_rcpt_when_its_size_is_told_and_does_not_fit(asked, post, new_user):
    alice, bob = new_user("alice", "--quota", "100K"), new_user("bob")
    assert asked(alice.address, 120_000) == asked(alice.address, 120_000, user=bob) == full(alice.address)
    post.from_stranger(alice.address, body=LINE * 700).settle()  # 50 400 bytes
    waiting.until(lambda: asked(alice.address, 60_000) == full(alice.address), "what was stored is known", SOON)
    for size in (None, 1, 45_000):
        assert asked(alice.address, size)[0] == asked(alice.address, size, user=bob)[0] == 250
    first = post.from_stranger(alice.address, body=LINE * 600).settle()
    assert first.subject in alice.mailbox.subjects()
    for size in (120_000, 20_000_000):
        assert asked(bob.address, size)[0] == 250


@pytest.mark.parametrize("signal", ["TERM", "KILL"])
def test_what_is_known_of_mailboxes_outlives_provostd(asked, overfull, mail_host, signal):
    before = mail_host.provostd_process()
    mail_host.signal_provostd(signal)
    waiting.until(lambda: mail_host.provostd_process() not in (None, before), "provostd is started again", 10)
    assert asked(overfull.address) == full(overfull.address)
    assert mail_host.provost_json("status", "--verify")["verify"] == {"equal": True, "differences": []}


def test_a_mailbox_that_is_wrongly_believed_to_be_full_is_looked_at_again(asked, machine, new_user):
    alice = new_user("alice", "--quota", "1M")
    with socket.socket(socket.AF_UNIX) as report:
        report.connect(str(machine.path("/run/provost/dovecot-dict")))
        report.sendall(f"H3\t2\t0\t\tquota\nB1\t{alice.address}\n"
                       "S1\tpriv/quota/storage\t2000000\nS1\tpriv/quota/messages\t3\nC1\n".encode())
        assert report.recv(10) == b"O1\n"
    waiting.until(lambda: asked(alice.address) == full(alice.address), "the report is known", SOON)
    waiting.until(lambda: asked(alice.address)[0] == 250, "it is known to be wrong", SOON)


POLICY = "/var/spool/postfix/provost/policy"


@pytest.mark.parametrize("socket_is", ["gone", "silent"])
def test_a_policy_socket_that_does_not_answer_refuses_nobody(asked, machine, new_user, socket_is):
    alice, bob = new_user("alice", "--quota", "0"), new_user("bob")
    assert asked(alice.address) == full(alice.address)
    silent = socket.socket(socket.AF_UNIX)
    machine.run(["mv", POLICY, f"{POLICY}.kept"])
    try:
        if socket_is == "silent":
            silent.bind(str(machine.path(POLICY)))
            machine.run(["chmod", "666", POLICY])
            silent.listen(64)
        # Its servers still have a connection to ours, and one of them may answer somebody more before it ends.
        machine.run(["postfix", "reload"])
        waiting.until(lambda: asked(alice.address)[0] == 250, "alice is let in though she may have nothing", SOON)
        assert asked(bob.address)[0] == 250
    finally:
        silent.close()
        machine.run(["mv", "-f", f"{POLICY}.kept", POLICY])
        machine.run(["postfix", "reload"])
    waiting.until(lambda: asked(alice.address) == full(alice.address), "the socket is asked again", SOON)


def test_a_letter_whose_size_was_not_told_comes_back_with_the_reason(post, new_user, world):
    alice = new_user("alice", "--quota", "100K")
    first = post.from_stranger(alice.address).settle()
    letter = post.from_stranger(alice.address, body=LINE * 2000)
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


def test_a_letter_larger_than_the_server_takes_is_refused(doors, alice):
    session = doors.smtp()
    most = int(session.esmtp_features["size"])
    code, words = the_doors.decoded(session.mail(the_post.STRANGER, [f"SIZE={most + 1}"]))
    assert code == 552 and words.startswith("5.3.4 ")
    the_doors.leave(session)
