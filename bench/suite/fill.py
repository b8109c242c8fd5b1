# SPDX-License-Identifier: Apache-2.0
"""Large directories, written straight into the record while the daemon is down.

Each row is a copy of one that the daemon itself has written, under another name and id, so that nothing here has to know
what a mailbox consists of. The record gets a new epoch, by which the daemon reads all of it anew when it starts.
"""

import contextlib
import sqlite3

ID = ("lower(hex(randomblob(4)) || '-' || hex(randomblob(2)) || '-4' || substr(hex(randomblob(2)), 2) || '-8' ||"
      " substr(hex(randomblob(2)), 2) || '-' || hex(randomblob(6)))")
DOMAIN = "example.test"


def alias_name(number):
    return f"a{number:08d}@{DOMAIN}"


def mailbox_name(number, domain=DOMAIN):
    return f"u{number:08d}@{domain}"


@contextlib.contextmanager
def opened(file):
    """Quick and careless: nobody else has the file, and a host that goes down meanwhile ends the run."""
    record = sqlite3.connect(file, isolation_level=None)
    for pragma in ("journal_mode = OFF", "synchronous = OFF", "cache_size = -4000000", "temp_store = MEMORY"):
        record.execute(f"PRAGMA {pragma}")
    record.execute("BEGIN")
    yield record
    record.execute("UPDATE revision SET epoch = lower(hex(randomblob(16)))")
    record.execute("COMMIT")
    record.execute("PRAGMA journal_mode = WAL")
    record.close()


def copies(record, table, template, source, **other):
    """Copies the row of `table` whose id is `template`, once for each row of `source`, with other values here and there."""
    columns = [row[1] for row in record.execute(f"PRAGMA table_info({table})")]
    values = ", ".join(other.get(column, f"t.{column}") for column in columns)
    record.execute(f"INSERT INTO {table} SELECT {values} FROM {source}, {table} t WHERE t.{template[0]} = ?", [template[1]])


def without_indexes(record, *tables):
    """Drops what indexes can be; returns the statements that make them again, which is quicker than keeping them."""
    marks = ", ".join("?" * len(tables))
    found = record.execute(f"SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL AND tbl_name IN ({marks})",
                           tables).fetchall()
    for name, _ in found:
        record.execute(f"DROP INDEX {name}")
    return [statement for _, statement in found]


def numbered(record, count):
    """A table of the numbers and new ids of what is to be made."""
    record.execute("CREATE TEMP TABLE made (number INTEGER PRIMARY KEY, id TEXT NOT NULL)")
    record.execute("WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < ?)"
                   f" INSERT INTO made SELECT i, {ID} FROM n", [count])


def aliases(file, template, count):
    """alias_name(0) to alias_name(count - 1), each to an address of its own elsewhere, as the alias `template` is."""
    with opened(file) as record:
        again = without_indexes(record, "alias", "alias_target", "name")
        numbered(record, count)
        known = record.execute("SELECT id FROM alias WHERE address = ?", [template]).fetchone()[0]
        address = f"printf('a%08d@{DOMAIN}', m.number)"
        copies(record, "alias", ("id", known), "made m", id="m.id", address=address)
        copies(record, "alias_target", ("alias_id", known), "(SELECT * FROM made ORDER BY id) m", alias_id="m.id",
               address="printf('t%08d@example.net', m.number)", domain="'example.net'")
        copies(record, "name", ("owner_id", known), "made m", name=address, owner_id="m.id")
        for statement in again:
            record.execute(statement)


def mailboxes(file, template, count, domain=DOMAIN, hashes=()):
    """mailbox_name(0) to mailbox_name(count - 1), as the mailbox `template` is. The passwords' hashes go round."""
    with opened(file) as record:
        again = without_indexes(record, "mailbox", "mailbox_name", "name", "name_taken", "credential")
        numbered(record, count)
        record.execute("CREATE TEMP TABLE hashes (number INTEGER PRIMARY KEY, hash TEXT NOT NULL)")
        record.executemany("INSERT INTO hashes VALUES (?, ?)", enumerate(hashes))
        known = record.execute("SELECT id FROM mailbox WHERE name = ?", [template]).fetchone()[0]
        name = f"printf('u%08d@{domain}', m.number)"
        copies(record, "mailbox", ("id", known), "made m", id="m.id", name=name, store_name=f"replace(t.store_name, '{known}', m.id)")
        copies(record, "name", ("owner_id", known), "made m", name=name, owner_id="m.id")
        copies(record, "name_taken", ("mailbox_id", known), "made m", name=name, mailbox_id="m.id")
        if hashes:
            copies(record, "credential", ("mailbox_id", known), f"made m JOIN hashes h ON h.number = m.number % {len(hashes)}",
                   id=ID, mailbox_id="m.id", hash="h.hash")
        for statement in again:
            record.execute(statement)
