# SPDX-License-Identifier: Apache-2.0
"""What happens to accounts over the years: deleted, restored, given out anew, renamed, purged, with their domains too."""

import os
import pty
import subprocess
import threading
import uuid

import pytest
from lab import doors as the_doors
from lab import mail_host as mail_host_module
from lab import waiting

OTHER_PASSWORD = "another-horse-8-battery"
SIGN_IN_DOORS = ("imap", "pop3", "sieve", "submission")


@pytest.fixture
def new_name():
    """new_name("info"): an address that no other test uses."""
    return lambda word, domain="example.test": f"{word}-{uuid.uuid4().hex[:8]}@{domain}"


@pytest.fixture
def new_domain(provost):
    """A domain of this test's own."""
    def make(word="d"):
        name = f"{word}-{uuid.uuid4().hex[:8]}.test"
        assert provost("domain", "add", name).code == 0
        return name

    return make


@pytest.fixture
def show(provost):
    """show(address): the mailbox as the API shows it; None where there is none."""
    def one(address):
        shown = provost("mailbox", "show", address, "-o", "json")
        return shown.json if shown.code == 0 else None

    return one


@pytest.fixture
def home(show):
    """home(address): where its mail is kept, as a path inside the machine."""
    return lambda address: f"/var/vmail/{show(address)['store']['name']}"


@pytest.fixture
def deleted(provost):
    """deleted(address): the deleted mailboxes that had this address."""
    return lambda address: provost("mailbox", "list", address, "--deleted", "-o", "json").json["items"]


def add(provost, address, *options, password=OTHER_PASSWORD):
    return provost("mailbox", "add", address, "--password-stdin", *options, input=f"{password}\n")


def is_refused(letter):
    return letter.answer.startswith("550 5.1.1 ")


class Idle:
    """A session that waits for mail, and knows when the server ended it."""

    def __init__(self, doors, user):
        self.ended = threading.Event()
        self._session = doors.imap(user.address, user.password)
        self._session.select("INBOX")
        self._session.send(b"i1 IDLE\r\n")
        assert self._session.readline().startswith(b"+")
        threading.Thread(target=self._watch, daemon=True).start()

    def _watch(self):
        try:
            while self._session.file.read(1):
                continue
        except (OSError, ValueError):
            pass
        self.ended.set()

    def close(self):
        the_doors.leave(self._session)


def test_what_was_deleted_comes_back_with_all_that_belongs_to_it(provost, post, doors, new_user, new_name, show):
    alice, bob, info, team = new_user("alice"), new_user("bob"), new_name("info"), new_name("team")
    assert provost("alias", "add", info, alice.address).code == 0
    assert provost("mailbox", "set", alice.address, "--forwards", bob.address, "--quota", "20M").code == 0
    assert provost("mailbox", "add", team, "--kind", "shared", "--members", f"{alice.address}=read+send-as").code == 0
    first = post.from_stranger(alice.address).settle()
    before = show(alice.address)

    assert provost("mailbox", "delete", alice.address).code == 0
    assert is_refused(post.from_stranger(alice.address))
    restored = provost("mailbox", "restore", alice.address)
    assert restored.code == 0, restored.err
    assert bob.address in restored.out

    after = show(alice.address)
    seen_meanwhile = {"revision": 0, "usage": 0, "last_logins": 0}
    assert {**after, **seen_meanwhile} == {**before, **seen_meanwhile}
    assert show(team)["members"] == [{"mailbox": alice.address, "rights": ["read", "send-as"]}]
    assert alice.mailbox.subjects() == [first.subject]
    second = post.from_stranger(info).settle()
    assert alice.mailbox.subjects() == [first.subject, second.subject]
    assert bob.mailbox.subjects() == [first.subject, second.subject]
    assert all(doors.signs_in(door, alice.address, alice.password) for door in SIGN_IN_DOORS)


def test_what_was_suspended_comes_back_suspended(provost, doors, new_user, show):
    alice = new_user("alice")
    assert provost("mailbox", "disable", alice.address).code == 0
    assert provost("mailbox", "delete", alice.address).code == 0
    assert provost("mailbox", "restore", alice.address).code == 0
    assert show(alice.address)["state"] == "suspended"
    assert not doors.signs_in("imap", alice.address, alice.password)


def test_the_list_of_deleted_ones_tells_until_when(provost, new_user, deleted):
    alice = new_user("alice")
    assert provost("mailbox", "delete", alice.address).code == 0
    (item,) = deleted(alice.address)
    listed = provost("mailbox", "list", alice.address, "--deleted", "-o", "csv").out.splitlines()
    assert listed == ["name,id,restorable_until,state_before,display_name",
                      f"{alice.address},{item['id']},{item['restorable_until']},active,"]
    assert alice.address not in provost("mailbox", "list").out


def test_a_new_mailbox_of_an_old_name_is_asked_for_and_starts_empty(provost, post, doors, new_user, deleted):
    alice = new_user("alice")
    old_letter = post.from_stranger(alice.address).settle()
    assert provost("mailbox", "delete", alice.address).code == 0
    refused = add(provost, alice.address)
    assert refused.code == 4
    assert "--adopt" in refused.err and "--set-aside" in refused.err

    assert add(provost, alice.address, "--set-aside").code == 0
    assert not doors.signs_in("imap", alice.address, alice.password)
    second = doors.mailbox(alice.address, OTHER_PASSWORD)
    assert second.subjects() == []
    new_letter = post.from_stranger(alice.address).settle()
    assert second.subjects() == [new_letter.subject]

    conflict = provost("mailbox", "restore", alice.address)
    assert conflict.code == 4
    assert "--as" in conflict.err
    other = "old-" + alice.address
    assert provost("mailbox", "restore", alice.address, "--as", other).code == 0
    assert doors.mailbox(other, alice.password).subjects() == [old_letter.subject]
    assert second.subjects() == [new_letter.subject]
    assert deleted(alice.address) == []


def test_who_adopts_a_mailbox_has_its_mail_and_only_the_new_password(provost, post, doors, new_user, show):
    alice = new_user("alice")
    letter = post.from_stranger(alice.address).settle()
    assert provost("mailbox", "delete", alice.address).code == 0
    assert add(provost, alice.address, "--adopt", "--display-name", "Alice the second").code == 0
    assert doors.mailbox(alice.address, OTHER_PASSWORD).subjects() == [letter.subject]
    assert not doors.signs_in("imap", alice.address, alice.password)
    assert show(alice.address)["display_name"] == "Alice the second"


def test_of_several_of_one_name_the_one_whose_id_is_said_comes_back(provost, post, doors, new_name, deleted):
    address = new_name("alice")
    letters = {}
    for turn in range(3):
        password = f"horse-{turn}-staple-battery"
        assert add(provost, address, "--set-aside", password=password).code == 0
        letters[password] = post.from_stranger(address).settle().subject
        assert provost("mailbox", "delete", address).code == 0
    ids = [item["id"] for item in sorted(deleted(address), key=lambda item: item["restorable_until"])]
    assert len(ids) == 3
    assert provost("mailbox", "restore", address, "--id", ids[0]).code == 0
    assert provost("mailbox", "restore", address, "--as", "third-" + address).code == 0
    first, _, third = letters
    assert doors.mailbox(address, first).subjects() == [letters[first]]
    assert doors.mailbox("third-" + address, third).subjects() == [letters[third]]


def test_the_question_is_asked_on_a_terminal(mail_host, provost, new_user, show):
    alice = new_user("alice")
    was = show(alice.address)["id"]
    assert provost("mailbox", "delete", alice.address).code == 0
    ours, theirs = pty.openpty()
    asking = subprocess.Popen(mail_host.machine.command(["provost", "mailbox", "add", alice.address, "--no-password"]),
                              stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True)
    os.close(theirs)
    said = b""
    while b"old mail? [y/N] " not in said:
        said += os.read(ours, 1000)
    assert b"--adopt" in said
    os.write(ours, b"y\n")
    assert asking.wait(timeout=30) == 0
    os.close(ours)
    assert show(alice.address)["id"] == was


@pytest.mark.parametrize("keep", [False, True], ids=["its_old_address_is_unknown", "its_old_address_is_kept"])
def test_a_renamed_mailbox_keeps_its_mail(provost, post, doors, new_user, new_name, show, keep):
    alice, carol, info, new = new_user("alice"), new_user("carol"), new_name("info"), new_name("liddell")
    assert provost("alias", "add", info, alice.address).code == 0
    assert provost("mailbox", "set", carol.address, "--forwards", alice.address).code == 0
    first = post.from_stranger(alice.address).settle()
    idle = Idle(doors, alice)
    was = show(alice.address)

    renamed = provost("mailbox", "rename", alice.address, new, *(["--keep-address"] if keep else []), "-o", "json")
    assert renamed.code == 0, renamed.err
    proof = renamed.json["proof"]
    assert proof["complete"], proof
    assert {door["door"] for door in proof["doors"] if door["proved"]} >= {"imap", "pop3", "sieve", "submission"}
    assert any(info in note for note in renamed.json["notes"])
    assert idle.ended.wait(5)
    idle.close()

    assert show(new)["id"] == was["id"]
    mailbox = doors.mailbox(new, alice.password)
    assert mailbox.subjects() == [first.subject]
    assert not any(doors.signs_in(door, alice.address, alice.password) for door in SIGN_IN_DOORS)
    assert all(doors.signs_in(door, new, alice.password) for door in SIGN_IN_DOORS)
    sent = [post.from_stranger(address).settle().subject for address in (new, info, carol.address)]
    assert mailbox.subjects() == [first.subject, *sent]
    to_old = post.from_stranger(alice.address)
    if keep:
        to_old.settle()
        assert mailbox.subjects() == [first.subject, *sent, to_old.subject]
    else:
        assert is_refused(to_old)


def test_after_a_rename_a_new_mailbox_of_the_old_name_is_another_one(provost, post, doors, new_user, new_name):
    alice, new = new_user("alice"), new_name("liddell")
    first = post.from_stranger(alice.address).settle()
    assert provost("mailbox", "rename", alice.address, new).code == 0
    assert add(provost, alice.address).code == 0
    second = post.from_stranger(alice.address).settle()
    assert doors.mailbox(alice.address, OTHER_PASSWORD).subjects() == [second.subject]
    assert doors.mailbox(new, alice.password).subjects() == [first.subject]
    assert not doors.signs_in("imap", alice.address, alice.password)


def test_what_was_accepted_before_a_rename_is_still_delivered(mail_host, provost, post, doors, new_user, new_name):
    alice, new = new_user("alice"), new_name("liddell")
    mail_host.machine.run(["postconf", "-e", "defer_transports = lmtp"])
    mail_host.machine.run(["postfix", "reload"])
    try:
        letter = post.from_stranger(alice.address)
        letter.wait_for_delay("deferred transport")
        assert provost("mailbox", "rename", alice.address, new).code == 0
    finally:
        mail_host.machine.run(["postconf", "-X", "defer_transports"])
        mail_host.machine.run(["postfix", "reload"])
    mail_host.flush_queue()
    letter.settle()
    assert doors.mailbox(new, alice.password).subjects() == [letter.subject]


def test_rules_for_a_new_address_hold_in_a_rename(provost, new_user, new_name, new_domain):
    alice, bob = new_user("alice"), new_user("bob")
    small = new_domain()
    assert provost("domain", "set", small, "--max-mailboxes", "0").code == 0
    for target in (bob.address, "alice@elsewhere.example.net", f"alice@{small}"):
        refused = provost("mailbox", "rename", alice.address, target)
        assert refused.code == 4, (target, refused)
    assert provost("mailbox", "rename", new_name("nobody"), new_name("x")).code == 3
    assert provost("mailbox", "rename", alice.address, "a b@example.test").code == 2


def test_a_purged_mailbox_is_gone_with_its_mail(machine, provost, post, new_user, home, deleted, show):
    alice = new_user("alice")
    post.from_stranger(alice.address).settle()
    place = home(alice.address)
    assert machine.path(f"{place}/Maildir").is_dir()
    assert provost("mailbox", "purge", alice.address, "--yes").code == 4
    assert provost("mailbox", "delete", alice.address).code == 0
    assert provost("mailbox", "purge", alice.address).code == 2
    assert machine.path(place).is_dir()
    purged = provost("mailbox", "purge", alice.address, "--yes")
    assert purged.code == 0, purged.err
    assert "note" not in purged.out
    assert not machine.path(place).exists()
    assert deleted(alice.address) == [] and show(alice.address) is None
    assert provost("mailbox", "restore", alice.address).code == 3
    assert add(provost, alice.address).code == 0


def test_a_purge_goes_on_while_the_mailbox_is_open(machine, provost, post, new_user, home, show):
    """A mail process of Dovecot's own, that no door lets in any more, has it open and writes to it."""
    alice = new_user("alice")
    post.from_stranger(alice.address).settle()
    place = home(alice.address)
    assert provost("mailbox", "delete", alice.address).code == 0
    open_in = subprocess.Popen(machine.command(["/usr/lib/dovecot/imap", "-u", alice.address]),
                               stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True)
    try:
        assert open_in.stdout.readline().startswith(b"* PREAUTH")
        open_in.stdin.write(b"a SELECT INBOX\r\n")
        open_in.stdin.flush()
        while not (line := open_in.stdout.readline()).startswith(b"a "):
            assert line
        assert line.startswith(b"a OK"), line
        purged = provost("mailbox", "purge", alice.address, "--yes")
        assert purged.code == 0, purged.err
        assert "note" not in purged.out
        assert not machine.path(place).exists()
        open_in.stdin.write(b"b STORE 1 +FLAGS (\\Flagged)\r\nc NOOP\r\n")
        open_in.stdin.flush()
        while open_in.stdout.readline()[:2] not in (b"c ", b""):
            continue
    finally:
        open_in.kill()
        open_in.wait()
        open_in.stdin.close()
        open_in.stdout.close()
    assert show(alice.address) is None
    assert not machine.path(place).exists()


def test_what_cannot_be_removed_stays_a_job_with_its_reason(machine, provost, post, new_user, home, deleted):
    alice = new_user("alice")
    post.from_stranger(alice.address).settle()
    place = home(alice.address)
    machine.run(["sh", "-c", f"mkdir {place}/roots && touch {place}/roots/letter"])
    assert provost("mailbox", "delete", alice.address).code == 0
    purged = provost("mailbox", "purge", alice.address, "--yes")
    assert purged.code == 0
    assert "still to be removed" in purged.out and "roots" in purged.out
    (item,) = deleted(alice.address)
    assert item["restorable_until"] is None
    assert provost("mailbox", "restore", alice.address).code == 4

    def job():
        found = [job for job in provost("job", "list", "-o", "json").json["items"] if job["subject"] == item["id"]]
        return found[0] if found else None

    assert job()["verb"] == "retire" and "roots" in job()["last_error"]
    assert "roots" in provost("status").out
    machine.run(["sh", "-c", f"rm -r {place}.removed/roots {place}/roots"], check=False)
    retried = provost("job", "retry", job()["id"])
    assert retried.code == 0, retried.err
    waiting.until(lambda: deleted(alice.address) == [], "the rest of the mailbox is removed")
    assert not machine.path(place).exists()


def test_what_nobody_wants_back_goes_when_its_date_has_come():
    """On a host of its own, that keeps deleted mailboxes for two seconds."""
    with mail_host_module.MailHost(f"retention-{os.getpid()}", logs=mail_host_module.kept_logs("retention"), settings='[restore]\nkeep_deleted = "2s"\n') as host:
        host.start()
        host.provost("domain", "add", "example.test")
        for name in ("gone", "kept"):
            host.provost("mailbox", "add", f"{name}@example.test", "--no-password")
            session = the_doors.Doors(host.machine).smtp()
            said = the_doors.send(session, "x@elsewhere.example.net", [f"{name}@example.test"],
                                  the_doors.letter("x@elsewhere.example.net", f"{name}@example.test"))
            assert said.code == 250, said
            the_doors.leave(session)
        homes = {name: "/var/vmail/" + host.provost_json("mailbox", "show", f"{name}@example.test")["store"]["name"]
                 for name in ("gone", "kept")}
        for name, place in homes.items():
            waiting.until(host.machine.path(f"{place}/Maildir").is_dir, f"mail for {name} arrives")
        host.provost("mailbox", "delete", "gone@example.test")
        host.provost("mailbox", "delete", "kept@example.test")
        host.provost("mailbox", "restore", "kept@example.test")
        waiting.until(lambda: not host.provost_json("mailbox", "list", "--deleted")["items"], "its date comes", 30)
        assert not host.machine.path(homes["gone"]).exists()
        assert host.machine.path(homes["kept"]).is_dir()
        acts = [entry["act"] for entry in host.provost_json("audit", "list", "gone@example.test")["items"]]
        assert acts[:3] == ["mailbox.released", "mailbox.purge", "mailbox.delete"]


def test_a_renamed_domain_takes_its_mail_along(provost, post, doors, new_user, new_name, new_domain, show):
    domain, new = new_domain(), f"new-{uuid.uuid4().hex[:8]}.test"
    alice = new_user("alice", domain=domain)
    local = alice.address.partition("@")[0]
    outside = new_user("outside")
    assert provost("alias", "add", f"info@{domain}", alice.address).code == 0
    assert provost("mailbox", "set", outside.address, "--forwards", alice.address).code == 0
    first = post.from_stranger(alice.address).settle()
    idle = Idle(doors, alice)
    renamed = provost("domain", "rename", domain, new, "-o", "json")
    assert renamed.code == 0, renamed.err
    assert renamed.json["proof"]["complete"]
    assert idle.ended.wait(5)
    idle.close()
    mailbox = doors.mailbox(f"{local}@{new}", alice.password)
    assert mailbox.subjects() == [first.subject]
    sent = [post.from_stranger(address).settle().subject for address in (f"{local}@{new}", f"info@{new}", outside.address)]
    assert mailbox.subjects() == [first.subject, *sent]
    assert not doors.signs_in("imap", alice.address, alice.password)
    assert post.from_stranger(alice.address).said.code in (550, 554)
    assert show(f"{local}@{new}")["former_names"] == [alice.address]


def test_a_renamed_domain_may_keep_its_addresses(provost, post, doors, new_user, new_domain):
    domain, new = new_domain(), f"new-{uuid.uuid4().hex[:8]}.test"
    alice = new_user("alice", domain=domain)
    local = alice.address.partition("@")[0]
    assert provost("domain", "rename", domain, new, "--keep-addresses").code == 0
    letter = post.from_stranger(alice.address).settle()
    assert doors.mailbox(f"{local}@{new}", alice.password).subjects() == [letter.subject]


def test_a_domain_in_use_goes_only_with_its_contents(provost, post, doors, new_user, new_name, new_domain, show):
    domain = new_domain()
    alice, outside, info = new_user("alice", domain=domain), new_user("outside"), new_name("info")
    assert provost("alias", "add", info, alice.address, outside.address).code == 0
    letter = post.from_stranger(alice.address).settle()
    refused = provost("domain", "delete", domain)
    assert refused.code == 4
    assert alice.address in refused.err and info in refused.err and "--with-contents" in refused.err
    idle = Idle(doors, alice)
    done = provost("domain", "delete", domain, "--with-contents", "--yes")
    assert done.code == 0, done.err
    assert info in done.out
    assert idle.ended.wait(5)
    idle.close()
    assert post.from_stranger(alice.address).said.code in (550, 554)
    assert show(alice.address)["state"] == "deleted"
    to_info = post.from_stranger(info).settle()
    assert outside.mailbox.subjects() == [to_info.subject]

    gone = provost("mailbox", "restore", alice.address)
    assert gone.code == 4
    assert "add the domain" in gone.err
    assert provost("domain", "add", domain).code == 0
    assert provost("mailbox", "restore", f"*@{domain}", "--yes").code == 0
    assert alice.mailbox.subjects() == [letter.subject]
