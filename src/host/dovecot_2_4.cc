// SPDX-License-Identifier: Apache-2.0
#include "host/dovecot_templates.h"

namespace provost::host {

std::string_view dovecot_2_4()
{
    return R"(# Written by Provost for Dovecot 2.4. Changes by hand are lost at the next writing.
@base_dir@protocols =@protocols@
listen = @listen@
log_path = @log_path@
# Provost answers in place of Dovecot's auth service, whose own sockets are off. It has no clients; the limit only
# keeps Dovecot from warning that it may have as many as there are processes.
service auth {
  client_limit = @clients@
  unix_listener login/login {
    mode = 0
  }
  unix_listener auth-userdb {
    mode = 0
  }
  unix_listener auth-client {
    mode = 0
  }
  unix_listener auth-master {
    mode = 0
  }
}
# The parser wants these two. A listener that the site has beside Dovecot's own four does ask them: no password has this
# hash, as crypt(3) never returns it.
passdb static {
  password = {CRYPT}!
}
userdb static {
  fields {
    uid = @uid@
    gid = @gid@
    home = /nonexistent
  }
}
# A process signs in one client and, within TLS, stays with it: their number is that of the clients.
service imap-login {
  executable = imap-login @auth@
  process_limit = @sign_ins@
  inet_listener imap {
    port = @imap@
  }
  inet_listener imaps {
    port = @imaps@
    ssl = yes
  }
}
service pop3-login {
  executable = pop3-login @auth@
  process_limit = @sign_ins@
  inet_listener pop3 {
    port = @pop3@
  }
  inet_listener pop3s {
    port = @pop3s@
    ssl = yes
  }
}
@sieve_service@service imap {
  process_limit = @sessions@
}
service pop3 {
  process_limit = @sessions@
}
# Each of those processes holds connections to these.
service anvil {
  client_limit = @clients@
}
service stats {
  client_limit = @clients@
}

ssl = required
ssl_min_protocol = @least_tls@
ssl_server {
  cert_file = @certificate@
  key_file = @key@
}
auth_allow_cleartext = no

first_valid_uid = @uid@
first_valid_gid = @gid@
mail_driver = maildir
mail_path = ~/Maildir
# Debian's 10-mail.conf has another one.
mail_inbox_path = ~/Maildir
recipient_delimiter = @delimiter@
namespace @inbox@ {
  inbox = yes
  separator = /
  mailbox Drafts {
    auto = subscribe
    special_use = \Drafts
  }
  mailbox Junk {
    auto = subscribe
    special_use = \Junk
  }
  mailbox Sent {
    auto = subscribe
    special_use = \Sent
  }
  mailbox Trash {
    auto = subscribe
    special_use = \Trash
  }
}

mail_plugins {
  quota = yes
  notify = yes
  quota_clone = yes
}
protocol imap {
  mail_plugins {
    imap_quota = yes
    last_login = yes
  }
  mail_max_userip_connections = @per_user_and_address@
}
protocol pop3 {
  mail_plugins {
    last_login = yes
  }
  mail_max_userip_connections = @per_user_and_address@
}
@lmtp_filters@postmaster_address = @postmaster@
lda_mailbox_autocreate = yes
lda_mailbox_autosubscribe = yes
# A process for each connection: one that waits for the next keeps its own connection to Provost for a minute, and after
# a restart of Provost would put the next letter off. Postfix uses its connections again where there is much to deliver.
service lmtp {
  restart_request_count = 1
  unix_listener @lmtp_socket@ {
    mode = 0600
    user = postfix
    group = postfix
  }
}

# A user's limits come with each look-up, as quota_storage_size. Without grace a limit is what it says.
quota "User quota" {
  driver = count
}
quota_storage_grace = 0
quota_clone {
  dict proxy {
    name = quota
    socket_path = @dict@
  }
}
last_login {
  key = last-login/%{protocol}/%{user}
  dict proxy {
    name = lastlogin
    socket_path = @dict@
  }
}
@scripts@
# Provost ends sessions through this. Its key is in a file for root alone; the "try" is for programs of the mail
# user, which read this file and not that one.
service doveadm {
  inet_listener http {
    listen = @doveadm_host@
    port = @doveadm_port@
  }
}
!include_try @secrets_file@
)";
}

}  // namespace provost::host
