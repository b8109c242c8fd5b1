# SPDX-License-Identifier: Apache-2.0
"""The whole walk over a host whose servers are as Debian has them: installed, set up, looked over, rebooted, and given back."""

import pytest
from lab import etc, installed

ACCOUNTS = {f"/etc/{file}{old}" for file in ("passwd", "group", "shadow", "gshadow", "subuid", "subgid") for old in ("", "-")}
# What provost init makes, beside the users in those, and what systemd links to for units that start with the host.
MADE_BY_INIT = {"/etc/provost", "/etc/provost/provost.toml", "/etc/provost/doveadm.key", "/etc/provost/sockets", "/etc/provost/helper-sockets"}
STARTED = {"multi-user.target.wants/provostd.service", "sockets.target.wants/provost-admin.socket", "sockets.target.wants/provost-helper.socket"}
OURS_ALWAYS = {"provost-admin.socket", "provost-helper.socket"}


def sockets(machine, list_of_what, state):
    listed = machine.run(["systemctl", list_of_what, f"--state={state}", "--plain", "--no-legend", "provost-*.socket"], check=False).stdout
    return {line.split()[0] for line in listed.splitlines()}


def is_all_green(host):
    done = host.provost("doctor", "--domain", "example.test", "-o", "json", check=False)
    amiss = [found for found in done.json["findings"] if found["health"] != "green"]
    assert (done.code, amiss) == (0, []), amiss
    assert done.json["green"] > 30
    assert host.machine.failed_units() == []


def is_given_back(machine):
    assert "provost" not in machine.run(["postconf", "-n"]).stdout
    assert "provost" not in machine.run(["doveconf", "-n"]).stdout
    assert sockets(machine, "list-unit-files", "enabled") == OURS_ALWAYS
    assert sockets(machine, "list-units", "active") == OURS_ALWAYS
    for name in ("/run/dovecot/auth-userdb", "/run/dovecot/auth-master"):
        assert not machine.path(name).is_symlink()
    assert not machine.path("/run/dovecot/login/provost/auth").exists()


@pytest.mark.parametrize("release", ["bookworm", "trixie"])
def test_a_host_is_set_up_reboots_and_is_given_back(release):
    with installed.InstalledHost(release, name=f"walk-{release}") as host:
        machine = host.machine
        debians = etc.look(machine)
        host.install()
        host.provost("init")
        ready = etc.look(machine)
        came, went, changed = etc.differences(debians, ready)
        listed = {path.rstrip("/") for path in host.listed() if path.startswith("/etc/")}
        wants = {f"/etc/systemd/system/{link}" for link in STARTED}
        folders = {link.rpartition("/")[0] for link in wants} - debians.keys()
        assert came == listed | MADE_BY_INIT | wants | folders | (came & ACCOUNTS)
        assert (went, changed - ACCOUNTS) == (set(), set())

        host.set_up_servers()
        host.provost("domain", "add", "example.test")
        set_up = etc.look(machine)
        is_all_green(host)
        host.reboot()
        is_all_green(host)
        assert etc.look(machine) == set_up

        host.provost("setup", "--undo")
        assert etc.look(machine) == ready
        is_given_back(machine)
        assert host.provost("status").code == 0
        machine.reboot()
        assert machine.failed_units() == []
        is_given_back(machine)
        assert not machine.path("/run/dovecot/login/provost").exists()
        assert host.provost("status").code == 0
        assert etc.look(machine) == ready

        host.set_up_servers()
        assert etc.look(machine) == set_up
        is_all_green(host)
