# SPDX-License-Identifier: Apache-2.0
"""Manual pages as man(1) shows them."""

import subprocess

import pytest


@pytest.mark.parametrize("page", ["provost.1", "provostd.8", "provost.toml.5"])
def test_man_has_nothing_to_say_against_it(made, page):
    shown = subprocess.run(["man", "--warnings", "-E", "UTF-8", "-l", made("manual", page)], capture_output=True, text=True)
    assert (shown.returncode, shown.stderr) == (0, "")
    assert "NAME" in shown.stdout
