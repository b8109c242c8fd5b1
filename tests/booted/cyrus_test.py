# SPDX-License-Identifier: Apache-2.0
"""A bare Debian with Postfix and Cyrus that boots: set up in one command, started again, and taken back."""

import imaplib

import pytest
from lab import cyrus_host, installed, waiting
from lab import doors as the_doors

PASSWORD = "correct-horse-7-battery"


class CyrusHost(installed.InstalledHost):
    servers = cyrus_host.SERVERS
    without = cyrus_host.WITHOUT
    set_up = ("--imap", "cyrus", *installed.InstalledHost.set_up)


@pytest.fixture(scope="module", params=["bookworm", "trixie"])
def host(request):
    with CyrusHost(request.param, name=f"booted-cyrus-{request.param}") as made:
        made.start()
        made.provost("mailbox", "add", "alice@example.test", "--password-stdin", input=f"{PASSWORD}\n")
        yield made


def lets_in(host, password):
    try:
        the_doors.Doors(host.machine).imap("alice@example.test", password).logout()
        return True
    except imaplib.IMAP4.error:
        return False


def test_one_command_makes_it_serve_by_the_directory(host):
    told = host.provost("doctor", "--no-delivery", check=False)
    assert told.code == 0, told.out
    assert lets_in(host, PASSWORD) and not lets_in(host, "wrong")


def test_the_helper_ends_what_somebody_has_open_from_its_sandbox(host):
    session = the_doors.Doors(host.machine).imap("alice@example.test", PASSWORD)
    session.select("INBOX")
    assert host.provost_json("mailbox", "kick", "alice@example.test")["proof"]["sessions_ended"] == 1
    with pytest.raises((imaplib.IMAP4.abort, OSError)):
        session.noop()


def test_after_a_restart_of_the_host_all_of_it_is_there_again(host):
    host.reboot()
    waiting.until(lambda: cyrus_host.greets(host.machine), "Cyrus answers", 30)
    told = host.provost("doctor", "--no-delivery", check=False)
    assert told.code == 0, told.out
    assert lets_in(host, PASSWORD)


def test_undo_leaves_the_daemon_and_what_debian_ships(host):
    host.machine.run(["provost", "setup", "--undo", "--yes"])
    changed = host.machine.run(["dpkg", "--verify", "cyrus-common"], check=False).stdout
    assert "/etc/" not in changed, changed
    assert host.provost("status", check=False).code == 0
    # And once more. It keeps mail by now, so that ports which Debian's files do not have are asked for.
    host.machine.run(["provost", "setup", "--yes", *host.set_up, "--imaps-port", "993", "--pop3s-port", "995"])
    host.wait_for_doors()
    assert lets_in(host, PASSWORD)
