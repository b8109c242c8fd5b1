# SPDX-License-Identifier: Apache-2.0
"""Passwords stay where they belong: out of every log, and in memory that root alone can look into."""

import base64
import uuid

import pytest
from conftest import LOGS


def test_nobody_but_root_looks_into_the_daemon(mail_host, machine):
    process = mail_host.provostd_process()
    status = machine.run(["cat", f"/proc/{process}/status"]).stdout
    uid = machine.run(["id", "-u", "provost"]).stdout.strip()
    assert f"Uid:\t{uid}\t" in status
    assert machine.run(["cat", f"/proc/{process}/environ"], check=False).returncode == 0
    for file in ("environ", "maps", "mem"):
        looked = machine.run(["head", "-c", "1", f"/proc/{process}/{file}"], user="provost", check=False)
        assert "Permission denied" in looked.stderr, file


@pytest.fixture
def password(mail_host, doors, new_user):
    """One that was set, used at every door, misspelt at every door, and replaced."""
    first, second = (f"{word}-Horse-{uuid.uuid4().hex}" for word in ("Roan", "Bay"))
    user = new_user("alice")
    for new in (first, second):
        mail_host.provost("mailbox", "passwd", user.address, "--password-stdin", input=f"{new}\n")
        for door in ("imap", "pop3", "sieve", "submission"):
            assert doors.signs_in(door, user.address, new)
            assert not doors.signs_in(door, user.address, f"{new}x")
    return user.address, (first, second)


def test_no_log_has_a_password(password):
    login, passwords = password
    read = {path: path.read_bytes() for path in LOGS.rglob("*") if path.is_file()}
    assert any(login.encode() in content for content in read.values())
    for each in passwords:
        told = [each.encode(), base64.b64encode(each.encode()), base64.b64encode(f"\0{login}\0{each}".encode())]
        for path, content in read.items():
            assert not any(form.rstrip(b"=") in content for form in told), path
