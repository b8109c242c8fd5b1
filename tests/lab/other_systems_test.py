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
