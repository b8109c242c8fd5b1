# SPDX-License-Identifier: Apache-2.0
"""What our own set-up makes of Debian's untouched Postfix and Dovecot, before any daemon runs."""

import pytest
from lab import mail_host, waiting

SET_UP = ["provost", "setup", "--yes", "--host-name", "mx.example.test", "--logs", "/var/log"]


@pytest.fixture(scope="module")
def fresh_machine():
    with mail_host.bare_machine("setup") as made:
        made.run(["provost", "init"])
        yield made


def test_set_up_changes_debians_servers_once_and_then_nothing(fresh_machine):
    first = fresh_machine.run(SET_UP)
    assert "wrote /etc/postfix/master.cf" in first.stdout
    assert fresh_machine.run(SET_UP).stdout == "nothing to change\n"


def test_postfix_and_dovecot_have_nothing_to_say_against_it(fresh_machine):
    fresh_machine.run(SET_UP)
    assert fresh_machine.run(["postfix", "check"]).stderr == ""
    assert "error" not in fresh_machine.run(["doveconf", "-n"]).stderr.lower()


def test_both_start_on_sockets_that_the_holder_made(fresh_machine):
    fresh_machine.run(SET_UP)
    fresh_machine.start(["provost-holder", "--sockets", "/etc/provost/sockets", "--user", "provost", "--", "sleep", "1000"])
    waiting.until(fresh_machine.path(mail_host.ADMIN_SOCKET).is_socket, "the sockets are there", 10)
    fresh_machine.run(["postfix", "start"])
    fresh_machine.run(["dovecot"])

    def listening():
        shown = fresh_machine.run(["ss", "-Hltn"]).stdout
        return {int(line.split()[3].rsplit(":", 1)[1]) for line in shown.splitlines()}

    waiting.until(lambda: set(mail_host.PORTS.values()) <= listening(), "every door is open", 10)
    owners = fresh_machine.run(["stat", "-c", "%U:%G %a", "/var/spool/postfix/provost/map", "/run/dovecot/login/provost/auth"])
    assert owners.stdout.splitlines() == ["provost:postfix 660", "provost:dovenull 660"]


def test_who_may_not_administer_is_told_so(machine):
    refused = machine.run(["provost", "domain", "list"], check=False, user="www-data")
    assert (refused.returncode, refused.stdout) == (77, "")
    assert "Permission denied" in refused.stderr
