# SPDX-License-Identifier: Apache-2.0
"""Every command on the pages of docs/, in the order of each page, on a host without systemd.

Blocks that need systemd or what is built from a clone are left out here; tests/booted/docs_test.py runs them too.
"""

import contextlib
import os
import re
import subprocess

import pytest
from lab import doors as the_doors
from lab import mail_host as the_mail_host
from lab import cyrus_host, docs_site, pages, programs, served

FOR_A_HOST_THAT_BOOTS = ("./install", "apt-get", "systemctl")
PAGES = sorted(pages.DOCS.glob("*.md"))
# Where commands are named in sentences.
TEXTS = sorted([*PAGES, *pages.DOCS.glob("decisions/*.md"), *pages.DOCS.parent.glob("*.md")])


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_line_of_every_block_is_found(page):
    text = page.read_text()
    blocks = pages.blocks_of(text)
    found = [command for block in blocks for command in block.commands]
    assert found, f"{page.name} has no command"
    assert sum(len(block.lines) for block in blocks) == len(re.findall(r"^    ", text, re.M))
    assert sum(1 + len(command.shows or []) for command in found) == sum(len(block.lines) for block in blocks)
    assert text.count(pages.NOT_RUN) == sum(not block.is_run for block in blocks)


SAMPLE = """# Title

Words,

    one --option    # why
    two

more words (not run by the tests, which
have none).

    three

## Section

    $ four
    $ five
    ... 3 of
    ...
    six
    $ echo $?
"""


def test_blocks_are_read_as_they_are_meant():
    blocks = pages.blocks_of(SAMPLE)
    assert [[command.text for command in block.commands] for block in blocks] == [
        ["one --option    # why", "two"], ["three"], ["four", "five", "echo $?"]]
    assert [block.is_run for block in blocks] == [True, False, True]
    four, five, code = blocks[2].commands
    assert (four.shows, four.may_fail, five.may_fail, code.may_fail) == ([], False, True, False)
    assert pages.is_shown(five.shows, "... 44 of\nanything\nsix\n") and not pages.is_shown(five.shows, "... 3 of\nsix\nseven\n")
    assert [block.lines for block in pages.blocks_of(SAMPLE, "Section")] == [blocks[2].lines]
    with pytest.raises(ValueError):
        pages.blocks_of("```\nprovost init\n```\n")


@contextlib.contextmanager
def new_host(name, configure=lambda machine: None):
    """Its servers run as they are, and provostd beside them, as systemd starts it when provost init has made its units."""
    logs = the_mail_host.kept_logs(name)
    with the_mail_host.MailHost(f"{name}-{os.getpid()}", logs=logs, settings='[passwords]\nfailure_delay = "100ms"\n') as host:
        host.machine.run(["postconf", "-e", "maillog_file = /var/log/mail.log"])
        configure(host.machine)
        host.start_servers()
        host.make_ready()
        host.start_provostd()
        yield host


def new_site(host, **options):
    return docs_site.Site(host.machine, leaves_out=FOR_A_HOST_THAT_BOOTS, **options)


@pytest.fixture(scope="module")
def site():
    with new_host("docs") as host:
        made = new_site(host)
        made.first_steps()
        yield made


@pytest.mark.parametrize("page", docs_site.after_first_steps())
def test_every_command_of_the_page_works(site, page):
    site.follow_from_first_steps(page)


def test_what_the_readme_shows_is_so(site):
    site.show()


def test_every_command_of_the_page_on_attaching_works():
    with new_host("docs-attach", lambda machine: served.configure(machine, docs_site.SERVED_USERS)) as host:
        site = new_site(host, asked=docs_site.KNOWS_HERS)
        site.store_old_mail(the_doors.Doors(host.machine))
        site.attach()


def test_every_command_of_the_page_on_cyrus_works():
    settings = '[mail]\ntarget = "cyrus"\n[passwords]\nfailure_delay = "100ms"\n'
    with cyrus_host.CyrusHost(f"docs-cyrus-{os.getpid()}", logs=the_mail_host.kept_logs("docs-cyrus"), settings=settings) as host:
        cyrus_host.start_log(host.machine)
        host.machine.run(["postfix", "start"])
        host.make_ready()
        host.start_provostd()
        site = new_site(host)
        site.with_cyrus(lambda: cyrus_host.start_cyrus(host.machine))


@pytest.mark.parametrize("commands, why", [
    ("    true\n    false\n", "line 4: false: exit 1"), ("    $ echo 4 of 5\n    all of 5\n", "echo 4 of 5 prints\n4 of 5"), ("Words.\n", "no command was run")])
def test_a_page_that_is_wrong_is_found(site, tmp_path, commands, why):
    page = tmp_path / "page.md"
    page.write_text(f"# Page\n\n{commands}")
    with pytest.raises(AssertionError, match=why):
        pages.check(page, site.reader.follow(pages.blocks_of(page.read_text())))


def named_in(text):
    """The commands that are named in sentences, each as (its words, its options)."""
    for span in re.findall(r"`((?:sudo )?provost [^`]*)`", text):
        words = span.removeprefix("sudo ").split()
        verbs = words[1: next((i for i, word in enumerate(words) if i and not re.fullmatch(r"[a-z]+", word)), len(words))]
        yield tuple(verbs), tuple(re.findall(r"(?<= )--?[a-z][a-z-]*", span))


@pytest.mark.parametrize("path", TEXTS, ids=lambda path: path.name)
def test_commands_that_are_named_in_sentences_exist(path):
    for verbs, options in set(named_in(path.read_text())):
        shown = subprocess.run([programs.folder(programs.OURS) / "provost", *verbs, "--help"], capture_output=True, text=True)
        assert shown.returncode == 0, (verbs, shown.stderr)
        for option in options:
            assert re.search(rf"(^|[\s,]){option}\b", shown.stdout), (verbs, option)
