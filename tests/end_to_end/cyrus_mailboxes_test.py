# SPDX-License-Identifier: Apache-2.0
"""What the directory says of a mailbox, Cyrus has: made, limited, renamed, deleted, had back; and never another's mail."""

import contextlib
import re
import threading
import time

import pytest
from lab import cyrus_host, cyrus_site, waiting

PASSWORD = cyrus_site.PASSWORD
FOLDERS = {"Sent", "Drafts", "Junk", "Trash", "Archive"}


@pytest.fixture(scope="module")
def site():
    with cyrus_site.CyrusSite("cyrus-mailboxes") as made:
        yield made


def test_a_new_mailbox_is_ready_when_the_command_returns(site):
    site.add("alice@example.test", "--quota", "100M")
    store = site.store("alice@example.test")
    assert (store["target"], store["name"], store["state"]) == ("cyrus", "alice@example.test", "ready")
    with site.session("alice@example.test") as session:
        listed = [line.decode() for line in session.list()[1]]
        assert {line.rsplit(" ", 1)[1].strip('"') for line in listed} == {"INBOX", *FOLDERS}
        subscribed = {line.decode().rsplit(" ", 1)[1].strip('"') for line in session.lsub()[1]}
        assert subscribed == {"INBOX", *FOLDERS}
        with_uses = session._simple_command("LIST", "(SPECIAL-USE)", '""', "*")
        assert with_uses[0] == "OK"
        assert {re.search(rb"\\(Sent|Drafts|Junk|Trash|Archive)", line)[1].decode() for line in session.untagged_responses["LIST"]} == FOLDERS
    assert site.quota("alice@example.test") == "STORAGE 0 102400"


def test_names_with_dots_have_mailboxes(site):
    site.add("john.doe@example.test")
    assert "user/john.doe@example.test" in site.mailboxes()
    site.put("john.doe@example.test", "to a name with a dot")
    assert site.subjects("john.doe@example.test") == ["to a name with a dot"]


def test_a_name_that_cyrus_cannot_have_is_refused_by_its_character(site):
    refused = site.add("o^neil@example.test", check=False)
    assert refused.code == 2 and "o^neil" in refused.err and "^" in refused.err
    assert site.host.provost("mailbox", "show", "o^neil@example.test", check=False).code == 3


def test_the_administrators_name_is_nobody_elses(site):
    refused = site.add("cyrus", "--kind", "service", check=False)
    assert refused.code == 4 and "administrator" in refused.err


def test_a_quota_follows(site):
    site.add("quota@example.test")
    assert site.quota("quota@example.test") is None
    site.host.provost("mailbox", "set", "quota@example.test", "--quota", "10M", "--quota-messages", "50")
    waiting.until(lambda: site.quota("quota@example.test") == "STORAGE 0 10240 MESSAGE 0 50", "the quota is set", 20)
    site.host.provost("mailbox", "set", "quota@example.test", "--quota", "unlimited", "--quota-messages", "unlimited")
    waiting.until(lambda: site.quota("quota@example.test") == "", "the quota is unlimited", 20)
    site.host.provost("domain", "set", "example.test", "--default-quota", "20M")
    site.add("default@example.test")
    assert site.quota("default@example.test") == "STORAGE 0 20480"
    site.host.provost("domain", "set", "example.test", "--default-quota", "30M")
    waiting.until(lambda: site.quota("default@example.test") == "STORAGE 0 30720", "the domain's quota is followed", 20)
    site.host.provost("domain", "set", "example.test", "--default-quota", "none")


def test_a_rename_to_another_domain_keeps_everything(site):
    site.add("rita@example.test")
    site.put("rita@example.test", "kept", flags=r"\Flagged")
    site.put("rita@example.test", "sent", folder="Sent")
    sieve = site.doors.sieve("rita@example.test", PASSWORD)
    sieve.put("main", "keep;\r\n")
    sieve.activate("main")
    sieve.close()
    before = site.uidvalidity("rita@example.test")
    site.host.provost("mailbox", "rename", "rita@example.test", "rita.new@other.test", "--keep-address")
    assert site.store("rita.new@other.test")["name"] == "rita.new@other.test"
    assert site.subjects("rita.new@other.test") == ["kept"] and site.subjects("rita.new@other.test", "Sent") == ["sent"]
    assert site.uidvalidity("rita.new@other.test") == before
    with site.session("rita.new@other.test") as session:
        session.select("INBOX")
        assert session.search(None, "FLAGGED")[1] == [b"1"]
        assert {line.decode().rsplit(" ", 1)[1].strip('"') for line in session.lsub()[1]} == {"INBOX", *FOLDERS}
    sieve = site.doors.sieve("rita.new@other.test", PASSWORD)
    assert sieve.list() == ['"main" ACTIVE']
    sieve.close()
    assert not [name for name in site.mailboxes("user/*") if "/rita@" in name or "/rita/" in name]


def test_a_name_that_is_free_again_gets_nobody_elses_mail(site):
    site.add("swap@example.test")
    site.put("swap@example.test", "the first one's")
    site.host.provost("mailbox", "rename", "swap@example.test", "swapped@example.test")
    site.add("swap@example.test")
    waiting.until(lambda: site.store("swap@example.test")["state"] == "ready", "the second one is ready", 20)
    assert site.subjects("swap@example.test") == []
    assert site.subjects("swapped@example.test") == ["the first one's"]


def test_what_was_deleted_comes_back_with_its_mail(site):
    site.add("back@example.test")
    site.put("back@example.test", "still there")
    site.host.provost("mailbox", "delete", "back@example.test", "--yes")
    site.host.provost("mailbox", "restore", "back@example.test")
    assert site.subjects("back@example.test") == ["still there"]


def test_a_mailbox_that_is_made_again_is_empty_and_the_old_one_can_be_had_elsewhere(site):
    site.add("again@example.test")
    site.put("again@example.test", "the old one's")
    site.host.provost("mailbox", "delete", "again@example.test", "--yes")
    site.add("again@example.test", "--set-aside")
    waiting.until(lambda: site.store("again@example.test")["state"] == "ready", "the new one is ready", 20)
    assert site.subjects("again@example.test") == []
    site.host.provost("mailbox", "restore", "again@example.test", "--as", "old.again@example.test")
    waiting.until(lambda: site.store("old.again@example.test")["state"] == "ready", "the old one is back", 20)
    assert site.subjects("old.again@example.test") == ["the old one's"]
    assert site.subjects("again@example.test") == []


def test_what_is_purged_goes_where_cyrus_keeps_what_was_deleted(site):
    site.add("gone@example.test")
    site.put("gone@example.test", "gone")
    site.host.provost("mailbox", "delete", "gone@example.test", "--yes")
    site.host.provost("mailbox", "purge", "gone@example.test", "--yes")
    names = site.mailboxes()
    assert not [name for name in names if name.startswith("user/gone")]
    assert [name for name in names if name.startswith("DELETED/user/gone/")]


def test_mail_of_somebody_before_is_never_handed_over(site):
    with site.admin() as session:
        assert session.create("user/before@example.test")[0] == "OK"
        assert session.setacl("user/before@example.test", "cyrus", "lrswipcda")[0] == "OK"
        assert session.append("user/before@example.test", "", None, b"Subject: somebody's\r\n\r\nHello.\r\n")[0] == "OK"
    told = site.add("before@example.test")
    assert "is in Cyrus already, with 1 messages" in told.out + told.err
    store = site.store("before@example.test")
    assert store["state"] == "failing" and "is in Cyrus already" in store["reason"]
    with site.admin() as session:
        assert session.rename("user/before@example.test", "user/somebody@example.test")[0] == "OK"
    for job in site.host.provost_json("job", "list")["items"]:
        site.host.provost("job", "retry", job["id"])
    waiting.until(lambda: site.store("before@example.test")["state"] == "ready", "it is made", 20)
    assert site.subjects("before@example.test") == []


def test_a_client_that_idles_is_gone_when_the_account_is_off(site):
    site.add("idle@example.test")
    with site.session("idle@example.test") as session:
        session.select("INBOX")
        session.send(b"x1 IDLE\r\n")
        assert session.readline().startswith(b"+")
        ended = []

        def read_on():
            with contextlib.suppress(OSError):
                while session.readline():
                    pass
            ended.append(time.monotonic())

        reader = threading.Thread(target=read_on)
        reader.start()
        began = time.monotonic()
        done = site.host.provost("mailbox", "disable", "idle@example.test", "-o", "json")
        reader.join(10)
        assert ended and ended[0] - began < 2, done.out
    assert done.json["proof"]["complete"] is True, done.out
    assert done.json["proof"]["sessions_ended"] == 1
    doors = {door["door"]: (door["before"], door["after"]) for door in done.json["proof"]["doors"]}
    assert set(doors) == {"imap", "imaps", "pop3", "pop3s", "sieve", "submission", "submissions"}
    # Cyrus's POP3 has one client of a user at a time: of the two knocks one may find the other's lock.
    assert {before for before, _ in doors.values()} <= {"let in", "temporary"} and doors["imap"][0] == "let in", doors
    assert {after for _, after in doors.values()} == {"refused"}, doors


def test_while_cyrus_is_away_mail_for_a_new_mailbox_waits(site):
    cyrus_host.stop_cyrus(site.machine)
    try:
        told = site.add("later@example.test")
        assert "not ready yet" in told.out + told.err
        assert site.store("later@example.test")["state"] == "failing"
        told_later = site.post.from_stranger("later@example.test")
        assert told_later.answer.startswith("450 ") and "being prepared" in told_later.answer
    finally:
        cyrus_host.start_cyrus(site.machine)
    waiting.until(lambda: site.store("later@example.test")["state"] == "ready", "it is made when Cyrus is back", 90)
    # An smtpd knows where an address led for as long as it lives, which is until nobody has come for 100 s.
    site.machine.run(["postfix", "reload"])

    def taken():
        sent = site.post.from_stranger("later@example.test")
        return sent if sent.said.code == 250 else None

    letter = waiting.until(taken, "a letter for it is taken", 60).settle()
    assert site.subjects("later@example.test") == [letter.subject]
    assert site.host.provost_json("job", "list")["items"] == []
