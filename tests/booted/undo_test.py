# SPDX-License-Identifier: Apache-2.0
"""`provost setup --undo` under systemd: the servers are as Debian has them, and our daemon goes on by itself."""

SNAPSHOT = "find /etc/postfix /etc/dovecot /etc/tmpfiles.d -printf '%p %y %m %U %G\\n' | sort; cat /etc/postfix/*.cf"


def shown(machine):
    return machine.run(["sh", "-c", SNAPSHOT]).stdout


def sockets_in(machine, state):
    listed = machine.run(["systemctl", "list-unit-files", f"--state={state}", "--no-legend", "provost-*.socket"], check=False).stdout
    return {line.split()[0] for line in listed.splitlines()}


def test_undone_the_servers_are_debians_again_also_after_a_reboot(host, machine, post, make_user):
    set_up = shown(machine)
    host.provost("setup", "--undo")
    assert "provost" not in machine.run(["postconf", "-n"]).stdout
    assert sockets_in(machine, "enabled") == {"provost-admin.socket", "provost-helper.socket"}
    assert host.provost("status").code == 0
    host.machine.reboot()
    assert machine.failed_units() == []
    assert machine.path("/run/dovecot/auth-userdb").is_socket() and not machine.path("/run/dovecot/auth-userdb").is_symlink()
    assert not machine.path("/run/dovecot/login/provost").exists()

    host.set_up_servers()
    assert shown(machine) == set_up
    erin = make_user("erin")
    erin.wait_for(post.from_stranger("erin@example.test").settle().subject)
    assert machine.failed_units() == []
