# SPDX-License-Identifier: Apache-2.0
"""provost-helper on a real mail host: who may ask it, and that what it removes is where Dovecot had it."""

import pathlib
import uuid

import pytest
from lab import root_helper


@pytest.fixture
def ask(machine):
    def one(line, user="provost"):
        return root_helper.ask(machine, line, user).stdout

    return one


@pytest.fixture
def home(machine, post, new_user):
    """The home of a mailbox that has got mail, as Dovecot names it."""
    user = new_user("alice")
    post.from_stranger(user.address).settle()
    return pathlib.PurePosixPath(machine.run(["doveadm", "user", "-f", "home", user.address]).stdout.strip())


def test_a_home_with_mail_goes_wholly(machine, ask, home):
    assert machine.path(f"{home}/Maildir").is_dir()
    assert ask(f"remove-home {home.name}\n") == "OK\n"
    assert not machine.path(home).exists()
    assert not machine.path(f"{home}.removed").exists()
    assert ask(f"remove-home {home.name}\n") == "OK\n"


def test_a_mailbox_that_never_was_has_no_home(ask):
    assert ask(f"remove-home {uuid.uuid4()}\n") == "OK\n"


def test_it_removes_nothing_that_the_mail_user_could_not(machine, ask, home):
    machine.run(["sh", "-c", f"mkdir {home}/roots && touch {home}/roots/letter && ln -s /etc {home}/link"])
    assert ask(f"remove-home {home.name}\n").startswith("NO cannot remove ")
    assert machine.path(f"{home}.removed/roots/letter").exists()
    assert machine.path("/etc/passwd").exists()


@pytest.mark.parametrize("line", ["reload postfix\n", "remove-home ../../etc\n", "remove-home 01989d0e-aaaa-7bbb-8ccc-ddddeeeeff2f\n" * 2, "x" * 5000])
def test_it_does_nothing_else(ask, line):
    assert ask(line).startswith("NO ")


def test_nobody_else_is_heard(machine, ask):
    refused = root_helper.ask(machine, f"remove-home {uuid.uuid4()}\n", "vmail", check=False)
    assert "PermissionError" in refused.stderr
    machine.run(["chmod", "666", root_helper.SOCKET])
    try:
        assert ask(f"remove-home {uuid.uuid4()}\n", user="vmail").startswith("NO user: ")
    finally:
        machine.run(["chmod", "660", root_helper.SOCKET])


def test_it_does_not_obey_settings_that_others_may_write(machine):
    machine.run(["sh", "-c", "mkdir -p /tmp/others && cp /etc/provost/provost.toml /tmp/others && chown -R vmail /tmp/others"])
    ended = machine.run(["provost-helper", "--config", "/tmp/others/provost.toml"], check=False)
    assert ended.returncode == 2
    assert "must belong to root" in ended.stderr
