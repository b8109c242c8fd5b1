# SPDX-License-Identifier: Apache-2.0
"""The mail client of the end-to-end tests, tried on Debian's own set-up with a user of the system: no part of ours."""

import pytest
from lab import doors, machine, waiting, world

PASSWORD = "a-password-of-the-system"


@pytest.fixture(scope="module")
def debian():
    with machine.Machine("doors-test") as made:
        made.run(["useradd", "--create-home", "bob"])
        made.run(["chpasswd"], input=f"bob:{PASSWORD}\n")
        made.run(["postconf", "-e", f"relayhost = [{machine.WORLD}]:25", "maillog_file = /var/log/mail.log"])
        made.run(["postfix", "start"])
        made.run(["dovecot"])
        waiting.until(made.path("/run/dovecot/login/imap").exists, "Dovecot has started", 10)
        yield made


@pytest.mark.parametrize("door", ["imap", "pop3", "sieve"])
def test_a_door_lets_in_the_right_password_and_nothing_else(debian, door):
    knocked = doors.Doors(debian)
    assert knocked.signs_in(door, "bob", PASSWORD) is True
    assert knocked.signs_in(door, "bob", "wrong") is False
    assert knocked.signs_in(door, "nobody-of-that-name", PASSWORD) is False


def test_a_strangers_letter_is_found_in_the_mailbox(debian):
    knocked = doors.Doors(debian)
    message = doors.letter("stranger@example.net", "bob@mx.example.test")
    session = knocked.smtp()
    sent = doors.send(session, "stranger@example.net", ["bob@mx.example.test", "no-such-user@mx.example.test"], message)
    doors.leave(session)
    assert sent.code == 250
    assert [code for code, _ in sent.recipients.values()] == [250, 550]
    assert knocked.mailbox("bob", PASSWORD).wait_for(message["Subject"])["From"] == "stranger@example.net"


def test_what_the_host_sends_out_arrives_in_the_world(debian):
    outside = world.World(debian)
    debian.run(["sendmail", "-f", "bob@mx.example.test", "friend@example.net"], input="Subject: out\n\nHello\n")
    sender, recipients, _ = outside.wait_for("Subject: out")
    outside.stop()
    assert (sender, recipients) == ("bob@mx.example.test", ["friend@example.net"])


def test_sieve_scripts_are_stored(debian):
    session = doors.Doors(debian).sieve("bob", PASSWORD)
    session.put("keep", "keep;\r\n")
    session.activate("keep")
    assert '"keep" ACTIVE' in session.list()
    with pytest.raises(doors.SieveRefused, match="parse failed"):
        session.put("broken", "neither this nor that\r\n")
    session.close()


def test_a_shut_door_is_neither_yes_nor_no(debian):
    debian.run(["doveadm", "stop"])
    with pytest.raises(ConnectionRefusedError):
        doors.Doors(debian).signs_in("imap", "bob", PASSWORD)
