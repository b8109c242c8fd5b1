# SPDX-License-Identifier: Apache-2.0
"""Steady questions to one mail host: `python3 -m lab.load`, started by Load, so that whoever started it is not slowed down.

Lookups go to the socket map and sign-ins to the authentication socket as Postfix sends them, over connections that are kept.
A connection that ends is made anew, and what was not answered on it is asked again, once, as Postfix does. Users sign in
at the IMAP door all the while, one after the other.
"""

import asyncio
import base64
import collections
import contextlib
import itertools
import json
import pathlib
import socket
import subprocess
import sys
import time

from lab import doors, linux

LIBRARY = pathlib.Path(__file__).resolve().parent.parent
PATIENCE = 20  # seconds for one answer
CONNECTIONS = 8
MAP = "/var/spool/postfix/provost/map"
AUTH = "/var/spool/postfix/provost/auth"


class Load:
    """users: {address: password}. Asks until finish(), which returns the outcomes and how many there were of each."""

    def __init__(self, machine, users, lookups, sign_ins):
        wanted = {"root": str(machine.path("")), "network": machine.process, "users": users, "lookups": lookups, "sign_ins": sign_ins}
        self._process = subprocess.Popen([sys.executable, "-m", "lab.load"], cwd=LIBRARY, stdin=subprocess.PIPE,
                                         stdout=subprocess.PIPE, text=True)
        self._process.stdin.write(json.dumps(wanted) + "\n")
        self._process.stdin.flush()

    def finish(self):
        said, _ = self._process.communicate("\n")
        return json.loads(said)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._process.kill()
        self._process.communicate()


class Asker:
    """One connection that is kept. ask() puts one question at a time."""

    def __init__(self, path, counted, what):
        self.path = path
        self.counted = counted
        self.what = what
        self.reader = self.writer = None

    async def ask(self, question, is_right):
        """Counts what became of it: right, asked again and right, cannot tell, or what was said instead."""
        began = time.monotonic()
        for again in ("", " when asked again"):
            try:
                async with asyncio.timeout(PATIENCE):
                    if self.writer is None:
                        await self.connect()
                    answer = await self.exchange(question)
            except (ConnectionRefusedError, FileNotFoundError, TimeoutError) as trouble:
                self.drop()
                return self.count(f"{type(trouble).__name__}{again}", began)
            except (OSError, EOFError):
                self.drop()
                continue
            return self.count(("right" if is_right(answer) else repr(answer)) + again, began)
        return self.count("ended twice", began)

    def count(self, outcome, began):
        self.counted[f"{self.what}: {outcome}"] += 1
        longest = f"{self.what}: longest"
        self.counted[longest] = max(self.counted[longest], round(time.monotonic() - began, 3))

    async def connect(self):
        self.reader, self.writer = await asyncio.open_unix_connection(self.path)

    def drop(self):
        if self.writer is not None:
            self.writer.transport.abort()
        self.reader = self.writer = None


class Lookups(Asker):
    async def exchange(self, question):
        self.writer.write(f"{len(question)}:{question},".encode())
        size = int((await self.reader.readuntil(b":"))[:-1])
        return (await self.reader.readexactly(size + 1))[:-1].decode()


class SignIns(Asker):
    processes = itertools.count(1)

    def __init__(self, *arguments):
        super().__init__(*arguments)
        self.last = 0
        self.process = next(SignIns.processes)  # as whose this connection is known

    async def connect(self):
        await super().connect()
        self.writer.write(b"VERSION\t1\t2\nCPID\t%d\n" % self.process)
        while await self.reader.readuntil(b"\n") != b"DONE\n":
            continue

    async def exchange(self, question):
        self.last += 1
        self.writer.write(f"AUTH\t{self.last}\tPLAIN\tservice=smtp\tnologin\trip=192.0.2.7\tlip=192.0.2.1\tsecured\tresp={question}\n".encode())
        answer = (await self.reader.readuntil(b"\n")).decode().rstrip("\n").split("\t")
        return " ".join([answer[0], *answer[2:]])


async def at_pace(asker, questions, every, stop):
    """A question each `every` seconds, or as soon after as the last one was answered."""
    due = time.monotonic()
    for question, is_right in questions:
        if stop.is_set():
            return
        await asker.ask(question, is_right)
        due += every
        await asyncio.sleep(max(0.0, due - time.monotonic()))


def around(items):
    while True:
        yield from items


async def at_the_door(wanted, counted, stop):
    """One user after the other signs in by IMAP over TLS."""
    tls = doors.any_certificate()
    for address, password in around(wanted["users"].items()):
        if stop.is_set():
            return
        began = time.monotonic()
        writer, answer = None, "nothing"
        try:
            async with asyncio.timeout(PATIENCE):
                with linux.network_of(wanted["network"]):
                    made = socket.create_connection(("127.0.0.1", 993))
                reader, writer = await asyncio.open_connection(sock=made, ssl=tls, server_hostname="")
                await reader.readuntil(b"\n")
                writer.write(f"a LOGIN {address} {password}\r\n".encode())
                while not answer.startswith(("a ", "* BYE")):  # it may say first that it waits
                    answer = (await reader.readuntil(b"\n")).decode().rstrip()
            outcome = "right" if answer.startswith("a OK") else answer
        except (OSError, EOFError, TimeoutError) as trouble:
            outcome = f"{trouble!r} after {answer!r}"
        if writer is not None:
            writer.transport.abort()
        counted[f"imap: {outcome}"] += 1
        counted["imap: longest"] = max(counted["imap: longest"], round(time.monotonic() - began, 3))


async def main():
    wanted = json.loads(sys.stdin.readline())
    counted, stop = collections.Counter(), asyncio.Event()
    users = wanted["users"]
    known = [(f"mailboxes {address}", lambda said: said.startswith("OK ")) for address in users]
    unknown = [(f"mailboxes no-{address}", lambda said: said.startswith("NOTFOUND ")) for address in users]
    right = [(base64.b64encode(f"\0{address}\0{password}".encode()).decode(), lambda said: said.startswith("OK "))
             for address, password in users.items()]
    tasks = []
    for kind, path, questions, rate in ((Lookups, MAP, known + unknown, wanted["lookups"]), (SignIns, AUTH, right, wanted["sign_ins"])):
        for start in range(CONNECTIONS):
            turned = questions[start:] + questions[:start]
            asker = kind(wanted["root"] + path, counted, kind.__name__)
            tasks.append(asyncio.create_task(at_pace(asker, around(turned), CONNECTIONS / rate, stop)))
    tasks.append(asyncio.create_task(at_the_door(wanted, counted, stop)))
    began = time.monotonic()
    await asyncio.to_thread(sys.stdin.readline)
    stop.set()
    for task in tasks:
        with contextlib.suppress(asyncio.CancelledError):
            await task
    counted["seconds"] = round(time.monotonic() - began, 1)
    print(json.dumps(counted))


if __name__ == "__main__":
    asyncio.run(main())
