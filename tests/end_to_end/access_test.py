# SPDX-License-Identifier: Apache-2.0
"""Admins and tokens over TCP: each may what it may, from where it may, and no moment longer."""

import concurrent.futures
import json
import os
import threading
import time
import uuid

import pytest
from lab import api, mail_host as mail_host_module, sqlite, waiting

DATABASE = "/var/lib/provost/provost.db"
PROMPT = 1.5  # seconds within which who is let in is answered, while others wait for their refusal
SETTINGS = """
[api]
listen = "0.0.0.0:8420"
certificate = "/etc/provost/api.pem"
key = "/etc/provost/api.key"
trusted_proxies = "127.0.0.1"
admin_group = "mailadmins"
"""


class Site:
    """A mail host with two domains of its own, and short ways to make admins and tokens."""

    def __init__(self, host):
        self.host = host
        self.machine = host.machine
        self.inside, self.outside = (f"{where}-{uuid.uuid4().hex[:8]}.test" for where in ("in", "out"))
        for domain in (self.inside, self.outside):
            host.provost("domain", "add", domain)
            host.provost("mailbox", "add", f"anna@{domain}", "--no-password")

    def admin(self, *options):
        name = f"admin-{uuid.uuid4().hex[:8]}"
        self.host.provost("admin", "add", name, *options)
        return name

    def domain_admin(self):
        return self.admin("--role", "domain-admin", "--domains", self.inside)

    def token(self, admin, *options):
        """(id, secret)"""
        made = self.host.provost_json("token", "add", admin, "--label", "test", *options)
        return made["subject"], made["secret"]


@pytest.fixture(scope="module")
def site(mail_host):
    return Site(mail_host)


@pytest.fixture
def ask(site):
    """ask(secret)("GET", "/mailboxes"): with that token, on loopback as the settings are by default."""
    return lambda secret: api.Api(site.machine, secret).ask


@pytest.fixture(scope="module")
def public():
    """A mail host whose API is open to the world, with TLS, and that believes a proxy on its own host."""
    with mail_host_module.MailHost(f"access-{os.getpid()}", logs=mail_host_module.kept_logs("access"), settings=SETTINGS) as host:
        host.machine.run(["groupadd", "mailadmins"])
        host.machine.run(["useradd", "--groups", "mailadmins", "mary"])
        host.configure()
        host.machine.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                          "-days", "2", "-subj", "/CN=mx", "-addext", "subjectAltName=IP:127.0.0.1,IP:192.0.2.1",
                          "-keyout", "/etc/provost/api.key", "-out", "/etc/provost/api.pem"])
        host.machine.run(["chown", "provost", "/etc/provost/api.key"])
        host.start_provostd()
        yield Site(host)


def test_a_domain_admins_token_acts_in_its_domain_only(site, ask):
    _, secret = site.token(site.domain_admin())
    asks = ask(secret)
    assert asks("POST", "/mailboxes", {"name": f"bert@{site.inside}"})[0] == 201
    assert asks("POST", "/aliases", {"address": f"info@{site.inside}", "targets": [f"bert@{site.inside}"]})[0] == 201
    assert asks("PATCH", f"/domains/{site.inside}", {"description": "ours"})[0] == 200
    status, problem = asks("PATCH", f"/domains/{site.inside}", {"max_mailboxes": 1000})
    assert (status, problem["field"]) == (403, "max_mailboxes")
    there = asks("POST", "/mailboxes", {"name": f"bert@{site.outside}"})
    nowhere = asks("POST", "/mailboxes", {"name": "bert@nowhere.test"})
    assert there[0] == nowhere[0] == 404
    assert there[1]["detail"].replace(site.outside, "nowhere.test") == nowhere[1]["detail"]
    for method, target in (("GET", f"/mailboxes/anna@{site.outside}"), ("DELETE", f"/mailboxes/anna@{site.outside}"),
                           ("GET", f"/domains/{site.outside}"), ("GET", f"/explain?address=anna@{site.outside}")):
        assert asks(method, target)[0] == 404, target
    for method, target in (("POST", "/domains"), ("GET", "/status"), ("GET", "/admins"), ("GET", "/tokens"),
                           ("DELETE", f"/domains/{site.inside}")):
        assert asks(method, target, {"name": "new.test"} if method == "POST" else None)[0] == 403, target
    assert [item["name"] for item in asks("GET", "/domains")[1]["items"]] == [site.inside]
    assert {item["name"] for item in asks("GET", "/mailboxes")[1]["items"]} == {f"{n}@{site.inside}" for n in ("anna", "bert")}
    assert site.host.provost("mailbox", "show", f"anna@{site.outside}", check=False).code == 0


def test_the_command_acts_with_a_token_as_any_user(site):
    admin = site.domain_admin()
    file = f"/tmp/{admin}.token"
    made = site.host.provost("token", "add", admin, "--label", "command", "--secret-file", file)
    assert "prv_" not in made.out
    machine = site.machine
    assert machine.run(["stat", "-c", "%a", file]).stdout.strip() == "600"
    machine.run(["chown", "www-data", file])

    def provost(*words):
        return machine.run(["provost", "--url", "http://127.0.0.1:8420", "--token-file", file, *words], check=False,
                           user="www-data")

    added = provost("mailbox", "add", f"carl@{site.inside}", "--no-password")
    assert added.returncode == 0, added.stderr
    assert provost("mailbox", "add", f"carl@{site.outside}", "--no-password").returncode == 3
    assert provost("domain", "add", "new.test").returncode == 77
    listed = json.loads(provost("mailbox", "list", "-o", "json").stdout)["items"]
    assert all(item["name"].endswith("@" + site.inside) for item in listed) and listed
    by = site.host.provost_json("audit", "list", f"carl@{site.inside}")["items"][0]
    assert by["actor"] == f"admin:{admin}" and by["from"].startswith("127.0.0.1 token "), by
    machine.run(["chmod", "644", file])
    careless = provost("mailbox", "list")
    assert careless.returncode == 2 and "can be read by everybody" in careless.stderr, careless
    without = machine.run(["provost", "mailbox", "list"], check=False, user="www-data")
    assert without.returncode == 77


class Hammer:
    """Asks again and again on several threads; knows when each question began and what it was told."""

    def __init__(self, machine, secret):
        self._stop = threading.Event()
        self.told = []
        self._threads = [threading.Thread(target=self._run, args=(machine, secret)) for _ in range(3)]
        for thread in self._threads:
            thread.start()

    def _run(self, machine, secret):
        asks = api.Api(machine, secret).ask
        while not self._stop.is_set():
            began = time.monotonic()
            status = asks("GET", "/mailboxes?limit=1")[0]
            self.told.append((began, status))
            if status != 200:
                return

    def end(self):
        self._stop.set()
        for thread in self._threads:
            thread.join()
        return self.told


@pytest.mark.parametrize("how", ["revoke", "disable", "delete", "expire", "mailbox"])
def test_what_has_ended_is_let_in_no_more(site, how):
    name = f"own-{uuid.uuid4().hex[:8]}@{site.inside}"
    site.host.provost("mailbox", "add", name, "--no-password")
    admin = site.admin("--role", "domain-admin", "--domains", site.inside, "--mailbox", name)
    token, secret = site.token(admin)
    hammer = Hammer(site.machine, secret)
    waiting.until(lambda: len(hammer.told) >= 10, "the token is in use", 20)
    words = {"revoke": ("token", "revoke", token), "disable": ("admin", "disable", admin),
             "delete": ("admin", "delete", admin), "expire": ("admin", "set", admin, "--expires", "2020-01-01"),
             "mailbox": ("mailbox", "disable", name)}[how]
    assert site.host.provost(*words, check=False).code in (0, 75)  # 75: a mailbox without a password proves nothing
    returned = time.monotonic()
    status, problem = api.Api(site.machine, secret).ask("POST", "/mailboxes", {"name": f"late@{site.inside}"})
    assert status == 401, problem
    told = hammer.end()
    assert told and not [entry for entry in told if entry[0] > returned and entry[1] == 200]
    assert {status for _, status in told} <= {200, 401, 403}  # 403: it ended within the question


def test_a_token_counts_in_its_networks_and_until_its_end(public, site, ask):
    admin = public.domain_admin()
    _, secret = public.token(admin, "--networks", "198.51.100.0/24", "--read-only", "yes")
    with_token = api.Api(public.machine, secret, ca="/etc/provost/api.pem")
    assert with_token.ask("GET", "/mailboxes", forwarded="198.51.100.7")[0] == 200
    assert with_token.ask("POST", "/mailboxes", {"name": f"x@{public.inside}"}, forwarded="198.51.100.7")[0] == 403
    assert with_token.ask("GET", "/mailboxes", forwarded="198.51.101.7")[0] == 401
    assert with_token.ask("GET", "/mailboxes")[0] == 401
    # A stranger is no proxy of ours, whatever he says.
    assert with_token.ask("GET", "/mailboxes", forwarded="198.51.100.7", world=True)[0] == 401
    listed = public.host.provost_json("token", "list", admin)["items"][0]
    assert waiting.until(lambda: public.host.provost_json("token", "list", admin)["items"][0]["last_from"],
                         "the use is written down", 20), listed

    soon = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 3))
    _, brief = site.token(site.domain_admin(), "--expires", soon)
    assert ask(brief)("GET", "/mailboxes")[0] == 200
    waiting.until(lambda: ask(brief)("GET", "/mailboxes")[0] == 401, "the token has expired", 20)


def test_beyond_loopback_there_is_tls_and_nothing_else(public):
    _, secret = public.token(public.domain_admin())
    assert api.Api(public.machine, secret, ca="/etc/provost/api.pem").ask("GET", "/domains", world=True)[0] == 200
    with pytest.raises(OSError):
        api.Api(public.machine, secret).ask("GET", "/domains", world=True)
    settings = 'cp /etc/provost/provost.toml /tmp/open.toml && sed -i "/^certificate/d; /^key/d" /tmp/open.toml'
    public.machine.run(["sh", "-c", settings])
    refused = public.machine.run(["/opt/provost/bin/provostd", "--config", "/tmp/open.toml"], check=False)
    assert refused.returncode == 2
    assert "'0.0.0.0:8420' can be reached from other hosts, so it needs api.certificate" in refused.stderr


def test_members_of_the_admin_group_are_site_admins_on_the_socket(public):
    mary = public.machine.run(["provost", "domain", "list"], check=False, user="mary")
    assert mary.returncode == 0, mary.stderr
    assert public.machine.run(["provost", "domain", "list"], check=False, user="www-data").returncode == 77


def test_sign_in_goes_on_while_the_database_is_locked(site, ask):
    _, secret = site.token(site.domain_admin())
    asks = ask(secret)
    with sqlite.Other(site.machine, "write", DATABASE).wait():
        assert asks("GET", f"/mailboxes/anna@{site.inside}")[0] == 200
        assert asks("GET", f"/explain?address=anna@{site.inside}")[0] == 200
        status, problem = asks("POST", "/mailboxes", {"name": f"locked@{site.inside}"})
        assert status == 503 and "locked" in problem["detail"]
        assert api.Api(site.machine, "prv_" + "x" * 43).ask("GET", "/mailboxes")[0] == 401
    assert asks("POST", "/mailboxes", {"name": f"locked@{site.inside}"})[0] == 201


def test_guesses_are_told_late_and_after_some_not_looked_at(public):
    _, secret = public.token(public.domain_admin())
    right = api.Api(public.machine, secret, ca="/etc/provost/api.pem")

    def guess(number):
        asks = api.Api(public.machine, f"prv_{number:043}", ca="/etc/provost/api.pem").ask
        began = time.monotonic()
        status = asks("GET", "/mailboxes", forwarded="203.0.113.9")[0]
        return status, time.monotonic() - began

    with concurrent.futures.ThreadPoolExecutor(25) as threads:
        guesses = [threads.submit(guess, number) for number in range(25)]
        for _ in range(5):  # nobody else waits for them, and who has a right one is let in from there too
            began = time.monotonic()
            assert right.ask("GET", "/mailboxes?limit=1", forwarded="203.0.113.9")[0] == 200
            assert time.monotonic() - began < PROMPT
        told = [each.result() for each in guesses]
    assert sorted(status for status, _ in told) == [401] * 20 + [429] * 5
    assert min(took for _, took in told) >= 1.9  # [passwords] failure_delay is 2 s
    assert right.ask("GET", "/mailboxes")[0] == 200


def test_no_secret_is_written_anywhere(site, ask):
    token, secret = site.token(site.domain_admin())
    assert ask(secret)("GET", "/mailboxes")[0] == 200
    assert ask(secret + "x")("GET", "/mailboxes")[0] == 401
    assert ask(secret)("POST", "/domains", {"name": "x.test"})[0] == 403
    assert secret not in site.host.log("provostd.log")
    dumped = site.machine.run(["sh", "-c", f"cat {DATABASE}* /var/lib/provost/replica/* | grep -c -a {secret}"], check=False)
    assert dumped.stdout.strip() == "0"
    assert token in json.dumps(site.host.provost_json("token", "list"))
