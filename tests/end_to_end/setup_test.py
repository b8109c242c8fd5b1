# SPDX-License-Identifier: Apache-2.0
"""What our own set-up makes of Debian's untouched Postfix and Dovecot, before any daemon runs."""

import base64
import socket

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


def dovecot_lets_in(path, password):
    """What Dovecot's auth service says at this socket, asked as Postfix would."""
    with socket.socket(socket.AF_UNIX) as asked:
        asked.settimeout(20)
        asked.connect(str(path))
        with asked.makefile("rw", newline="\n") as talk:
            said = base64.b64encode(f"\0bob@example.test\0{password}".encode()).decode()
            talk.write(f"VERSION\t1\t2\nCPID\t4242\nAUTH\t1\tPLAIN\tservice=smtp\tsecured\tresp={said}\n")
            talk.flush()
            return next(line for line in talk if line.startswith(("OK\t", "FAIL\t"))).startswith("OK\t")


def test_at_an_auth_listener_of_the_sites_own_no_password_is_right(fresh_machine):
    fresh_machine.run(SET_UP)
    fresh_machine.run(["doveadm", "stop"], check=False)
    listener = "/var/spool/postfix/private/auth"
    site = "/etc/dovecot/conf.d/99-site.conf"
    fresh_machine.run(["sh", "-c", f"printf 'service auth {{\\n unix_listener {listener} {{\\n mode = 0660\\n }}\\n}}\\n' >{site}"])
    try:
        fresh_machine.run(["dovecot"])
        waiting.until(fresh_machine.path(listener).is_socket, "Dovecot listens", 10)
        for password in ("never", "!", "*", "*0", "*1", "{CRYPT}!", "x", ""):
            assert not dovecot_lets_in(fresh_machine.path(listener), password), password
    finally:
        fresh_machine.run(["doveadm", "stop"], check=False)
        fresh_machine.run(["rm", "-f", site])


def test_who_may_not_administer_is_told_so(machine):
    refused = machine.run(["provost", "domain", "list"], check=False, user="www-data")
    assert (refused.returncode, refused.stdout) == (77, "")
    assert "Permission denied" in refused.stderr
