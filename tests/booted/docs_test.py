# SPDX-License-Identifier: Apache-2.0
"""Every command on the pages of docs/, in the order of each page, on hosts of each release that boot: begun as a bare
Debian that has its servers, and as a host that serves mail already."""

import pytest
from lab import doors as the_doors
from lab import docs_site, installed, served


@pytest.fixture(scope="module", params=["bookworm", "trixie"])
def release(request):
    return request.param


def new_site(host, **options):
    return docs_site.Site(host.machine, instead={"./install": host.install_words()}, patience=installed.PATIENCE, **options)


@pytest.fixture(scope="module")
def site(release):
    with installed.InstalledHost(release, name=f"docs-{release}") as host:
        made = new_site(host)
        made.first_steps()
        yield made


@pytest.mark.parametrize("page", docs_site.after_first_steps())
def test_every_command_of_the_page_works(site, page):
    site.follow_from_first_steps(page)


def test_what_the_readme_shows_is_so(site):
    site.show()


def test_what_the_readme_says_of_installing_is_so_also_where_it_is_installed(site):
    site.install_again()


def test_every_command_of_the_page_on_attaching_works(release):
    with installed.InstalledHost(release, name=f"docs-attach-{release}") as host:
        served.configure(host.machine, docs_site.SERVED_USERS)
        host.machine.run(["systemctl", "restart", "postfix", "dovecot"])
        site = new_site(host, asked=docs_site.KNOWS_HERS)
        site.store_old_mail(the_doors.Doors(host.machine))
        site.attach()
