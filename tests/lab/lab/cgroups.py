# SPDX-License-Identifier: Apache-2.0
"""Cgroups of its own for each machine that boots: systemd-nspawn uses the ones it is started in, under fixed names."""

import contextlib
import os
import pathlib
import uuid

from lab import waiting

MOUNTS = pathlib.Path("/sys/fs/cgroup")
PREFIX = "provost-lab-"


def _tops():
    """The host's groups that systemd uses: of the one hierarchy (cgroup2), or of its own beside the old ones."""
    unified = MOUNTS / "unified" if (MOUNTS / "unified").is_dir() else MOUNTS
    return [top for top in (unified, MOUNTS / "systemd") if (top / "cgroup.procs").exists()]


def enter(name):
    """Moves this process into new groups of its own. Those of a machine whose holder was killed are removed first."""
    sweep()
    for top in _tops():
        group = top / f"{PREFIX}{name}-{uuid.uuid4().hex[:8]}"
        waiting.until(lambda: _move_into(group), f"there is a group {group}", 5)


def _move_into(group):
    """Whether it was there long enough: another machine's sweep may have found it empty."""
    group.mkdir()
    (group / "cgroup.procs").write_text("0")
    return True


def sweep():
    """Removes the groups in which no process is left."""
    for top in _tops():
        for group in top.glob(f"{PREFIX}*"):
            for folder, _, _ in os.walk(group, topdown=False):
                with contextlib.suppress(OSError):  # there are processes in it
                    os.rmdir(folder)
