# SPDX-License-Identifier: Apache-2.0
"""The faults that no real thing gives at the right moment: told to the library faulty/, which provostd has loaded.

The layout is that of faulty/control.h.
"""

import errno
import mmap
import os
import struct

FILE = "/run/faulty"
LIBRARY = "/opt/provost/lib/libfaulty.so"

SIZE = 4336
STEP, LEFT, ACTION, CALLS, ERROR, SPARED, MOST, PATH, SHIFT, MAP_BYTES, STRUCK, STEPS = (
    0, 64, 68, 72, 76, 80, 84, 88, 216, 224, 232, 240)
MOST_STEPS, NAME_SIZE = 64, 56

KILL, STOP, FAIL = 1, 2, 3
SYNC, WRITE = 1, 2


class Faulty:
    """file: where the tests see what the programs know as FILE."""

    def __init__(self, file):
        with open(file, "wb") as made:
            made.truncate(SIZE)
        os.chmod(file, 0o666)
        with open(file, "r+b") as opened:
            self._map = mmap.mmap(opened.fileno(), SIZE)

    def at_step(self, name, action=KILL, passing=1):
        """The process that comes to this step for the so manieth time from now on dies there, or stops, or fails."""
        self._text(STEP, 64, name)
        self._set("i", LEFT, passing)
        self._set("i", ACTION, action)

    def failing(self, calls, path, error=errno.EIO, spared=0, most=1 << 30):
        """These calls fail on files with `path` in their path; after at_step(FAIL) only from there on, in its thread."""
        self._text(PATH, 128, path)
        for place, value in ((ERROR, error), (SPARED, spared), (MOST, most), (CALLS, calls)):
            self._set("i", place, value)

    def clock_is_ahead(self, seconds):
        self._set("q", SHIFT, int(seconds * 10**9))

    def maps_begin_with(self, size):
        self._set("Q", MAP_BYTES, size)

    def lift(self):
        """Nothing fails any more; returns how often something did."""
        self._set("i", ACTION, 0)
        self._set("i", CALLS, 0)
        self._set("q", SHIFT, 0)
        struck = self.struck
        self._set("Q", STRUCK, 0)
        return struck

    @property
    def struck(self):
        return struct.unpack_from("Q", self._map, STRUCK)[0]

    def steps(self):
        """{name: how often it was passed}"""
        found = {}
        for number in range(MOST_STEPS):
            place = STEPS + number * (NAME_SIZE + 8)
            name = self._map[place:place + NAME_SIZE].split(b"\0")[0].decode()
            if name:
                found[name] = found.get(name, 0) + struct.unpack_from("Q", self._map, place + NAME_SIZE)[0]
        return found

    def _set(self, kind, place, value):
        struct.pack_into(kind, self._map, place, value)

    def _text(self, place, size, text):
        self._map[place:place + size] = text.encode().ljust(size, b"\0")
