# SPDX-License-Identifier: Apache-2.0
import pathlib
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

from lab import machine  # noqa: E402  (the path above comes first)


@pytest.fixture
def plain_machine():
    """Debian's servers as their packages leave them: what these tests see is the machine, not our configuration."""
    with machine.Machine("lab-test") as made:
        yield made
