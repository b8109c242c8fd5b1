# SPDX-License-Identifier: Apache-2.0
"""A host that serves mail already is set up while its servers run, and later is given back what it had."""

import pytest
from lab import doors as the_doors
from lab import mail_host as lab_mail_host
from lab import post as the_post
from lab import served, waiting

CAROL = "carol@example.test"
OLD, NEW = served.PASSWORD, "new-horse-9-battery"


@pytest.fixture(scope="module")
def host():
    with lab_mail_host.MailHost("taken-over") as made:
        served.configure(made.machine, [CAROL], "maillog_file = /var/log/mail.log\n", "log_path = /var/log/dovecot.log\n")
        made.start_servers()
        yield made


@pytest.fixture(scope="module")
def doors(host):
    return the_doors.Doors(host.machine)


@pytest.fixture(scope="module")
def post(host, doors):
    return the_post.Post(host, doors)


def subjects(doors, password):
    session = doors.imap(CAROL, password)
    session.select("INBOX", readonly=True)
    _, found = session.fetch("1:*", "(BODY[HEADER.FIELDS (SUBJECT)])")
    session.logout()
    return [part[1].decode().removeprefix("Subject: ").strip() for part in found if isinstance(part, tuple)]


def listens(host, port):
    return bool(host.machine.run(["ss", "-Hltn", f"sport = :{port}"]).stdout)


def test_a_host_that_runs_is_taken_over_and_given_back(host, doors, post):
    waiting.until(lambda: doors.signs_in("imap", CAROL, OLD), "she signs in as she always did")
    before = post.from_stranger(CAROL).settle()
    assert subjects(doors, OLD) == [before.subject]

    host.provost("init")
    setup = host.provost("setup", "--yes", "--host-name", "mx.example.test")
    assert "reloaded Dovecot" in setup.out and "reloaded Postfix" in setup.out
    assert "provostd does not run yet" in setup.out
    # Nobody answers yet: what comes waits, and nobody is told that she does not exist.
    assert post.from_stranger(CAROL).said.code == 451
    assert listens(host, 587) and listens(host, 8080)

    host.start_provostd()
    host.machine.run(["postfix", "reload"])  # else its trivial-rewrite asks again half a minute after it heard nothing
    host.provost("domain", "add", "example.test")
    host.provost("mailbox", "add", CAROL, "--password-stdin", input=f"{NEW}\n")
    waiting.until(lambda: doors.signs_in("imap", CAROL, NEW), "she signs in with her password in the directory")
    assert not doors.signs_in("imap", CAROL, OLD)
    assert doors.signs_in("submission", CAROL, NEW) and doors.signs_in("submissions", CAROL, NEW)
    assert not doors.signs_in("submission", CAROL, OLD)
    letter = post.from_stranger(CAROL).settle()
    assert subjects(doors, NEW) == [letter.subject]
    assert post.from_stranger("nobody@example.test").said.code == 550
    assert post.from_stranger("joe@elsewhere.example.net").said.code == 554
    session = doors.smtp()
    assert "auth" not in session.esmtp_features
    the_doors.leave(session)
    assert host.provost("setup").out == "nothing to change\n"
    assert host.provost_json("mailbox", "disable", CAROL)["proof"]["complete"] is True

    assert "removed the link /run/dovecot/auth-userdb" in host.provost("setup", "--undo").out
    waiting.until(lambda: doors.signs_in("imap", CAROL, OLD), "she signs in as before all that")
    after = post.from_stranger(CAROL).settle()
    assert subjects(doors, OLD) == [before.subject, after.subject]
    assert not listens(host, 587) and not listens(host, 8080)
