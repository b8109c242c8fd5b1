// SPDX-License-Identifier: Apache-2.0
// What is asked of Cyrus by its administrator, and what its answers mean. One conversation, one thing at a time.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "mail/fullness.h"
#include "mail/model.h"
#include "targets/cyrus_admin.h"

namespace provost::targets {

// "CREATE user/alice@example.org: Mailbox already exists": what was asked for, and the server's words.
tl::unexpected<Error> cyrus_refused(std::string_view verb, std::string_view mailbox, net::ImapReply const& reply);

// OK, or cyrus_refused.
Result<void> cyrus_done(CyrusAdmin::Lease& cyrus, std::string_view verb, std::string_view mailbox,
                        net::ImapCommand const& command);

// Cyrus's ids of mailboxes by their names, of one or of all that match the pattern; there may be none.
// As metadata: STATUS is for those who may read, and Cyrus 3.6 answers LIST's MAILBOXID with bytes of other things.
Result<std::map<std::string, std::string>> cyrus_ids(CyrusAdmin::Lease& cyrus, std::string_view pattern);
Result<std::optional<std::string>> cyrus_id(CyrusAdmin::Lease& cyrus, std::string const& mailbox);

// The name of the mailbox with this id among those that match.
Result<std::optional<std::string>> cyrus_name(CyrusAdmin::Lease& cyrus, std::string_view pattern,
                                              std::string const& id);

struct CyrusContents {
    std::int64_t folders = 0;
    std::int64_t messages = 0;
    std::int64_t bytes = 0;
    bool was_used = false;  // a message was ever in one of them
};
Result<CyrusContents> cyrus_contents(CyrusAdmin::Lease& cyrus, std::string const& user);

struct CyrusQuota {
    bool has_root = false;
    std::optional<std::int64_t> kilobytes, messages;  // the limits
    std::int64_t used_kilobytes = 0, used_messages = 0;
    bool counts_bytes = false, counts_messages = false;  // a limit, and with it a use, is there
};
Result<CyrusQuota> cyrus_quota(CyrusAdmin::Lease& cyrus, std::string const& mailbox);

// "(STORAGE 20 MESSAGE 5)": KiB, a part of one counts as one.
std::string cyrus_limits(Limit bytes, Limit messages);
std::string cyrus_limits(CyrusQuota const& quota);

// Rights by user (RFC 4314).
Result<std::map<std::string, std::string>> cyrus_acl(CyrusAdmin::Lease& cyrus, std::string const& mailbox);
// Of a member of a shared mailbox.
std::string cyrus_rights(std::uint8_t rights);
inline constexpr std::string_view cyrus_owner_rights = "lrswipkxtecdan";
// Whether all of `wanted` are among `held`.
bool has_rights(std::string_view held, std::string_view wanted);

// "\Sent" for a folder with the name of a special use that may be created (RFC 6154); empty for others.
std::string special_use(std::string_view folder);

}  // namespace provost::targets
