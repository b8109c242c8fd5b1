# SPDX-License-Identifier: Apache-2.0
"""A host on which the pages of docs/ are followed: the first steps, and then each other page from where those have left it."""

import json

from lab import doors as the_doors
from lab import pages, served, waiting

BARE, SERVED, CYRUS = "first-steps.md", "attach.md", "cyrus.md"  # the pages that begin on a host without us
STOOD, EXAMPLES = "/root/first-steps.backup", "/root/examples.backup"
# What README.md shows beyond the site of the first steps.
README_SITE = ["provost domain add mapped.test --kind mapped --maps-to example.test",
               "provost alias set info@example.test --targets alice@example.test,bob@example.test,eve@elsewhere.test"]
# Files that the pages speak of and that others make: a certificate, and the token whose id is on the page.
CERTIFICATES = {"/etc/letsencrypt/live/mx.example.test": ("fullchain.pem", "privkey.pem"), "/etc/ssl": ("mx.pem", "private/mx.key")}
SERVED_USERS = ["carol@example.test", "dan@example.test"]
KNOWS_HERS = [(r"Password of carol@example.test: ", served.PASSWORD), *pages.ASKED]
TOKEN = "0193e2c4-7d1b-7a55-9a0e-5b1c2d3e4f50"


def after_first_steps():
    return sorted(path.name for path in pages.DOCS.glob("*.md") if path.name not in (BARE, SERVED, CYRUS))


def blocks_of(page):
    return pages.blocks_of((pages.DOCS / page).read_text())


def shown_by_readme():
    return pages.blocks_of(pages.README.read_text(), "What it looks like")


def is_setup(block):
    return any("provost setup" in command.text for command in block.commands)


class Site:
    """A host on which pages are followed: the first steps first, and then others, each from where those have left it."""

    def __init__(self, machine, **options):
        self.machine = machine
        instead = {TOKEN: self._newest_token, **options.pop("instead", {})}
        self.reader = pages.Reader(machine, instead=instead, **options)

    def _newest_token(self):
        return json.loads(self.machine.run(["provost", "token", "list", "-o", "json"]).stdout)["items"][-1]["id"]

    def first_steps(self):
        for folder, (certificate, key) in CERTIFICATES.items():
            self.machine.run(["sh", "-ec", f"mkdir -p {folder}; cd {folder}; umask 077; openssl req -x509 -newkey rsa:2048 -nodes -days 90 "
                              f"-subj /CN=mx.example.test -keyout {key} -out {certificate} 2>&1"])
        self.follow(BARE)
        self.machine.run(["provost", "backup", STOOD])

    def follow(self, page):
        self._follow(pages.DOCS / page, blocks_of(page))

    def follow_from_first_steps(self, page):
        self._stand_at(STOOD)
        if page != "commands.md":
            self.follow(page)
            return
        # Its first block makes a site, on which each example is run as if it were the only one.
        site, *examples = blocks_of(page)
        self._follow(pages.DOCS / page, [site])
        self.machine.run(["provost", "backup", "--force", EXAMPLES])
        self._follow(pages.DOCS / page, examples, before_block=lambda block: self._stand_at(EXAMPLES))

    def install_again(self):
        self._follow(pages.README, pages.blocks_of(pages.README.read_text(), "Install it"))

    def show(self):
        """What README.md shows of a host that was set up."""
        self._stand_at(STOOD)
        for words in README_SITE:
            self.machine.run(words.split())
        self._follow(pages.README, [block for block in shown_by_readme() if not is_setup(block)])

    def store_old_mail(self, doors):
        """Delivers to the users that the host serves already, by the servers as they are."""
        letter = the_doors.letter("stranger@elsewhere.example.net", SERVED_USERS[0], "From before")
        session = doors.smtp()
        assert the_doors.send(session, letter["From"], SERVED_USERS, letter).code == 250
        the_doors.leave(session)
        folders = [self.machine.path(f"{served.MAIL}/example.test/{user.split('@')[0]}/new") for user in SERVED_USERS]
        waiting.until(lambda: all(folder.is_dir() and any(folder.iterdir()) for folder in folders), "the old servers delivered", 30)

    def attach(self):
        """The page for a host that serves mail, and before its setup what README.md shows of one."""
        blocks = blocks_of(SERVED)
        looked = next(i for i, block in enumerate(blocks) if is_setup(block))
        self.reader.follow(blocks[:looked])
        self._follow(pages.README, [block for block in shown_by_readme() if is_setup(block)])
        self._follow(pages.DOCS / SERVED, blocks[looked:])

    def with_cyrus(self, start):
        """The page for a host with Cyrus, which `start` starts once it can: before its first look at the host."""
        def before(block):
            if any("provost doctor" in command.text for command in block.commands):
                start()

        self._follow(pages.DOCS / CYRUS, blocks_of(CYRUS), before_block=before)

    def _follow(self, path, blocks, **options):
        pages.check(path, self.reader.follow(blocks, **options))

    def _stand_at(self, backup):
        self.machine.run(["provost", "restore", backup, "--yes"])
