# SPDX-License-Identifier: Apache-2.0
"""The few system calls a machine is made of, which Debian 12's Python has no names for."""

import contextlib
import ctypes
import fcntl
import os
import signal
import socket
import struct

CLONE_NEWNS = 0x00020000
CLONE_NEWUTS = 0x04000000
CLONE_NEWIPC = 0x08000000
CLONE_NEWPID = 0x20000000
CLONE_NEWNET = 0x40000000

MS_RDONLY = 0x1
MS_NOSUID = 0x2
MS_NODEV = 0x4
MS_NOEXEC = 0x8
MS_REMOUNT = 0x20
MS_BIND = 0x1000
MS_REC = 0x4000
MS_PRIVATE = 0x40000
MNT_DETACH = 0x2

_libc = ctypes.CDLL(None, use_errno=True)


def _call(name, *arguments):
    if getattr(_libc, name)(*arguments) != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{name}{arguments}: {os.strerror(number)}")


def unshare(flags):
    _call("unshare", ctypes.c_int(flags))


def setns(descriptor, kind):
    _call("setns", ctypes.c_int(descriptor), ctypes.c_int(kind))


def enter_files_of(process):
    """Makes the mounts and the root of another process this one's."""
    root = os.open(f"/proc/{process}/root", os.O_RDONLY | os.O_DIRECTORY)
    setns(os.open(f"/proc/{process}/ns/mnt", os.O_RDONLY), CLONE_NEWNS)
    # A mount namespace's own root may be another than that of a process in it.
    os.fchdir(root)
    os.chroot(".")


def mount(source, target, kind, flags=0, options=""):
    os_bytes = [os.fsencode(text) if text is not None else None for text in (source, target, kind)]
    _call("mount", *os_bytes, ctypes.c_ulong(flags), options.encode())


def bind(source, target, read_only=False):
    mount(source, target, None, MS_BIND | MS_REC)
    if read_only:
        mount(None, target, None, MS_BIND | MS_REMOUNT | MS_RDONLY)


def become_root_of(directory):
    """Makes a mounted directory the root of this mount namespace, and lets go of the old one."""
    os.chdir(directory)
    _call("pivot_root", b".", b".")
    _call("umount2", b".", ctypes.c_int(MNT_DETACH))
    os.chdir("/")


def die_with_parent(parent):
    """Asks for SIGKILL when the parent (a process id) ends, however it ends."""
    _call("prctl", ctypes.c_int(1), ctypes.c_ulong(signal.SIGKILL), ctypes.c_ulong(0), ctypes.c_ulong(0), ctypes.c_ulong(0))
    if os.getppid() != parent:
        raise SystemExit("the process that wanted this machine has ended")


def loopback_up():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        fcntl.ioctl(any_socket, 0x8914, struct.pack("16sH22x", b"lo", 0x1 | 0x40))  # SIOCSIFFLAGS, IFF_UP | IFF_RUNNING


@contextlib.contextmanager
def network_of(process):
    """Within it, this thread makes its sockets in the network of another process; they stay there for good."""
    home = os.open("/proc/thread-self/ns/net", os.O_RDONLY)
    try:
        away = os.open(f"/proc/{process}/ns/net", os.O_RDONLY)
        try:
            setns(away, CLONE_NEWNET)
        finally:
            os.close(away)
        try:
            yield
        finally:
            setns(home, CLONE_NEWNET)
    finally:
        os.close(home)
