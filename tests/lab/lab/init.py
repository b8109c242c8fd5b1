# SPDX-License-Identifier: Apache-2.0
"""The processes that hold a machine: `python3 -m lab.init NAME JSON`, started by lab.machine and by nothing else.

The first one stays outside the machine, in a network of its own that is the machine's "rest of the world". Its child is
the machine's process 1: it makes the overlay and the mounts, says "ready" and its process id, and buries the dead.
Each asks to be killed when its parent ends, and the kernel ends every process of a machine with its process 1, and its
mounts and networks with the last process: so nothing can stay behind, however the starter ends.

A machine that boots has systemd below that process, which starts it by systemd-nspawn in the same network and overlay.
"""

import json
import os
import signal
import subprocess
import sys

from lab import cgroups, linux

DEVICES = ("null", "zero", "full", "random", "urandom", "tty")
ADDRESS = "192.0.2.1"  # of the machine, and below of its rest of the world: RFC 5737's network for examples
WORLD = "192.0.2.2"


def mount_overlay(settings):
    """Puts it together on a tmpfs that only this machine sees, and returns the root's path."""
    base = settings["mountpoint"]
    linux.mount("none", "/", None, linux.MS_REC | linux.MS_PRIVATE)
    linux.mount("lab", base, "tmpfs", 0, f"mode=0755,size={settings['size']}")
    upper, work, root = (f"{base}/{part}" for part in ("upper", "work", "root"))
    for directory in (upper, work, root):
        os.mkdir(directory)
    linux.mount("lab", root, "overlay", 0, f"lowerdir={settings['lower']},upperdir={upper},workdir={work}")
    return root


def mount_root(settings):
    """The overlay with all that a running system has mounted in it."""
    root = mount_overlay(settings)
    linux.mount("proc", f"{root}/proc", "proc", linux.MS_NOSUID | linux.MS_NODEV | linux.MS_NOEXEC)
    for directory, mode in (("run", "0755"), ("tmp", "1777"), ("dev", "0755")):
        linux.mount(directory, f"{root}/{directory}", "tmpfs", linux.MS_NOSUID, f"mode={mode}")
    make_devices(f"{root}/dev")
    os.mkdir(f"{root}/run/lock", 0o1777)
    for source, target, read_only in settings["binds"]:
        os.makedirs(root + target, exist_ok=True)
        linux.bind(source, root + target, read_only)
    return root


def make_devices(directory):
    for name in DEVICES:
        os.close(os.open(f"{directory}/{name}", os.O_CREAT, 0o666))
        linux.bind(f"/dev/{name}", f"{directory}/{name}")
    for name, target in (("fd", "fd"), ("stdin", "fd/0"), ("stdout", "fd/1"), ("stderr", "fd/2")):
        os.symlink(f"/proc/self/{target}", f"{directory}/{name}")
    os.mkdir(f"{directory}/shm")
    linux.mount("shm", f"{directory}/shm", "tmpfs", linux.MS_NOSUID | linux.MS_NODEV, "mode=1777")
    os.mkdir(f"{directory}/pts")
    linux.mount("devpts", f"{directory}/pts", "devpts", linux.MS_NOSUID | linux.MS_NOEXEC, "newinstance,ptmxmode=0666,mode=0620")
    os.symlink("pts/ptmx", f"{directory}/ptmx")


def bury_the_dead():
    while True:
        try:
            os.wait()
        except ChildProcessError:
            signal.sigwait({signal.SIGCHLD})


def be_process_one(name, settings, told, asked):
    linux.die_with_parent(0)  # the parent is in another pid namespace, so its id reads as 0 here
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGCHLD})
    linux.unshare(linux.CLONE_NEWNS | linux.CLONE_NEWUTS | linux.CLONE_NEWIPC | linux.CLONE_NEWNET)
    linux.loopback_up()
    os.write(told, b"network")
    if not os.read(asked, 1):  # the parent has put the cable in
        raise SystemExit("the machine's holder has ended")
    os.setsid()
    with open("/proc/sys/kernel/hostname", "w") as hostname:
        hostname.write(settings["hostname"])
    if settings["boot"]:
        boot(name, settings, told, asked)
    linux.become_root_of(mount_root(settings))
    os.write(told, b"ready")
    for descriptor in (told, asked, 0, 1):
        os.close(descriptor)
    bury_the_dead()


REBOOT = 133  # how systemd-nspawn ends when the system inside wants one


def boot(name, settings, told, asked):
    """Has systemd below this process, in its network and the overlay; again and again while it wants a reboot."""
    root = mount_overlay(settings)
    linux.mount("proc", "/proc", "proc")  # nspawn looks for its own processes there,
    linux.mount("run", "/run", "tmpfs", 0, "mode=0755")  # and leaves files here
    cgroups.enter(name)
    binds = [f"--bind{'-ro' if read_only else ''}={source}:{target}" for source, target, read_only in settings["binds"]]
    words = ["systemd-nspawn", "--quiet", "--boot", f"--directory={root}", f"--machine={name}",
             f"--hostname={settings['hostname']}", "--register=no", "--keep-unit", "--resolv-conf=off", "--timezone=off",
             "--network-namespace-path=/proc/self/ns/net", "--console=pipe", *binds]
    # What Debian 13's systemd wants, and Debian 12's takes: one hierarchy of cgroups, whatever the host has.
    environment = {**os.environ, "SYSTEMD_NSPAWN_UNIFIED_HIERARCHY": "1"}
    console = os.open(settings["console"], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    os.write(told, b"ready")
    for descriptor in (told, asked, 0, 1):
        os.close(descriptor)
    os.open("/dev/null", os.O_RDWR)
    code = REBOOT
    while code == REBOOT:
        code = os.waitstatus_to_exitcode(end_of(subprocess.Popen(words, stdout=console, stderr=console, env=environment).pid))
    os._exit(code & 0xFF)


def end_of(child):
    """The status it ends with; others' orphans are buried meanwhile."""
    while True:
        process, status = os.wait()
        if process == child:
            return status


def ip(lower, *arguments):
    """The cached root's own, with the /proc in which Debian 13's looks for a network by its process."""
    with_proc = 'mount -t proc proc "$0/proc" && exec chroot "$0" ip "$@"'
    subprocess.run(["unshare", "--mount", "--propagation", "private", "sh", "-c", with_proc, lower, *arguments], check=True,
                   stdin=subprocess.DEVNULL, stdout=sys.stderr)


def main():
    name, settings = sys.argv[1], json.loads(sys.argv[2])
    linux.die_with_parent(settings["parent"])
    linux.unshare(linux.CLONE_NEWNET | linux.CLONE_NEWPID)
    linux.loopback_up()
    heard, told = os.pipe()
    asked, asking = os.pipe()
    child = os.fork()
    if child == 0:
        be_process_one(name, settings, told, asked)
    os.close(told)
    os.close(asked)
    if os.read(heard, 7) == b"network":
        ip(settings["lower"], "link", "add", "world", "type", "veth", "peer", "name", "eth0", "netns", "1")
        ip(settings["lower"], "address", "add", f"{WORLD}/24", "dev", "world")
        ip(settings["lower"], "link", "set", "world", "up")
        os.write(asking, b"1")
        if os.read(heard, 5) == b"ready":
            print("ready", child, flush=True)
    os.close(1)
    status = os.waitpid(child, 0)[1]
    cgroups.sweep()
    raise SystemExit(os.waitstatus_to_exitcode(status))


if __name__ == "__main__":
    main()
