# SPDX-License-Identifier: Apache-2.0
"""A mail host installed by ./install under its own systemd: it serves, outlives what happens to it, and goes as it came."""

import pathlib
import re

import pytest
from lab import doors as the_doors
from lab import installed, root_helper, waiting

SOCKETS = ["admin", "dovecot-auth", "dovecot-dict", "dovecot-master", "dovecot-userdb", "helper", "map", "policy",
           "postfix-auth", "postfix-saslauthd", "saslauthd"]
SERVICES = ["provostd", "provost-helper", "provost-sockets"]


def active(machine, unit):
    return machine.run(["systemctl", "is-active", unit], check=False).stdout.strip() == "active"


def started(machine, unit):
    """Which start of the unit this is."""
    return machine.run(["systemctl", "show", "--property=InvocationID", "--value", unit]).stdout.strip()


def test_what_is_listed_is_there_and_nothing_is_said_by_systemd_against_it(host, machine):
    for path in host.listed():
        found = machine.path(path)
        assert found.is_dir() if path.endswith("/") else found.is_file(), path
    units = [path for path in host.listed() if path.startswith("/etc/systemd/system/")]
    names = {*(f"provost-{name}.socket" for name in SOCKETS), *(f"{name}.service" for name in SERVICES)}
    assert {pathlib.Path(path).name for path in units} == names
    assert machine.run(["systemd-analyze", "verify", "--man=no", *units]).stderr == ""
    assert machine.failed_units() == []


def test_nobody_has_rights_that_are_not_needed(machine):
    process = machine.run(["systemctl", "show", "--property=MainPID", "--value", "provostd.service"]).stdout.strip()
    status = machine.path(f"/proc/{process}/status").read_text()
    assert re.search(r"^CapEff:\s+0+$", status, re.M) and re.search(r"^NoNewPrivs:\s+1$", status, re.M)
    assert re.search(r"^Seccomp:\s+2$", status, re.M)
    for unit in ("provostd.service", "provost-helper.service"):
        judged = machine.run(["systemd-analyze", "security", "--no-pager", unit]).stdout
        exposure = float(re.search(r"Overall exposure level for \S+: ([\d.]+)", judged).group(1))
        assert exposure < 2.0, judged


def test_mail_comes_goes_and_is_read(post, make_user, doors):
    alice = make_user("alice")
    letter = post.from_stranger("alice@example.test").settle()
    assert alice.wait_for(letter.subject)
    assert doors.signs_in("pop3", "alice@example.test", "correct-horse-7-battery")
    assert doors.signs_in("sieve", "alice@example.test", "correct-horse-7-battery")
    assert doors.signs_in("submissions", "alice@example.test", "correct-horse-7-battery")
    assert not doors.signs_in("imap", "alice@example.test", "wrong-horse")


def test_off_is_proved(host, make_user):
    make_user("oscar")
    shown = host.provost_json("mailbox", "disable", "oscar@example.test")
    assert shown["proof"]["complete"] is True


def test_the_helper_does_what_it_is_for_in_its_sandbox(machine, post, make_user):
    bob = make_user("bob")
    bob.wait_for(post.from_stranger("bob@example.test").settle().subject)
    home = pathlib.PurePosixPath(machine.run(["doveadm", "user", "-f", "home", "bob@example.test"]).stdout.strip())
    assert machine.path(home).is_dir()
    assert root_helper.ask(machine, f"remove-home {home.name}\n").stdout == "OK\n"
    assert not machine.path(home).exists()
    assert root_helper.ask(machine, f"remove-home ../{home.name}\n").stdout.startswith("NO ")


def test_sockets_outlive_a_daemon_that_dies_again_and_again(machine, doors, make_user):
    make_user("dora")
    before = {name: started(machine, f"provost-{name}.socket") for name in SOCKETS}
    for _ in range(30):
        process = waiting.until(lambda: machine.run(["pgrep", "-x", "provostd"], check=False).stdout.split(), "provostd runs")
        machine.run(["kill", "-9", *process], check=False)
    assert waiting.until(lambda: doors.signs_in("imap", "dora@example.test", "correct-horse-7-battery"), "she signs in", 20)
    assert {name: started(machine, f"provost-{name}.socket") for name in SOCKETS} == before
    assert machine.failed_units() == []


@pytest.mark.parametrize("server, folder, socket", [
    ("dovecot", "/run/dovecot", "login/provost/auth"), ("postfix", "/var/spool/postfix/provost", "map")])
def test_sockets_come_again_when_a_servers_folder_was_removed(host, machine, doors, server, folder, socket):
    machine.run(["systemctl", "stop", f"{server}.service"])
    machine.run(["rm", "-rf", folder])
    machine.run(["systemctl", "start", f"{server}.service"])
    assert machine.path(f"{folder}/{socket}").is_socket()
    host.wait_for_doors()
    session = doors.smtp()
    assert session.mail("mallory@elsewhere.example.net")[0] == 250
    assert session.rcpt("nobody-of-that-name@example.test")[0] == 550
    the_doors.leave(session)
    assert machine.failed_units() == []


def test_init_makes_units_follow_the_settings(host, machine):
    assert host.provost("init").out == "nothing to change\n"
    settings = machine.path("/etc/provost/provost.toml")
    before = settings.read_text()
    machine.run(["mkdir", "-p", "/home/vmail"])
    settings.write_text(before.replace('# mail_root = "/var/vmail"', 'mail_root = "/home/vmail"'))
    assert "wrote /etc/systemd/system/provost-helper.service" in host.provost("init").out
    answer = root_helper.ask(machine, "remove-home 01989d0e-aaaa-7bbb-8ccc-ddddeeeeff2f\n").stdout
    settings.write_text(before)
    host.provost("init")
    assert answer == "OK\n", "systemd hides /home from it"
    assert host.provost("status").code == 0
    assert machine.failed_units() == []


def test_after_a_reboot_it_serves_as_before(host, machine, post, doors, make_user):
    carol = make_user("carol")
    first = post.from_stranger("carol@example.test").settle()
    carol.wait_for(first.subject)
    host.reboot()
    assert machine.failed_units() == []
    assert all(active(machine, f"provost-{name}.socket") for name in SOCKETS)
    second = post.from_stranger("carol@example.test").settle()
    carol.wait_for(second.subject)
    assert first.subject in carol.subjects()
    assert host.provost("status").code == 0


def test_installed_again_nothing_changes_but_the_programs_start_anew(host, machine):
    before, daemon, socket = host.listed(), started(machine, "provostd.service"), started(machine, "provost-map.socket")
    assert "nothing to change" in host.install()
    assert host.listed() == before
    assert started(machine, "provostd.service") != daemon
    assert started(machine, "provost-map.socket") == socket
    assert host.provost("status").code == 0


# In a machine of its own, for nothing is left of it; Debian 13 would build once more.
def test_removed_it_leaves_nothing_but_what_is_the_sites():
    with installed.InstalledHost("bookworm", name="removed") as host:
        before = everything(host.machine)
        host.start()
        listed = host.listed()
        refused = host.machine.run(["sh", "-c", host.install_words("--remove")], check=False)
        assert (refused.returncode, "provost setup --undo" in refused.stderr) == (1, True)
        assert host.provost("status").code == 0
        assert "Removed." in host.install("--remove", "--anyway")
        for path in listed:
            assert not host.machine.path(path).exists(), path
        assert everything(host.machine) - before == set()
        assert host.machine.run(["systemctl", "list-unit-files", "provost*", "--no-legend"], check=False).stdout == ""
        assert host.machine.run(["pgrep", "-f", "[p]rovost"], check=False).stdout == ""
        for path in ("/etc/provost/provost.toml", "/var/lib/provost/provost.db", "/var/vmail"):
            assert host.machine.path(path).exists()
        assert "Nothing is installed here" in host.install("--remove")


def everything(machine):
    """Every file where ./install puts any, and the links by which systemd knows what starts with the host."""
    return set(machine.run(["find", "/usr/local", "/etc/systemd/system"]).stdout.splitlines())
