# SPDX-License-Identifier: Apache-2.0
"""A shell in a machine, at a terminal of its own: for programs that ask, or show a person more than a pipe."""

import dataclasses
import fcntl
import os
import pty
import re
import select
import struct
import subprocess
import termios
import time

LINES, COLUMNS = 40, 116
DONE = re.compile(r"\x1e(\d+)\x1e$")
ERASED = re.compile(r"[^\n]*\r\x1b\[K")  # ECMA-48 EL: what stood in a line before it was written anew


@dataclasses.dataclass
class Said:
    """How a command ended, and what stood on the terminal then."""

    code: int
    text: str


class Terminal:
    """One bash, which keeps its folder and its variables from one command to the next.

    answers: (pattern, answer) pairs: what a person types where the last words are a question of this pattern. options: as
    of the machine's `command`.
    """

    def __init__(self, machine, answers=(), kind="dumb", **options):
        self._answers = [(re.compile(rf"{pattern}\Z"), answer) for pattern, answer in answers]
        self._ours, theirs = pty.openpty()
        settings = termios.tcgetattr(theirs)
        settings[1] &= ~termios.OPOST
        termios.tcsetattr(theirs, termios.TCSANOW, settings)
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", LINES, COLUMNS, 0, 0))
        words = ["env", f"TERM={kind}", "NO_COLOR=1", "bash", "--norc", "--noprofile", "--noediting", "-i"]
        self._shell = subprocess.Popen(machine.command(words, **options), stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True)
        os.close(theirs)
        # In parts, so that its echo is not taken for the prompt.
        self.run("cd; set +o histexpand; PS1=$'\\x1e''$?'$'\\x1e'", 30)

    def run(self, command, timeout=120):
        """Types the command, and answers what it asks; what goes on for longer than `timeout` seconds is an AssertionError."""
        self._type(command)
        read, answered, deadline = b"", 0, time.monotonic() + timeout
        while not (done := DONE.search(heard := ERASED.sub("", read.decode(errors="replace")))):
            if len(heard) > answered and (answer := self._answer(heard)) is not None:
                answered = len(heard)
                self._type(answer)
            if not select.select([self._ours], [], [], max(0.0, deadline - time.monotonic()))[0]:
                raise AssertionError(f"{command}: still going after {timeout} s, and said:\n{heard}")
            read += os.read(self._ours, 65536)
        return Said(int(done.group(1)), heard[: done.start()].partition(f"{command}\n")[2])

    def _type(self, words):
        os.write(self._ours, f"{words}\n".encode())

    def _answer(self, heard):
        found = ((pattern.search(heard), answer) for pattern, answer in self._answers)
        return next((asked.expand(answer) for asked, answer in found if asked), None)

    def close(self):
        self._shell.kill()
        self._shell.wait()
        os.close(self._ours)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()
