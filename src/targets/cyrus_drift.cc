// SPDX-License-Identifier: Apache-2.0
// What is otherwise in Cyrus than the directory wants it, and what is done about that.
#include <algorithm>

#include "base/text.h"
#include "targets/cyrus.h"
#include "targets/cyrus_words.h"

namespace provost::targets {
namespace {

using mail::Mailbox;
using mail::MailboxState;
using net::ImapCommand;
using Lease = CyrusAdmin::Lease;

constexpr std::string_view stranger_name = "stranger-";

bool has_store(Mailbox const& mailbox)
{
    return mailbox.kind != mail::MailboxKind::service && !mailbox.store.generation.empty();
}

// A deleted mailbox is where it was last, under its own name or aside.
std::string wanted_name(Mailbox const& mailbox)
{
    return mailbox.state == MailboxState::deleted ? mailbox.store.name : mailbox.name;
}

std::string limits_text(std::string const& limits) { return limits == "()" ? "no limit" : limits; }

// Why the mailbox is not under its name.
Result<Difference> where_it_is(Lease& cyrus, Mailbox const& mailbox, bool name_is_taken)
{
    auto const& names = cyrus.names();
    auto const wanted = names.mailbox(wanted_name(mailbox));
    std::string const aside = name_is_taken ? "; what is in its place is moved aside" : "";
    if (auto const name = TRY(cyrus_name(cyrus, names.prefix + "*", mailbox.store.generation)))
        return Difference{"renamed", "is called " + *name + " in Cyrus, and not " + wanted, "rename it" + aside};
    if (auto const name = TRY(cyrus_name(cyrus, names.deleted + names.separator + "*", mailbox.store.generation)))
        return Difference{"deleted", "was deleted in Cyrus, which keeps it as " + *name, "rename it back" + aside};
    if (name_is_taken)
        return Difference{"replaced", "is another mailbox in Cyrus than the one that was made, which is nowhere",
                          "make it anew, empty" + aside};
    return Difference{"missing", "is nowhere in Cyrus, nor is its mail", "make it anew, empty"};
}

std::string described(CyrusGrant const& wrong)
{
    return wrong.who + (wrong.rights.empty() ? " has rights in " : " lacks rights in ") + wrong.folder;
}

}  // namespace

Result<std::vector<Difference>> Cyrus::compare(Mailbox const& mailbox)
{
    std::vector<Difference> found;
    if (!has_store(mailbox)) return found;
    auto cyrus = TRY(admin_.open());
    auto const user = wanted_name(mailbox);
    auto const name = cyrus.names().mailbox(user);
    auto const there = TRY(cyrus_id(cyrus, name));
    if (there != mailbox.store.generation) {
        found.push_back(TRY(where_it_is(cyrus, mailbox, there.has_value())));
        return found;
    }
    if (mailbox.state == MailboxState::deleted) return found;
    auto const wanted = cyrus_limits(mailbox.quota_bytes, mailbox.quota_messages);
    auto const held = cyrus_limits(TRY(cyrus_quota(cyrus, name)));
    if (held != wanted)
        found.push_back({"quota", "has " + limits_text(held) + " in Cyrus, and not " + limits_text(wanted), "set it"});
    for (auto const& wrong : TRY(wrong_rights(cyrus, mailbox, user)))
        found.push_back({"rights", described(wrong), wrong.rights.empty() ? "take them away" : "give them"});
    return found;
}

Result<mail::Store> Cyrus::mend(Mailbox const& mailbox)
{
    if (!has_store(mailbox)) return ensure(mailbox);
    auto wanted = mailbox;
    {
        auto cyrus = TRY(admin_.open());
        auto const& names = cyrus.names();
        auto const name = names.mailbox(wanted_name(mailbox));
        auto const& id = mailbox.store.generation;
        auto const there = TRY(cyrus_id(cyrus, name));
        if (there && there != id) {
            auto const at = mailbox.name.rfind('@');
            auto const aside = std::string(stranger_name)
                                   .append(*there)
                                   .append(at == std::string::npos ? std::string() : mailbox.name.substr(at));
            CHECK_OK(cyrus_done(cyrus, "RENAME", name, ImapCommand("RENAME").text(name).text(names.mailbox(aside))));
        }
        bool const is_somewhere = there == id || TRY(cyrus_name(cyrus, names.prefix + "*", id)) ||
                                  TRY(cyrus_name(cyrus, names.deleted + names.separator + "*", id));
        if (!is_somewhere) wanted.store.generation.clear();
    }
    if (mailbox.state != MailboxState::deleted) return ensure(wanted);
    if (wanted.store.generation.empty())
        return fail(Fault::unavailable, "it was deleted, and is nowhere in Cyrus: it can only be purged");
    return put_back(wanted);
}

Result<std::vector<Stranger>> Cyrus::strangers(std::function<bool(std::string const&)> const& is_ours)
{
    auto cyrus = TRY(admin_.open());
    std::vector<Stranger> found;
    for (auto const& [name, id] : TRY(cyrus_ids(cyrus, cyrus.names().prefix + "*"))) {
        auto const place = cyrus.names().place(name);
        if (place && place->folder.empty() && !is_ours(id)) found.push_back({place->user, id});
    }
    return found;
}

Result<void> Cyrus::remove(Stranger const& stranger)
{
    auto cyrus = TRY(admin_.open());
    auto const name = cyrus.names().mailbox(stranger.name);
    if (TRY(cyrus_id(cyrus, name)) != stranger.id)
        return refuse(Fault::not_found, "id", stranger.id, "is not that of " + name + " any more");
    return remove_at(cyrus, name);
}

}  // namespace provost::targets
