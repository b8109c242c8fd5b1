# SPDX-License-Identifier: Apache-2.0
"""Cached Debian roots, the lower layer of every machine: made once for a list of packages, then only read."""

import fcntl
import hashlib
import os
import pathlib
import shutil
import subprocess
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent.parent
RELEASES = ("bookworm", "trixie")
KEPT_DAYS = 14


def cache():
    return pathlib.Path(os.environ.get("PROVOST_CACHE", "/var/cache/provost-lab"))


def packages(release, extra=(), without=""):
    """without: how the names of packages begin that this machine does not have, such as those of another server."""
    lines = (HERE / "packages" / release).read_text().splitlines()
    named = {line.split("#")[0].strip() for line in lines} - {""}
    return sorted({name for name in named if not without or not name.startswith(without)} | set(extra))


class Root:
    """A finished root. While it is held, nobody removes it."""

    def __init__(self, path, lock):
        self.path = path
        self.lock = lock

    def __str__(self):
        return str(self.path)


def ready(release="bookworm", extra=(), say=None, without=""):
    """Returns the root for this release and its packages, making it first where it is missing."""
    say = say or (lambda text: print(text, file=sys.stderr, flush=True))
    wanted = packages(release, extra, without)
    recipe = "\n".join([release, *wanted, (HERE / "make-root").read_text()])
    name = f"{release}-{hashlib.sha256(recipe.encode()).hexdigest()[:16]}"
    directory = cache()
    (directory / "mountpoint").mkdir(parents=True, exist_ok=True)
    path = directory / name
    lock = open(directory / f"{name}.lock", "a")
    while True:
        fcntl.flock(lock, fcntl.LOCK_SH)
        if path.is_dir():
            os.utime(lock.name)
            return Root(path, lock)
        fcntl.flock(lock, fcntl.LOCK_EX)  # two checkouts may want it at once: the second one waits here
        if not path.is_dir():
            _make(release, wanted, path, say)
            _forget_old(directory, name)


def _make(release, wanted, path, say):
    partial = path.with_name(path.name + ".partial")
    log = path.with_name(path.name + ".log")
    if partial.exists():
        shutil.rmtree(partial)
    say(f"making a root of Debian {release} with {len(wanted)} packages (once; log: {log})")
    started = time.monotonic()
    with open(log, "w") as log_file:
        maker = subprocess.Popen(
            ["unshare", "--mount", "--pid", "--uts", "--fork", "--kill-child", "--mount-proc", "--propagation", "private",
             str(HERE / "make-root"), release, str(partial), *wanted],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace")
        shown = started
        for line in maker.stdout:
            log_file.write(line)
            if line.startswith(("making", "installing")) or (line.strip() and time.monotonic() - shown > 10):
                shown = time.monotonic()
                say(f"  {shown - started:4.0f} s  {line.strip()[:100]}")
        code = maker.wait()
    if code != 0:
        tail = "".join(log.read_text().splitlines(keepends=True)[-15:])
        raise SystemExit(f"{tail}making a root of Debian {release} failed: see {log}")
    partial.rename(path)
    say(f"  {time.monotonic() - started:4.0f} s  {path} is ready")


def _forget_old(directory, current):
    """Removes roots that no checkout has used for a while; one in use is locked and stays."""
    for lock_path in directory.glob("*.lock"):
        name = lock_path.name.removesuffix(".lock")
        if name == current or time.time() - lock_path.stat().st_mtime < KEPT_DAYS * 86400:
            continue
        with open(lock_path) as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                continue
            shutil.rmtree(directory / name, ignore_errors=True)
            (directory / f"{name}.log").unlink(missing_ok=True)
