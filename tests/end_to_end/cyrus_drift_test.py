# SPDX-License-Identifier: Apache-2.0
"""Damage that somebody does to Cyrus by hand is found, named and mended; and mail is never deleted by that."""

import contextlib

import pytest
from lab import cyrus_host, cyrus_site, waiting


@pytest.fixture(scope="module")
def site():
    with cyrus_site.CyrusSite("cyrus-drift") as made:
        yield made


@pytest.fixture
def mailbox(site, request):
    """A mailbox of its own with a letter in it, by a name that tells of the test."""
    name = "m" + str(abs(hash(request.node.name)))[:8] + "@example.test"
    site.add(name, "--quota", "10M")
    site.put(name, "kept")
    assert found(site) == []
    return name


def drift(site, *options, code=None):
    done = site.host.provost("drift", *options, "-o", "json", check=False)
    assert code is None or done.code == code, done.out + done.err
    return done.json


def found(site, *options):
    return [(one["mailbox"], one["kind"]) for one in drift(site, *options)["found"]]


def mended(site, *found_first, options=()):
    """What was found is that, exit 5; repaired, nothing is left, and a second look finds nothing."""
    assert [(one["mailbox"], one["kind"]) for one in drift(site, code=5)["found"]] == list(found_first)
    assert drift(site, "--repair", "--yes", *options, code=0)["left"] == []
    assert drift(site, code=0)["found"] == []


def damage(site, *commands):
    with site.admin() as session:
        for command in commands:
            assert session.xatom(*command)[0] == "OK", command


def test_a_site_in_order_has_none(site, mailbox):
    done = site.host.provost("drift")
    assert done.code == 0 and "0 differences" in done.out


def test_a_mailbox_under_another_name(site, mailbox):
    damage(site, ("RENAME", f"user/{mailbox}", "user/elsewhere@example.test"))
    mended(site, (mailbox, "renamed"))
    assert site.subjects(mailbox) == ["kept"]


def test_a_mailbox_that_was_deleted(site, mailbox):
    damage(site, ("SETACL", f"user/{mailbox}", "cyrus", "lcx"), ("DELETE", f"user/{mailbox}"))
    mended(site, (mailbox, "deleted"))
    assert site.subjects(mailbox) == ["kept"]
    with site.session(mailbox) as session:
        assert session.select("Sent")[0] == "OK"  # its folders too


def test_a_mailbox_that_is_gone_for_good(site, mailbox):
    damage(site, ("SETACL", f"user/{mailbox}", "cyrus", "lcx"), ("DELETE", f"user/{mailbox}"))
    site.machine.run(["su", "cyrus", "-s", "/bin/sh", "-c", "/usr/sbin/cyrus expire -E 1 -D 0"])
    mended(site, (mailbox, "missing"))
    assert site.subjects(mailbox) == []


def test_another_mailbox_in_its_place(site, mailbox):
    damage(site, ("RENAME", f"user/{mailbox}", "user/moved@example.test"), ("CREATE", f"user/{mailbox}"))
    assert [(one["mailbox"], one["kind"]) for one in drift(site, code=5)["found"]] == [(mailbox, "renamed"), (mailbox, "stranger")]
    left = drift(site, "--repair", "--yes", code=5)["left"]
    assert [one["kind"] for one in left] == ["stranger"]
    assert site.subjects(mailbox) == ["kept"]
    drift(site, "--delete-strangers", "--yes", code=0)


def test_another_mailbox_in_the_place_of_one_that_is_gone(site, mailbox):
    damage(site, ("SETACL", f"user/{mailbox}", "cyrus", "lcx"), ("DELETE", f"user/{mailbox}"))
    site.machine.run(["su", "cyrus", "-s", "/bin/sh", "-c", "/usr/sbin/cyrus expire -E 1 -D 0"])
    damage(site, ("CREATE", f"user/{mailbox}"))
    assert (mailbox, "replaced") in found(site)
    drift(site, "--repair", "--delete-strangers", "--yes")
    drift(site, "--delete-strangers", "--yes", code=0)
    assert site.subjects(mailbox) == []


@pytest.mark.parametrize("limits", ["(STORAGE 5)", "()", "(STORAGE 10240 MESSAGE 1)"])
def test_a_wrong_quota(site, mailbox, limits):
    damage(site, ("SETQUOTA", f"user/{mailbox}", limits))
    mended(site, (mailbox, "quota"))
    assert site.quota(mailbox).split()[2] == "10240"


def test_an_owner_without_rights(site, mailbox):
    damage(site, ("SETACL", f"user/{mailbox}", mailbox, "lr"))
    mended(site, (mailbox, "rights"))
    site.put(mailbox, "again")


def test_rights_of_a_shared_mailbox(site, mailbox):
    site.host.provost("mailbox", "add", "team@example.test", "--kind", "shared", "--members", f"{mailbox}=read+write")
    waiting.until(lambda: site.store("team@example.test")["state"] == "ready", "it is ready", 20)
    damage(site, ("SETACL", "user/team@example.test", "eve@example.test", "lrs"))
    mended(site, ("team@example.test", "rights"))
    damage(site, ("DELETEACL", "user/team@example.test", mailbox))
    mended(site, ("team@example.test", "rights"))


def test_a_mailbox_that_is_nobodys(site, mailbox):
    damage(site, ("CREATE", "user/nobody@example.test"))
    assert drift(site, "--repair", "--yes", code=5)["left"][0]["kind"] == "stranger"
    mended(site, ("nobody@example.test", "stranger"), options=["--delete-strangers"])
    assert not [name for name in site.mailboxes("user/*") if "nobody" in name]


def test_a_session_of_one_that_is_off(site, mailbox):
    """Such as one that Cyrus's administrator opened in the user's name."""
    site.host.provost("mailbox", "disable", mailbox)
    session = site.as_user(mailbox)
    try:
        mended(site, (mailbox, "session"))
        with pytest.raises((OSError, session.abort)):
            session.noop()
    finally:
        with contextlib.suppress(Exception):
            session.logout()


def test_without_cyrus_nothing_can_be_told(site, mailbox):
    cyrus_host.stop_cyrus(site.machine)
    try:
        assert site.host.provost("drift", check=False).code == 75
    finally:
        cyrus_host.start_cyrus(site.machine)
