# SPDX-License-Identifier: Apache-2.0
"""The booted machine itself."""

import os
import pathlib
import signal
import subprocess
import sys

from lab import booted, cgroups, installed, waiting

LAB = pathlib.Path(booted.__file__).resolve().parents[1]
START_AND_WAIT = """
import pathlib, signal, sys
from lab import booted
with booted.Booted("killed", pathlib.Path(sys.argv[1])) as made:
    print(made.process, flush=True)
    signal.pause()
"""


def test_what_was_written_is_there_after_a_reboot_and_what_was_in_run_is_not():
    with booted.Booted("rebooted", installed.WORK / "rebooted.log") as made:
        before = made.process
        made.run(["touch", "/root/kept", "/run/gone"])
        made.reboot()
        assert made.process != before
        assert made.path("/root/kept").exists() and not made.path("/run/gone").exists()


def test_nothing_is_left_when_its_starter_is_killed():
    mounts = pathlib.Path("/proc/self/mountinfo").read_text()
    starter = subprocess.Popen([sys.executable, "-c", START_AND_WAIT, installed.WORK / "killed.log"], cwd=LAB, stdout=subprocess.PIPE, text=True)
    namespace = os.readlink(f"/proc/{starter.stdout.readline().strip()}/ns/pid")
    starter.send_signal(signal.SIGKILL)
    starter.wait()
    waiting.until(lambda: not processes_in(namespace), "every process of the machine is gone", 20)
    assert pathlib.Path("/proc/self/mountinfo").read_text() == mounts
    cgroups.sweep()
    assert not list(cgroups.MOUNTS.glob("*/provost-lab-killed-*"))


def processes_in(namespace):
    found = []
    for entry in pathlib.Path("/proc").glob("[0-9]*"):
        try:
            if os.readlink(entry / "ns/pid") == namespace:
                found.append(entry.name)
        except OSError:
            continue
    return found
