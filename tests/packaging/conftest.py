# SPDX-License-Identifier: Apache-2.0
import pathlib
import subprocess
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "lab"))

from lab import programs  # noqa: E402  (the path above comes first)


@pytest.fixture
def made(tmp_path):
    """made("completion", "bash"): a file with what the command prints."""
    def make(*words):
        path = tmp_path / words[-1]
        with open(path, "wb") as file:
            subprocess.run([programs.folder(programs.OURS) / "provost", *words], stdout=file, check=True)
        return path

    return make
