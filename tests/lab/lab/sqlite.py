# SPDX-License-Identifier: Apache-2.0
"""Another process at a machine's SQLite file: one that holds a lock on it, or changes what is in it.

Run as `python3 -m lab.sqlite PROCESS HOW FILE [SQL]`; it says "ready" when it did so, and keeps it until it ends.
"""

import fcntl
import os
import pathlib
import select
import sqlite3
import subprocess
import sys

from lab import linux, machine, waiting

# Where SQLite keeps its locks: https://www.sqlite.org/src/file/src/os.h, PENDING_BYTE and what follows it.
PENDING_BYTE = 0x40000000
LOCK_BYTES = 512


class Other:
    """how: "write" holds a write transaction, as a stuck administrator's does; "all" keeps readers out as well, and stands
    in line for that until nobody has the file open; "run" executes SQL and is done."""

    def __init__(self, of_machine, how, file, sql=""):
        self._process = subprocess.Popen(
            [sys.executable, "-m", "lab.sqlite", str(of_machine.process), how, file, sql], cwd=machine.LIBRARY,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self._has_it = False
        if how == "all":
            waiting.until(self._stands_in_line, "the other process stands in line for the lock")

    def _stands_in_line(self):
        waits = [line.split() for line in pathlib.Path("/proc/locks").read_text().splitlines() if "->" in line]
        return any(str(self._process.pid) in words for words in waits)

    def wait(self):
        """Returns once it has what it wants."""
        if self._has_it:
            return self
        readable, _, _ = select.select([self._process.stdout], [], [], 30)
        words = self._process.stdout.readline() if readable else "nothing for 30 s"
        assert words == "ready\n", f"the other process at the database said {words!r}"
        self._has_it = True
        return self

    def stop(self):
        self._process.kill()  # it may still stand in line
        self._process.wait()
        self._process.stdin.close()
        self._process.stdout.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()


def run_sql(of_machine, file, sql):
    with Other(of_machine, "run", file, sql) as other:
        other.wait()


def main(process, how, file, sql):
    # The machine's own files, with this host's Python: SQLite would follow /proc/PROCESS/root to the host's.
    linux.enter_files_of(process)
    if how == "all":
        descriptor = os.open(file, os.O_RDWR)
        fcntl.lockf(descriptor, fcntl.LOCK_EX, LOCK_BYTES, PENDING_BYTE)
    else:
        connection = sqlite3.connect(file, timeout=10, isolation_level=None)
        connection.execute(sql if how == "run" else "BEGIN EXCLUSIVE")
    print("ready", flush=True)
    sys.stdin.read()


if __name__ == "__main__":
    main(int(sys.argv[1]), *sys.argv[2:])
