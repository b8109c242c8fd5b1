# SPDX-License-Identifier: Apache-2.0
"""One mail host for the whole run; each test makes the users it needs, under names that no other test uses."""

import os
import pathlib
import sys
import uuid

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "lab"))

from lab import doors as doors_module  # noqa: E402  (the paths above come first)
from lab import mail_host as mail_host_module  # noqa: E402
from lab import post as post_module  # noqa: E402
from lab import world as world_module  # noqa: E402

LOGS = mail_host_module.kept_logs()
PASSWORD = "correct-horse-7-battery"


@pytest.fixture(scope="session")
def mail_host():
    """A mail host with the domain example.test. Its logs stay in build/check, in the folder of the release's group."""
    with mail_host_module.MailHost(f"end-to-end-{os.getpid()}", logs=LOGS) as started:
        started.start()
        started.provost("domain", "add", "example.test")
        yield started


@pytest.fixture(scope="session")
def machine(mail_host):
    return mail_host.machine


@pytest.fixture
def provost(mail_host):
    """provost("mailbox", "list").code: runs the command; a refusal is an answer here, not an error."""
    def run(*words, **options):
        return mail_host.provost(*words, check=False, **options)

    return run


@pytest.fixture(scope="session")
def doors(mail_host):
    return doors_module.Doors(mail_host.machine)


@pytest.fixture(scope="session")
def doors_from_abroad(mail_host):
    """The same doors for users who have a network: of those on loopback only so many may sign in at a time."""
    return doors_module.Doors(mail_host.machine, abroad=True)


@pytest.fixture(scope="session")
def post(mail_host, doors):
    """Sends letters and follows them: post.from_stranger("alice@example.test").settle()."""
    return post_module.Post(mail_host, doors)


@pytest.fixture
def world(mail_host):
    """The mail server that all mail to other sites arrives at."""
    started = world_module.World(mail_host.machine)
    yield started
    started.stop()


class User:
    """A mailbox made for one test, with its password and its mail."""

    def __init__(self, mail_host, doors, address, *options):
        self.address = address
        self.password = PASSWORD
        mail_host.provost("mailbox", "add", address, "--password-stdin", *options, input=f"{PASSWORD}\n")
        self.mailbox = doors.mailbox(address, PASSWORD)


@pytest.fixture(scope="session")
def make_user(mail_host, doors):
    """What new_user is, for fixtures that several tests share."""
    def make(name, *options, domain="example.test"):
        return User(mail_host, doors, f"{name}-{uuid.uuid4().hex[:8]}@{domain}", *options)

    return make


@pytest.fixture
def new_user(make_user):
    """new_user("alice", "--quota", "10M"): makes alice-x1y2@example.test, and returns the User."""
    return make_user


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item):
    """A failure shows the last words of the servers."""
    report = (yield).get_result()
    if report.failed:
        for name in mail_host_module.LOGS:
            path = LOGS / name
            if path.exists():
                report.sections.append((name, "\n".join(path.read_text(errors="replace").splitlines()[-20:])))
