# SPDX-License-Identifier: Apache-2.0
"""The peers, each as a good administrator sets it up: indexed tables, a buffer that holds them, local sockets."""

import dataclasses

from lab import waiting
from suite.site import INSIDE, PROGRAMS

SOCKET = "/run/mysqld/mysqld.sock"
# Debian gives InnoDB 128 MB, which would not hold a million rows. Everything else is as Debian has it: commits are synced.
BUFFER = "1G"


class MariaDb:
    """Started with the machine, on the host's disk."""

    def __init__(self, site):
        self.site = site
        run = site.machine.run
        run(["install", "-d", "-o", "mysql", "-g", "mysql", "/var/lib/mysql", "/run/mysqld", "/var/log/mysql"])
        run(["mariadb-install-db", "--user=mysql", "--skip-test-db"], timeout=300)
        self._process = site.machine.start(
            ["mariadbd", "--user=mysql", f"--innodb-buffer-pool-size={BUFFER}", "--skip-networking"],
            stdout=open(site.folder / "logs" / "mariadbd.log", "wb"), stderr=-2)
        waiting.until(self._answers, "MariaDB answers", 60)
        self.run("CREATE DATABASE site; CREATE USER reader@localhost IDENTIFIED BY 'secret'; GRANT SELECT ON site.* TO reader@localhost")

    def _answers(self):
        return self.site.machine.run(["mariadb", "-e", "SELECT 1"], check=False).returncode == 0

    def run(self, sql, database="mysql", timeout=1200):
        return self.site.machine.run(["mariadb", "--batch", "--skip-column-names", database], input=sql, timeout=timeout).stdout

    def add_aliases(self, count):
        """The same as fill.aliases, in a table whose key is the address."""
        self.run(f"""
            CREATE TABLE alias (address VARCHAR(255) NOT NULL, goto TEXT NOT NULL, active TINYINT(1) NOT NULL DEFAULT 1,
                PRIMARY KEY (address)) ENGINE=InnoDB CHARACTER SET latin1;
            INSERT INTO alias SELECT CONCAT('a', LPAD(seq, 8, '0'), '@example.test'), CONCAT('t', LPAD(seq, 8, '0'), '@example.net'), 1
                FROM seq_0_to_{count - 1};
            ANALYZE TABLE alias;""", "site")
        return self._postfix_map("aliases", "SELECT goto FROM alias WHERE address='%s' AND active = 1")

    def _postfix_map(self, name, query):
        text = f"user = reader\npassword = secret\nhosts = unix:{SOCKET}\ndbname = site\nquery = {query}\n"
        self.site.machine.run(["sh", "-c", f"cat >/etc/postfix/bench-{name}.cf"], input=text)
        return f"mysql:/etc/postfix/bench-{name}.cf"

    def add_users(self, users):
        """users: (login, stored password) pairs."""
        file = self.site.write("users.tsv", "".join(f"{login}\t{stored}\t1\n" for login, stored in users))
        self.site.machine.run(["chmod", "644", file])
        self.run(f"""
            CREATE TABLE mailbox (username VARCHAR(255) NOT NULL, password VARCHAR(255) NOT NULL, active TINYINT(1) NOT NULL,
                PRIMARY KEY (username)) ENGINE=InnoDB CHARACTER SET latin1;
            LOAD DATA INFILE '{file}' INTO TABLE mailbox;
            ANALYZE TABLE mailbox;""", "site")


class Ceiling:
    """The hash server: what no server of the socket map is quicker than."""

    def __init__(self, site, pairs):
        self.map = f"{INSIDE}/ceiling"
        file = site.write("pairs", "".join(f"{key}\t{value}\n" for key, value in pairs))
        self._process = site.machine.start([f"{PROGRAMS}/hash_server", self.map, file])
        waiting.until(lambda: site.machine.path(self.map).is_socket(), "the hash server listens", 60)


@dataclasses.dataclass
class Dovecot:
    """An instance of its own that checks passwords against MariaDB, and does nothing else."""

    site: object
    name: str
    options: str = ""

    @property
    def base(self):
        return f"/run/bench-{self.name}"

    @property
    def socket(self):
        return f"{self.base}/auth-client"

    def start(self):
        self.site.machine.run(["sh", "-ec", f"mkdir -p /etc/bench && cat >/etc/bench/{self.name}.conf"], input=self._settings())
        self.site.machine.run(["sh", "-c", "cat >/etc/bench/sql.conf.ext"], input=SQL)
        self.run()
        return self

    def run(self):
        self.site.machine.run(["dovecot", "-c", f"/etc/bench/{self.name}.conf"])
        waiting.until(lambda: self.site.machine.path(self.socket).is_socket(), f"the Dovecot {self.name} listens", 30)

    def restart(self):
        self.site.machine.run(["doveadm", "-c", f"/etc/bench/{self.name}.conf", "stop"])
        # It does not wait for a master whose workers are still hashing.
        running = self.site.machine.path(f"{self.base}/master.pid")
        waiting.until(lambda: not running.exists(), f"the Dovecot {self.name} has ended", 30)
        self.run()

    def _settings(self):
        return DOVECOT.format(base=self.base, name=self.name, options=self.options)


PASSWORD_FILE = f"{INSIDE}/passwd"
# Whoever has the right password is let in: whether somebody may is the directory's business.
PAM = f"""auth required pam_pwdfile.so pwdfile {PASSWORD_FILE}
account required pam_permit.so
"""


def write_password_file(site, pairs):
    """(login, hash) pairs, from now on those that PAM knows."""
    site.write("passwd", "".join(f"{login}:{hashed}\n" for login, hashed in pairs))


@dataclasses.dataclass
class Saslauthd:
    """Cyrus SASL's own, with as many processes as Debian gives it, which asks PAM."""

    site: object
    name: str
    options: tuple = ()

    @property
    def folder(self):
        return f"/run/bench-saslauthd-{self.name}"

    @property
    def socket(self):
        return f"{self.folder}/mux"

    def start(self):
        self.site.machine.run(["sh", "-c", "cat >/etc/pam.d/imap"], input=PAM)
        self.site.machine.run(["mkdir", "-p", self.folder])
        self.site.machine.run(["saslauthd", "-a", "pam", "-r", "-n", "5", "-m", self.folder, *self.options])
        waiting.until(lambda: self.site.machine.path(self.socket).is_socket(), f"the saslauthd {self.name} listens", 30)
        return self


DOVECOT = """
base_dir = {base}
state_dir = {base}-state
protocols = none
ssl = no
log_path = /var/log/bench-{name}.log
disable_plaintext_auth = no
auth_mechanisms = plain
{options}
passdb {{
  driver = sql
  args = /etc/bench/sql.conf.ext
}}
userdb {{
  driver = prefetch
}}
"""
SQL = f"""
driver = mysql
connect = host={SOCKET} dbname=site user=reader password=secret
default_pass_scheme = CRYPT
password_query = SELECT username AS user, password FROM mailbox WHERE username = '%u' AND active = 1
"""
WITH_CACHE = "auth_cache_size = 100M\nauth_cache_ttl = 1 hour\n"
CACHE_CHECKED_BY_WORKERS = WITH_CACHE + "auth_cache_verify_password_with_worker = yes\n"


POSTFIXADMIN = """<?php
$CONF['configured'] = true;
$CONF['database_type'] = 'mysqli';
$CONF['encrypt'] = 'php_crypt:SHA512';
$CONF['emailcheck_resolve_domain'] = 'NO';
$CONF['welcome_text'] = '';
"""
POSTFIXADMIN_DATABASE = """<?php
$dbuser = 'pfa';
$dbpass = 'secret';
$dbname = 'pfa';
$dbserver = 'localhost';
$dbport = '';
$dbtype = 'mysqli';
"""


def set_up_postfixadmin(database):
    """Debian's postfixadmin with the domain example.test in it."""
    machine = database.site.machine
    database.run("CREATE DATABASE pfa; CREATE USER pfa@localhost IDENTIFIED BY 'secret'; GRANT ALL ON pfa.* TO pfa@localhost")
    for name, text in (("dbconfig.inc.php", POSTFIXADMIN_DATABASE), ("config.local.php", POSTFIXADMIN)):
        machine.run(["sh", "-c", f"cat >/etc/postfixadmin/{name}"], input=text)
    machine.run(["sh", "-ec", "cd /usr/share/postfixadmin/public && php upgrade.php"])
    machine.run(["postfixadmin-cli", "domain", "add", "example.test", "--mailboxes", "0", "--aliases", "0"])
