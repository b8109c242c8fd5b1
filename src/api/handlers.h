// SPDX-License-Identifier: Apache-2.0
// What each route does; see the table in routes.cc.
#pragma once

#include "api/routes.h"

namespace provost::api {

Result<Reply> list_domains(Call& call);
Result<Reply> add_domain(Call& call);
Result<Reply> show_domain(Call& call);
Result<Reply> set_domain(Call& call);
Result<Reply> rename_domain(Call& call);
Result<Reply> delete_domain(Call& call);
Result<Reply> disable_domain(Call& call);
Result<Reply> enable_domain(Call& call);

Result<Reply> list_mailboxes(Call& call);
Result<Reply> add_mailbox(Call& call);
Result<Reply> show_mailbox(Call& call);
Result<Reply> set_mailbox(Call& call);
Result<Reply> delete_mailbox(Call& call);
Result<Reply> disable_mailbox(Call& call);
Result<Reply> enable_mailbox(Call& call);
Result<Reply> rename_mailbox(Call& call);
Result<Reply> restore_mailbox(Call& call);
Result<Reply> purge_mailbox(Call& call);
Result<Reply> purge_deleted_mailbox(Call& call);
Result<Reply> list_deleted_mailboxes(Call& call);
Result<Reply> set_password(Call& call);
Result<Reply> kick_mailbox(Call& call);
Result<Reply> unlock_mailbox(Call& call);

Result<Reply> list_aliases(Call& call);
Result<Reply> add_alias(Call& call);
Result<Reply> show_alias(Call& call);
Result<Reply> set_alias(Call& call);
Result<Reply> delete_alias(Call& call);
Result<Reply> disable_alias(Call& call);
Result<Reply> enable_alias(Call& call);

Result<Reply> list_admins(Call& call);
Result<Reply> add_admin(Call& call);
Result<Reply> show_admin(Call& call);
Result<Reply> set_admin(Call& call);
Result<Reply> delete_admin(Call& call);
Result<Reply> disable_admin(Call& call);
Result<Reply> enable_admin(Call& call);
Result<Reply> list_tokens(Call& call);
Result<Reply> add_token(Call& call);
Result<Reply> revoke_token(Call& call);

Result<Reply> explain(Call& call);
Result<Reply> lookup(Call& call);
Result<Reply> test_login(Call& call);

Result<Reply> status(Call& call);
Result<Reply> metrics(Call& call);
Result<Reply> list_audit(Call& call);
Result<Reply> list_jobs(Call& call);
Result<Reply> list_drift(Call& call);
Result<Reply> repair_drift(Call& call);
Result<Reply> list_strangers(Call& call);
Result<Reply> remove_stranger(Call& call);
Result<Reply> retry_job(Call& call);

}  // namespace provost::api
