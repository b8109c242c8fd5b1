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
for folder in /usr /etc /proc /dev /var "$PWD"; do mkdir -p "$root$folder" && mount --rbind "$folder" "$root$folder"; done
%s
exec chroot "$root" "$PWD/dev/need" lab
"""


def need_in_a_chroot(root, first=""):
    return subprocess.run(["unshare", "--mount", "sh", "-ec", IN_A_CHROOT % first, "sh", root], cwd=TOP, capture_output=True,
                          text=True, timeout=30, stdin=subprocess.DEVNULL)


def test_a_plain_chroot_is_refused_with_the_way_out(tmp_path):
    refused = need_in_a_chroot(tmp_path)
    assert refused.returncode == 1
    assert "mount --bind ROOT ROOT" in refused.stderr


def test_a_chroot_that_is_a_mount_will_do(tmp_path):
    allowed = need_in_a_chroot(tmp_path, first='mount --rbind "$root" "$root"')
    assert (allowed.returncode, allowed.stderr) == (0, "")
