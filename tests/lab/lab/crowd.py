# SPDX-License-Identifier: Apache-2.0
"""Many clients that sign in as one user at once: `python3 -m lab.crowd`, started by Crowd.

Each connects, makes TLS, and waits at the gate with its password in hand. They are a process of their own, so that
whoever measures them is not slowed down by them. What happens becomes a line of JSON on stdout; its moments are those of
time.monotonic(), whose clock all processes of a host share.
"""

import asyncio
import base64
import contextlib
import dataclasses
import json
import pathlib
import random
import socket
import subprocess
import sys
import threading
import time

from lab import doors, linux, machine, waiting

LIBRARY = pathlib.Path(__file__).resolve().parent.parent
PATIENCE = 30  # seconds for an attempt
IN, REFUSED, UNSURE = "in", "refused", "unsure"

# Two hundred clients. Those with TLS from the start come from the rest of the world. Less than fifty of a kind from one
# place, and less than ten for sieve: Dovecot lets in no more sessions of one user.
DOORS = {"imap": 40, "imaps": 45, "pop3": 35, "pop3s": 35, "submission": 20, "submissions": 20, "sieve": 5}
SIZE = sum(DOORS.values())
PORTS = {"imap": 143, "imaps": 993, "pop3": 110, "pop3s": 995, "submission": 587, "submissions": 465, "sieve": 4190}


@dataclasses.dataclass
class Attempt:
    """One attempt. began: before the password was sent. told: when the answer to it was read.

    outcome: of the password. used: whether the session then did a step that a user needs, which began after `told`.
    A server that cannot tell, is full, or hangs up is "unsure".
    """

    door: str
    began: float
    told: float
    outcome: str
    used: bool
    words: str


class Crowd:
    """attempts: all that are over since the last release()."""

    def __init__(self, of_machine, user, password):
        self.attempts = []
        self._ready = 0
        wanted = {"inside": of_machine.process, "world": of_machine.world_process, "user": user, "password": password}
        self._process = subprocess.Popen([sys.executable, "-m", "lab.crowd"], cwd=LIBRARY, stdin=subprocess.PIPE,
                                         stdout=subprocess.PIPE, text=True)
        self._say(wanted)
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def release(self, within):
        """When all are at the gate: each sends its password at a moment of its own within so many seconds."""
        waiting.until(lambda: self._ready == SIZE, "the crowd is at the gate", 60)
        self.attempts = []
        self._ready = 0
        self._say({"within": within})

    def wait_for_all(self):
        waiting.until(lambda: len(self.attempts) == SIZE, "everybody in the crowd was answered", 2 * PATIENCE)

    def stop(self):
        self._process.terminate()
        self._process.wait()
        self._process.stdin.close()
        self._reader.join()

    def _say(self, what):
        self._process.stdin.write(json.dumps(what) + "\n")
        self._process.stdin.flush()

    def _read(self):
        for line in self._process.stdout:
            if line == "ready\n":
                self._ready += 1
            else:
                self.attempts.append(Attempt(**json.loads(line)))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()


class Gate:
    """Where clients wait for the next release."""

    def __init__(self):
        self._release = asyncio.get_running_loop().create_future()

    def open(self, within):
        opened, self._release = self._release, asyncio.get_running_loop().create_future()
        opened.set_result(within)

    async def wait(self):
        print("ready", flush=True)
        await asyncio.sleep(random.random() * await asyncio.shield(self._release))


class Client:
    """One client: connects, signs in, does one step, hangs up, and begins again."""

    def __init__(self, door, wanted, tls, gate):
        self.door = door
        self.kind = {"imaps": "imap", "pop3s": "pop3", "submissions": "submission"}.get(door, door)
        self.tls = tls
        self.gate = gate
        self.user, self.password = wanted["user"], wanted["password"]
        self.from_world = door in ("imaps", "pop3s", "submissions")
        self.network = wanted["world" if self.from_world else "inside"]
        self.initial = base64.b64encode(f"\0{self.user}\0{self.password}".encode()).decode()

    async def run(self):
        while True:
            reader, writer = await self.come()
            attempt = Attempt(self.door, 0.0, 0.0, UNSURE, False, "")
            await self.gate.wait()
            attempt.began = time.monotonic()
            try:
                async with asyncio.timeout(PATIENCE):
                    await getattr(self, self.kind)(attempt, reader, writer)
            except (OSError, EOFError, TimeoutError) as trouble:
                attempt.words = attempt.words or f"{type(trouble).__name__}: {trouble}"
            attempt.told = attempt.told or time.monotonic()
            writer.transport.abort()
            print(json.dumps(dataclasses.asdict(attempt)), flush=True)

    async def come(self):
        """Connects, and goes as far as one can without a password."""
        while True:
            with contextlib.suppress(OSError, EOFError, TimeoutError):
                async with asyncio.timeout(PATIENCE):
                    reader, writer = await self.connect()
                    await getattr(self, f"greet_{self.kind}")(reader, writer)
                    return reader, writer
            await asyncio.sleep(waiting.PAUSE)

    async def connect(self):
        with linux.network_of(self.network):
            made = socket.socket(socket.AF_INET, socket.SOCK_STREAM | socket.SOCK_NONBLOCK)
        address = machine.ADDRESS if self.from_world else "127.0.0.1"
        try:
            await asyncio.get_running_loop().sock_connect(made, (address, PORTS[self.door]))
        except BaseException:
            made.close()
            raise
        if not self.from_world:
            return await asyncio.open_connection(sock=made)
        return await asyncio.open_connection(sock=made, ssl=self.tls, server_hostname="")

    @staticmethod
    async def ask(reader, writer, command, is_last):
        """The last line of the answer, which is the one that is_last; sends nothing where the command is None."""
        if command is not None:
            writer.write(command.encode() + b"\r\n")
        while True:
            line = (await reader.readuntil(b"\n")).decode(errors="replace").rstrip()
            if is_last(line):
                return line

    @staticmethod
    def tell(attempt, line, yes, no=doors.NO):
        attempt.told = time.monotonic()
        attempt.words = line
        attempt.outcome = IN if line.startswith(yes) else REFUSED if any(word in line for word in no) else UNSURE
        return attempt.outcome == IN

    async def starttls(self, writer):
        await writer.start_tls(self.tls, server_hostname="")

    async def greet_imap(self, reader, writer):
        await self.ask(reader, writer, None, lambda line: line.startswith("* OK"))
        if not self.from_world:
            await self.ask(reader, writer, "t STARTTLS", lambda line: line.startswith("t "))
            await self.starttls(writer)

    async def imap(self, attempt, reader, writer):
        line = await self.ask(reader, writer, f"a LOGIN {self.user} {self.password}", lambda line: line.startswith(("a ", "* BYE")))
        if self.tell(attempt, line, "a OK"):
            line = await self.ask(reader, writer, "b NOOP", lambda line: line.startswith(("b ", "* BYE")))
            attempt.used = line.startswith("b OK")

    async def greet_pop3(self, reader, writer):
        await self.ask(reader, writer, None, lambda line: True)
        if not self.from_world:
            await self.ask(reader, writer, "STLS", lambda line: True)
            await self.starttls(writer)

    async def pop3(self, attempt, reader, writer):
        line = await self.ask(reader, writer, f"AUTH PLAIN {self.initial}", lambda line: True)
        if self.tell(attempt, line, "+OK"):
            line = await self.ask(reader, writer, "NOOP", lambda line: True)
            attempt.used = line.startswith("+OK")

    async def greet_submission(self, reader, writer):
        await self.ask(reader, writer, None, self.is_last_of_smtp)
        if not self.from_world:
            await self.ask(reader, writer, "EHLO client.example.test", self.is_last_of_smtp)
            await self.ask(reader, writer, "STARTTLS", self.is_last_of_smtp)
            await self.starttls(writer)
        await self.ask(reader, writer, "EHLO client.example.test", self.is_last_of_smtp)

    async def submission(self, attempt, reader, writer):
        line = await self.ask(reader, writer, f"AUTH PLAIN {self.initial}", self.is_last_of_smtp)
        if self.tell(attempt, line, "235"):
            await self.ask(reader, writer, f"MAIL FROM:<{self.user}>", self.is_last_of_smtp)
            line = await self.ask(reader, writer, f"RCPT TO:<{self.user}>", self.is_last_of_smtp)
            attempt.used = line.startswith("250")

    async def greet_sieve(self, reader, writer):
        await self.ask(reader, writer, None, self.is_last_of_sieve)
        await self.ask(reader, writer, "STARTTLS", self.is_last_of_sieve)
        await self.starttls(writer)
        await self.ask(reader, writer, None, self.is_last_of_sieve)

    async def sieve(self, attempt, reader, writer):
        line = await self.ask(reader, writer, f'AUTHENTICATE "PLAIN" "{self.initial}"', self.is_last_of_sieve)
        if self.tell(attempt, line, "OK"):
            line = await self.ask(reader, writer, "LISTSCRIPTS", self.is_last_of_sieve)
            attempt.used = line.startswith("OK")

    @staticmethod
    def is_last_of_smtp(line):
        return line[3:4] != "-"

    @staticmethod
    def is_last_of_sieve(line):
        return line.startswith(("OK", "NO", "BYE"))


async def main():
    wanted = json.loads(sys.stdin.readline())
    tls = doors.any_certificate()  # reading the host's authorities takes longer than a sign-in
    gate = Gate()
    clients = [asyncio.create_task(Client(door, wanted, tls, gate).run()) for door, count in DOORS.items() for _ in range(count)]
    while line := await asyncio.to_thread(sys.stdin.readline):
        gate.open(json.loads(line)["within"])
    for client in clients:
        client.cancel()


if __name__ == "__main__":
    asyncio.run(main())
