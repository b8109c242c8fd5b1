# SPDX-License-Identifier: Apache-2.0
"""Whoever breaks a protocol is answered or closed within a bound, and nobody else notices."""

import contextlib
import resource
import select
import socket
import time

import pytest

from lab import admin

MAP = "/var/spool/postfix/provost/map"
AUTH = "/var/spool/postfix/provost/auth"
MASTER = "/run/provost/dovecot-userdb"
PATIENCE = 20  # seconds for what is answered or closed at once


@pytest.fixture
def connect(machine):
    """connect(PATH): a client of one of the daemon's sockets; closed when the test ends."""
    with contextlib.ExitStack() as open_sockets:
        def one(path):
            client = open_sockets.enter_context(socket.socket(socket.AF_UNIX))
            client.settimeout(PATIENCE)
            client.connect(str(machine.path(path)))
            return client

        yield one


def netstring(payload):
    return b"%d:%s," % (len(payload), payload)


def rest(client):
    """All that still comes until the other end closes; a TimeoutError if it does not."""
    got = b""
    with contextlib.suppress(ConnectionResetError):  # closed with bytes of ours unread
        while piece := client.recv(65536):
            got += piece
    return got


def answers_quickly(connect):
    client = connect(MAP)
    began = time.monotonic()
    client.sendall(netstring(b"domains example.test"))
    assert client.recv(100) == b"9:OK hosted,"
    assert time.monotonic() - began < 1


@pytest.mark.parametrize("broken", [b"x", b"12", b"5:abcdefg,", b"-1:,", b"99999999999:x", b"\0\0\0\0", b"\n\n"], ids=repr)
def test_what_is_no_netstring_is_closed(connect, broken):
    client = connect(MAP)
    client.sendall(broken + b":" * 20)
    assert rest(client) == b""
    answers_quickly(connect)


@pytest.mark.parametrize("key", [b"\xff\xfe@example.test", b"a\0b@example.test", b"", b"@", b"%s@example.test", b"x" * 100_000,
                                 b"a@" + b"b." * 4000, "jürgen@bücher.example".encode()], ids=lambda key: repr(key[:20]))
@pytest.mark.parametrize("name", [b"mailboxes", b"aliases", b"domains", b"sasl_access"])
def test_every_key_has_an_answer(connect, name, key):
    client = connect(MAP)
    client.sendall(netstring(name + b" " + key) + netstring(b"domains example.test"))
    got = b""
    while not got.endswith(b"9:OK hosted,"):
        piece = client.recv(65536)
        assert piece, got
        got += piece
    assert got.split(b":", 1)[1][:2] in (b"NO", b"OK")
    assert not got.startswith(b"4:TEMP")


def test_a_map_that_does_not_exist_is_named(connect):
    client = connect(MAP)
    client.sendall(netstring(b"vitual x"))
    assert b"PERM no such map" in client.recv(200)


@pytest.mark.parametrize("line", [b"AUTH\n", b"AUTH\tx\tPLAIN\n", b"AUTH\t1\tPLAIN\tservice=smtp\tresp=!!!\n", b"CONT\t9\tAA==\n",
                                  b"\xff\xff\xff\n", b"AUTH\t1\tNTLM\tservice=smtp\n", b"a" * 100_000], ids=lambda line: repr(line[:30]))
def test_a_broken_sign_in_is_refused_or_closed(connect, line):
    client = connect(AUTH)
    client.sendall(b"VERSION\t1\t2\nCPID\t1\n" + line)
    client.shutdown(socket.SHUT_WR)
    got = rest(client)
    assert b"\nOK\t" not in got
    answers_quickly(connect)


@pytest.mark.parametrize("line", [b"USER\n", b"USER\tx\ty\n", b"REQUEST\t1\t2\t3\tcookie\n", b"LIST\n", b"PASS\t1\tx@example.test\n", b"\0\n"],
                         ids=repr)
def test_a_broken_question_of_dovecots_is_refused_or_closed(connect, line):
    client = connect(MASTER)
    client.sendall(b"VERSION\t1\t1\n" + line)
    client.shutdown(socket.SHUT_WR)
    got = rest(client)
    assert b"USER\t1\t" not in got and b"pass=" not in got
    answers_quickly(connect)


def test_half_a_request_and_silence_harm_nobody_else(connect):
    halves = [connect(MAP) for _ in range(50)]
    for half in halves:
        half.sendall(b"25:domains exam")
    answers_quickly(connect)
    halves[0].sendall(b"ple.test12345,")
    assert halves[0].recv(100) == b"9:NOTFOUND ,"


def test_a_thousand_idle_connections_harm_nobody_else(connect):
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, min(hard, 4096)), hard))
    idle = [connect(MAP) for _ in range(1000)]
    answers_quickly(connect)
    idle[-1].sendall(netstring(b"domains example.test"))
    assert idle[-1].recv(100) == b"9:OK hosted,"


def test_a_client_that_never_reads_is_stopped_and_harms_nobody_else(connect):
    client = connect(MAP)
    client.setblocking(False)
    request = netstring(b"aliases nobody@example.test") * 1000
    sent = 0
    while select.select([], [client], [], 1)[1] and sent < 1 << 28:
        sent += client.send(request)
    assert sent < 1 << 28, "what is not read must stop what is asked"
    answers_quickly(connect)


def test_what_was_broken_is_counted(machine, connect):
    connect(MAP).sendall(b"x" * 30)
    answers_quickly(connect)
    status, text = admin.Admin(machine).ask_text("/metrics")
    assert status == 200
    broken = [line for line in text.splitlines() if line.startswith("provost_socketmap_broken_total") and 'reason="malformed"' in line]
    assert broken and float(broken[0].split()[-1]) >= 1
