# SPDX-License-Identifier: Apache-2.0
"""A system that is not tested is refused before anything is installed, and told what would be missing."""

import pathlib
import subprocess

import pytest

TOP = pathlib.Path(__file__).resolve().parent.parent.parent
BEFORE = 'mount --bind "$1" "$(readlink -f /etc/os-release)" && shift && exec "$@"'


def elsewhere(tmp_path, os_release, *command):
    """Runs a command where /etc/os-release says something else."""
    file = tmp_path / "os-release"
    file.write_text(os_release)
    return subprocess.run(["unshare", "--mount", "sh", "-c", BEFORE, "sh", file, *command], cwd=TOP, capture_output=True, text=True,
                          timeout=30, stdin=subprocess.DEVNULL)


@pytest.mark.parametrize("os_release, named", [
    ("ID=ubuntu\nVERSION_ID=22.04\n", "ubuntu 22.04"), ("ID=debian\nVERSION_ID=11\n", "debian 11"), ("ID=arch\n", "arch "),
    ("", "unknown")])
@pytest.mark.parametrize("command", ["./quickstart", "./check"])
def test_another_system_is_refused_and_named(tmp_path, os_release, named, command):
    refused = elsewhere(tmp_path, os_release, command)
    assert refused.returncode == 1
    assert f"This needs Debian 12; here is {named}" in refused.stderr
    assert "Missing here for '" in refused.stderr
    assert "Installing" not in refused.stdout


def test_debian_13_may_build_but_not_hold_the_lab(tmp_path):
    refused = elsewhere(tmp_path, "ID=debian\nVERSION_ID=13\n", "dev/need", "build", "lab")
    assert (refused.returncode, "here is debian 13" in refused.stderr) == (1, True)


IN_A_CHROOT = """
root=$1
cp -a /bin /sbin /lib /lib64 "$root"
for folder in /usr /etc /proc /sys /dev /var "$PWD"; do mkdir -p "$root$folder" && mount --rbind "$folder" "$root$folder"; done
%s
mkdir -p -m 1777 "$root/tmp"
where=$PWD
shift
exec chroot "$root" sh -c 'cd "$1" && shift && exec "$@"' sh "$where" "$@"
"""
ITS_OWN_MOUNT = 'mount --rbind "$root" "$root"'


def in_a_chroot(root, *command, first=""):
    return subprocess.run(["unshare", "--mount", "sh", "-ec", IN_A_CHROOT % first, "sh", root, *command], cwd=TOP, capture_output=True,
                          text=True, timeout=60, stdin=subprocess.DEVNULL)


def test_a_plain_chroot_is_refused_with_the_way_out(tmp_path):
    refused = in_a_chroot(tmp_path, "dev/need", "lab")
    assert refused.returncode == 1
    assert "mount --bind ROOT ROOT" in refused.stderr


def test_a_chroot_that_is_a_mount_will_do(tmp_path):
    allowed = in_a_chroot(tmp_path, "dev/need", "lab", first=ITS_OWN_MOUNT)
    assert (allowed.returncode, allowed.stderr) == (0, "")


A_MACHINE = """
import sys
sys.path.insert(0, "tests/lab")
from lab import machine
with machine.Machine("chrooted") as made:
    print(*[made.run(words).stdout.strip() for words in (["postconf", "-h", "mail_version"], ["cat", "/etc/hostname"], ["pwd"])])
"""


def test_a_machine_of_a_chroot_runs_its_own_programs_and_never_the_hosts(tmp_path):
    ran = in_a_chroot(tmp_path, "/usr/bin/python3", "-c", A_MACHINE, first=ITS_OWN_MOUNT)
    assert ran.stdout.split()[1:] == ["mx.example.test", "/"], ran.stderr
    assert ran.stdout.startswith("3.7.")
