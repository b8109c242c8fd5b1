# SPDX-License-Identifier: Apache-2.0
import pathlib
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "lab"))

from lab import doors as doors_module  # noqa: E402  (the path above comes first)
from lab import installed  # noqa: E402
from lab import post as post_module  # noqa: E402

PASSWORD = "correct-horse-7-battery"


@pytest.fixture(scope="session", params=["bookworm", "trixie"])
def host(request):
    """A booted mail host of each release, installed and set up; tests leave it running."""
    with installed.InstalledHost(request.param) as made:
        made.start()
        yield made


@pytest.fixture(scope="session")
def machine(host):
    return host.machine


@pytest.fixture(scope="session")
def doors(host):
    return doors_module.Doors(host.machine)


@pytest.fixture
def post(host, doors):
    return post_module.Post(host, doors)


@pytest.fixture
def make_user(host, doors):
    """make_user("alice"): her mailbox at the doors."""
    def make(name):
        address = f"{name}@example.test"
        host.provost("mailbox", "add", address, "--password-stdin", input=f"{PASSWORD}\n")
        return doors.mailbox(address, PASSWORD)

    return make
