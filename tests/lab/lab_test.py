# SPDX-License-Identifier: Apache-2.0
"""The throwaway machine itself: its servers run, its networks are its own, and nothing of it stays behind."""

import os
import pathlib
import poplib
import signal
import smtplib
import socket
import subprocess
import sys

import pytest
from lab import machine, relay, root, terminal, waiting

LAB = pathlib.Path(__file__).resolve().parent


def test_postfix_answers_on_the_standard_port_of_the_machine_and_not_of_the_host(plain_machine):
    plain_machine.run(["postfix", "start"])
    with plain_machine.network():
        greeting = waiting.until(lambda: smtplib.SMTP("127.0.0.1", 25, timeout=5), "Postfix answers", 10)
    assert greeting.ehlo("client.example.test")[0] == 250
    assert plain_machine.run(["postfix", "check"]).stderr == ""
    own_namespace = os.readlink("/proc/self/ns/net")
    assert own_namespace != os.readlink(f"/proc/{plain_machine.process}/ns/net")


def test_dovecot_answers_imap_pop3_and_sieve(plain_machine):
    plain_machine.run(["dovecot"])
    for port, banner in ((143, b"* OK"), (110, b"+OK"), (4190, b'"IMPLEMENTATION" "Dovecot')):
        with plain_machine.network(), socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
            assert connection.recv(200).startswith(banner)


def test_a_stranger_comes_from_the_world_and_may_not_relay(plain_machine):
    plain_machine.run(["postfix", "start"])
    with plain_machine.world():
        session = waiting.until(lambda: smtplib.SMTP(machine.ADDRESS, 25, timeout=5), "Postfix answers", 10)
    session.ehlo("stranger.example.net")
    session.mail("someone@example.net")
    assert session.rcpt("root@mx.example.test")[0] == 250
    assert session.rcpt("elsewhere@example.com")[0] in (454, 554)


def test_a_command_may_come_from_the_world_as_another_user_with_the_machines_files(plain_machine):
    plain_machine.run(["useradd", "--create-home", "alice"])
    script = "cd && id -un && pwd && cat /etc/mailname && ip -br -4 address"
    said = plain_machine.run(["sh", "-c", script], user="alice", home="/home/alice", abroad=True).stdout
    assert said.startswith("alice\n/home/alice\nmx.example.test\n")
    assert machine.WORLD in said and machine.ADDRESS not in said


def test_a_terminal_keeps_its_shell_and_answers_what_is_asked(plain_machine):
    asked = [(r"\[y/N\] ", "y"), (r"Password of (\S+): ", r"secret of \1")]
    with terminal.Terminal(plain_machine, asked) as shell:
        assert shell.run("cd /etc; export WHO=bob  # why") == terminal.Said(0, "")
        assert shell.run("pwd; false") == terminal.Said(1, "/etc\n")
        assert shell.run("read -p 'Sure? [y/N] ' a; echo $a") == terminal.Said(0, "Sure? [y/N] y\ny\n")
        assert shell.run("read -s -p \"Password of $WHO: \" p; echo; echo \"$p\"") == terminal.Said(0, "Password of bob: \nsecret of bob\n")
        with pytest.raises(AssertionError, match="still going after 1 s"):
            shell.run("cat", timeout=1)


def test_a_relay_carries_a_port_of_the_host_into_the_machine(plain_machine):
    plain_machine.run(["dovecot"])
    carried = relay.Relay(plain_machine, [110])
    assert carried.published[110] > 1024
    session = poplib.POP3("127.0.0.1", carried.published[110], timeout=10)
    assert "UIDL" in session.capa()
    session.close()
    carried.stop()


def test_what_is_written_inside_is_never_in_the_cached_root(plain_machine):
    plain_machine.run(["sh", "-c", "echo changed >/etc/mailname && rm /etc/hostname"])
    cached = root.ready().path
    assert (cached / "etc/mailname").read_text() == "mx.example.test\n"
    assert (cached / "etc/hostname").exists()


def test_two_machines_at_once_have_the_same_ports_and_different_files():
    with machine.Machine("lab-one") as one, machine.Machine("lab-two") as two:
        for made in (one, two):
            made.run(["postfix", "start"])
        one.run(["touch", "/root/mark"])
        assert two.run(["test", "-e", "/root/mark"], check=False).returncode == 1
        assert {"lab-one", "lab-two"} <= {name for name, _ in machine.running()}


def test_a_command_that_takes_too_long_is_killed(plain_machine):
    assert plain_machine.run(["sleep", "60"], check=False, timeout=1).returncode == 124


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL])
def test_nothing_is_left_when_the_holder_is_killed(how):
    name = f"lab-killed-{how}"
    mounts = pathlib.Path("/proc/self/mountinfo").read_text()
    holder = subprocess.Popen([str(LAB / "machine"), "run", name, "--", "sleep", "1000"], stderr=sys.stderr)
    process = waiting.until(lambda: dict(machine.running()).get(name), "the machine runs", 60)
    namespace = os.readlink(f"/proc/{process}/ns/pid")
    waiting.until(lambda: len(processes_in(namespace)) > 1, "the command runs", 10)
    holder.send_signal(how)
    holder.wait()
    waiting.until(lambda: not processes_in(namespace), "every process of the machine is gone", 10)
    assert pathlib.Path("/proc/self/mountinfo").read_text() == mounts


def processes_in(namespace):
    found = []
    for entry in pathlib.Path("/proc").glob("[0-9]*"):
        try:
            if os.readlink(entry / "ns/pid") == namespace:
                found.append(entry.name)
        except OSError:
            continue
    return found
