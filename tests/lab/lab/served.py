# SPDX-License-Identifier: Apache-2.0
"""Postfix and Dovecot as a site has them that keeps its accounts in files, for a host that is to be taken over."""

PASSWORD = "old-horse-3-battery"
MAIL = "/var/mail/vhosts"

POSTFIX = """
virtual_mailbox_domains = example.test
virtual_mailbox_base = /var/mail/vhosts
virtual_mailbox_maps = hash:/etc/postfix/vmailbox
virtual_uid_maps = static:5000
virtual_gid_maps = static:5000
smtpd_sasl_type = dovecot
smtpd_sasl_path = private/auth
smtpd_sasl_auth_enable = yes
"""
AUTH = """
service auth {
  unix_listener /var/spool/postfix/private/auth {
    mode = 0660
    user = postfix
  }
}
"""
DOVECOT_2_3 = """
mail_location = maildir:/var/mail/vhosts/%d/%n
passdb {
  driver = passwd-file
  args = /etc/dovecot/users
}
userdb {
  driver = static
  args = uid=5000 gid=5000 home=/var/mail/vhosts/%d/%n
}
"""
DOVECOT_2_4 = """
mail_driver = maildir
mail_path = /var/mail/vhosts/%{user | domain}/%{user | username}
mail_inbox_path = /var/mail/vhosts/%{user | domain}/%{user | username}
passdb passwd-file {
  passwd_file_path = /etc/dovecot/users
}
userdb static {
  fields {
    uid = 5000
    gid = 5000
    home = /var/mail/vhosts/%{user | domain}/%{user | username}
  }
}
"""


def configure(machine, users, postfix="", dovecot=""):
    """Writes their files; the users, in example.test, have PASSWORD."""
    def write(command, text):
        machine.run(["sh", "-ec", command], input=text)

    has_2_3 = machine.run(["dovecot", "--version"]).stdout.startswith("2.3.")
    write("cat >>/etc/postfix/main.cf", POSTFIX + postfix)
    write("cat >/etc/dovecot/local.conf", (DOVECOT_2_3 if has_2_3 else DOVECOT_2_4) + AUTH + dovecot)
    write("sed -i /auth-system/d /etc/dovecot/conf.d/10-auth.conf", "")
    hashed = machine.run(["doveadm", "pw", "-s", "SHA512-CRYPT", "-r", "1000", "-p", PASSWORD]).stdout.strip()
    write("cat >/etc/dovecot/users", "".join(f"{user}:{hashed}\n" for user in users))
    folders = {user: "/".join(reversed(user.split("@"))) for user in users}
    write("cat >/etc/postfix/vmailbox && postmap /etc/postfix/vmailbox", "".join(f"{user} {folder}/\n" for user, folder in folders.items()))
    owner = "getent passwd vmail >/dev/null || useradd --uid 5000 --user-group --home-dir /var/vmail --shell /usr/sbin/nologin vmail"
    write(f"{owner}; install -d -o vmail -g vmail {MAIL}", "")
