# SPDX-License-Identifier: Apache-2.0
"""What a host is like that `provost setup` set up, beyond what it refuses and delivers: TLS, secrets, large aliases."""

import ssl
import uuid

import pytest
from lab import doors as the_doors
from lab import waiting

DOORS = ["imap", "imaps", "pop3", "pop3s", "submission", "submissions"]


def knock(doors, door, version):
    """Begins TLS at this door with this version and no other; returns what was agreed upon."""
    context = the_doors.any_certificate()
    context.set_ciphers("ALL:@SECLEVEL=0")  # our own side takes anything
    context.minimum_version = context.maximum_version = version
    strict = the_doors.Doors(doors.machine)
    strict._tls = context
    session = {"imaps": lambda: strict.imap(port=993), "pop3s": lambda: strict.pop3(port=995)}.get(door, getattr(strict, door, None))()
    agreed = session.sock.version()
    the_doors.leave(session)
    return agreed


@pytest.mark.parametrize("door", DOORS)
def test_tls_begins_with_1_2(doors, door):
    assert knock(doors, door, ssl.TLSVersion.TLSv1_2) == "TLSv1.2"
    with pytest.raises((ssl.SSLError, OSError)):
        knock(doors, door, ssl.TLSVersion.TLSv1_1)


def test_the_key_for_doveadm_is_for_root_and_the_daemon_alone(machine):
    shown = machine.run(["stat", "-c", "%U:%G %a", "/etc/dovecot/provost-secrets.conf", "/etc/provost/doveadm.key"], check=False).stdout
    assert shown == "root:root 600\nroot:provost 640\n"
    key = machine.path("/etc/provost/doveadm.key").read_text().strip()
    readable = machine.run(["grep", "-rlF", "-e", key, "/etc", "/var/lib/provost", "/var/log", "/run"], check=False, user="www-data").stdout
    assert readable == ""


def test_an_alias_as_large_as_the_directory_allows_is_delivered_to_all(post, provost, world):
    alias = f"all-{uuid.uuid4().hex[:8]}@example.test"
    targets = [f"member-{number}@elsewhere.example.net" for number in range(1000)]
    assert provost("alias", "add", alias, *targets).code == 0
    assert provost("alias", "add", f"x{alias}", *targets, "one@too.many.example.net").code in (2, 4)
    letter = post.from_stranger(alias)
    assert letter.said.code == 250

    def arrived():
        return {recipient for _, recipients, text in list(world.messages) if letter.subject in text for recipient in recipients}

    waiting.until(lambda: arrived() == set(targets), "every member has it", 60)
    letter.settle()


def test_the_servers_understand_their_files_without_a_word(machine):
    assert machine.run(["postfix", "check"]).stderr == ""
    assert machine.run(["doveconf", "-n"]).stderr == ""
