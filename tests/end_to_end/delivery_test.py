# SPDX-License-Identifier: Apache-2.0
"""Where mail goes: through port 25 and submission, by Postfix and Dovecot's LMTP, into mailboxes and out of the house."""

import uuid

import pytest
from lab import machine


@pytest.fixture
def new_name():
    """new_name("info"): a local part that no other test uses."""
    return lambda word: f"{word}-{uuid.uuid4().hex[:8]}"


def local_part(user):
    return user.address.partition("@")[0]


@pytest.fixture(scope="module")
def mapped(mail_host):
    """A domain in which each address is the same local part of example.test."""
    name = f"{uuid.uuid4().hex[:8]}.mapped.test"
    mail_host.provost("domain", "add", name, "--kind", "mapped", "--maps-to", "example.test")
    return name


WAYS_TO_WRITE = {
    "as_it_is": lambda local: f"{local}@example.test",
    "in_capitals": lambda local: f"{local.upper()}@EXAMPLE.Test",
    "quoted": lambda local: f'"{local}"@example.test',
    "with_an_extension": lambda local: f"{local}+lists@example.test",
    "with_an_extension_in_capitals": lambda local: f"{local}+LISTS@example.test",
    "with_two_extensions": lambda local: f"{local}+lists+linux@example.test",
}


@pytest.mark.parametrize("way", WAYS_TO_WRITE)
def test_a_mailbox_gets_what_is_written_to_its_address(post, new_user, way):
    alice = new_user("alice")
    letter = post.from_stranger(WAYS_TO_WRITE[way](local_part(alice))).settle()
    assert alice.mailbox.subjects() == [letter.subject]


def test_a_user_writes_to_another(post, new_user):
    alice, bob = new_user("alice"), new_user("bob")
    letter = post.from_user(alice, bob.address).settle()
    assert bob.mailbox.subjects() == [letter.subject]


def test_a_user_writes_to_another_site(post, new_user, world):
    letter = post.from_user(new_user("alice"), "joe@elsewhere.example.net")
    assert world.wait_for(letter.subject)[1] == ["joe@elsewhere.example.net"]


def test_a_bounce_is_taken_in(post, new_user):
    alice = new_user("alice")
    letter = post.from_stranger(alice.address, sender="").settle()
    assert alice.mailbox.subjects() == [letter.subject]


@pytest.mark.parametrize("extension", ["", "+lists"])
def test_an_alias_leads_to_a_mailbox(post, provost, new_user, new_name, extension):
    alice, info = new_user("alice"), new_name("info")
    assert provost("alias", "add", f"{info}@example.test", alice.address).code == 0
    letter = post.from_stranger(f"{info}{extension}@example.test").settle()
    assert alice.mailbox.subjects() == [letter.subject]


def test_an_alias_with_two_targets_leads_to_both(post, provost, new_user, new_name):
    alice, bob, info = new_user("alice"), new_user("bob"), new_name("info")
    assert provost("alias", "add", f"{info}@example.test", alice.address, bob.address).code == 0
    letter = post.from_stranger(f"{info}@example.test").settle()
    assert alice.mailbox.subjects() == bob.mailbox.subjects() == [letter.subject]


def test_who_is_met_twice_gets_one_copy(post, provost, new_user, new_name):
    alice, info, sales = new_user("alice"), new_name("info"), new_name("sales")
    assert provost("alias", "add", f"{sales}@example.test", alice.address).code == 0
    assert provost("alias", "add", f"{info}@example.test", f"{sales}@example.test", alice.address).code == 0
    letter = post.from_stranger(f"{info}@example.test", alice.address).settle()
    assert alice.mailbox.subjects() == [letter.subject]


def test_an_alias_leads_to_another_site(post, provost, new_name, world):
    info = new_name("info")
    assert provost("alias", "add", f"{info}@example.test", "joe@elsewhere.example.net").code == 0
    letter = post.from_stranger(f"{info}@example.test")
    assert world.wait_for(letter.subject)[1] == ["joe@elsewhere.example.net"]


@pytest.mark.parametrize("extension", ["", "+lists"])
def test_a_mapped_domain_leads_to_the_same_name_in_another(post, new_user, mapped, extension):
    alice = new_user("alice")
    letter = post.from_stranger(f"{local_part(alice)}{extension}@{mapped}").settle()
    assert alice.mailbox.subjects() == [letter.subject]


def test_a_mapped_domain_leads_to_an_alias_too(post, provost, new_user, new_name, mapped):
    alice, info = new_user("alice"), new_name("info")
    assert provost("alias", "add", f"{info}@example.test", alice.address).code == 0
    letter = post.from_stranger(f"{info}@{mapped}").settle()
    assert alice.mailbox.subjects() == [letter.subject]


def test_an_address_of_a_mapped_domain_that_leads_nowhere_is_unknown(post, mapped):
    assert post.from_stranger(f"nobody@{mapped}").answer.startswith("550 5.1.1 ")


def test_an_alias_domain_has_addresses_of_its_own(post, provost, new_user, new_name):
    alice, domain = new_user("alice"), f"{new_name('d')}.test"
    assert provost("domain", "add", domain, "--kind", "alias").code == 0
    assert provost("alias", "add", f"info@{domain}", alice.address).code == 0
    letter = post.from_stranger(f"info@{domain}").settle()
    assert alice.mailbox.subjects() == [letter.subject]
    assert post.from_stranger(f"{local_part(alice)}@{domain}").answer.startswith("550 5.1.1 ")


def test_a_catch_all_gets_what_nobody_else_does(post, provost, new_user, new_name):
    domain = f"{new_name('d')}.test"
    assert provost("domain", "add", domain).code == 0
    alice, rest = new_user("alice", domain=domain), new_user("rest", domain=domain)
    assert provost("domain", "set", domain, "--catch-all", rest.address).code == 0
    to_nobody = post.from_stranger(f"nobody@{domain}").settle()
    to_alice = post.from_stranger(f"{local_part(alice)}+lists@{domain}").settle()
    assert rest.mailbox.subjects() == [to_nobody.subject]
    assert alice.mailbox.subjects() == [to_alice.subject]


@pytest.mark.parametrize("keep_copy", ["yes", "no"])
def test_a_forward_leads_on_and_keeps_a_copy_when_told_to(post, provost, new_user, keep_copy):
    alice, bob = new_user("alice"), new_user("bob")
    assert provost("mailbox", "set", alice.address, "--forwards", bob.address, "--keep-copy", keep_copy).code == 0
    letter = post.from_stranger(alice.address).settle()
    assert bob.mailbox.subjects() == [letter.subject]
    assert alice.mailbox.subjects() == ([letter.subject] if keep_copy == "yes" else [])


@pytest.mark.parametrize("keep_copy", ["yes", "no"])
def test_a_forward_leads_to_another_site_and_keeps_a_copy_when_told_to(post, provost, new_user, world, keep_copy):
    alice = new_user("alice")
    assert provost("mailbox", "set", alice.address, "--forwards", "joe@elsewhere.example.net", "--keep-copy", keep_copy).code == 0
    letter = post.from_stranger(alice.address)
    assert world.wait_for(letter.subject)[1] == ["joe@elsewhere.example.net"]
    letter.settle()
    assert alice.mailbox.subjects() == ([letter.subject] if keep_copy == "yes" else [])


def test_a_forward_goes_for_every_name_that_leads_to_the_mailbox(post, provost, new_user, new_name, mapped):
    alice, bob, info = new_user("alice"), new_user("bob"), new_name("info")
    assert provost("mailbox", "set", alice.address, "--forwards", bob.address).code == 0
    assert provost("alias", "add", f"{info}@example.test", alice.address).code == 0
    names = [f"{local_part(alice)}+lists@example.test", f"{info}@example.test", f"{local_part(alice)}@{mapped}"]
    sent = {post.from_stranger(name).settle().subject for name in names}
    assert set(bob.mailbox.subjects()) == sent


def test_everybody_named_in_one_letter_gets_it(post, new_user):
    users = [new_user(name) for name in ("alice", "bob", "carol")]
    letter = post.from_stranger(*(user.address for user in users)).settle()
    assert [user.mailbox.subjects() for user in users] == [[letter.subject]] * 3


def test_an_archive_gets_a_copy_of_what_a_domain_gets(post, provost, new_user, new_name):
    domain = f"{new_name('d')}.test"
    assert provost("domain", "add", domain).code == 0
    alice, archive = new_user("alice", domain=domain), new_user("archive")
    assert provost("domain", "set", domain, "--archive-to", archive.address).code == 0
    letter = post.from_stranger(alice.address).settle()
    assert alice.mailbox.subjects() == archive.mailbox.subjects() == [letter.subject]


def test_a_mailbox_with_a_transport_of_its_own_is_delivered_by_it(post, provost, new_user, world):
    alice = new_user("alice")
    assert provost("mailbox", "set", alice.address, "--transport", f"smtp:[{machine.WORLD}]").code == 0
    letter = post.from_stranger(alice.address)
    assert world.wait_for(letter.subject)[1] == [alice.address]
