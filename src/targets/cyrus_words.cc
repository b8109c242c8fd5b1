// SPDX-License-Identifier: Apache-2.0
#include "targets/cyrus_words.h"

#include <algorithm>
#include <array>

#include "base/text.h"

namespace provost::targets {
namespace {

using net::ImapCommand;
using net::ImapReply;
using net::ImapValue;
using Lease = CyrusAdmin::Lease;

constexpr std::string_view unique_id = "/shared/vendor/cmu/cyrus-imapd/uniqueid";
constexpr std::size_t longest_words = 200;

bool says(ImapReply const& reply, std::string_view code, std::string_view words)
{
    return reply.code.name == code || reply.text.find(words) != std::string::npos;
}

bool is_missing(ImapReply const& reply) { return says(reply, "NONEXISTENT", "does not exist"); }

// Of bytes, of KiB, of messages: no more than can be added up, of as many folders as there may be.
constexpr std::int64_t largest_number = std::int64_t{1} << 45;

std::int64_t number_in(ImapValue const& value)
{
    return std::clamp<std::int64_t>(to_integer(value.text).value_or(0), 0, largest_number);
}

// Whether a line of LIST tells of a folder that has messages, or may have.
bool lists_folder(net::ImapUntagged const& said)
{
    return said.name == "LIST" && !said.values.empty() &&
           std::ranges::none_of(said.values[0].items, [](auto const& flag) { return flag.is_word("\\NonExistent"); });
}

// Calls `visit(name, value)` for the pairs of a list: (STORAGE 5 MESSAGES 2).
template <class Visit>
void each_pair(ImapValue const& list, Visit visit)
{
    for (std::size_t i = 0; i + 1 < list.items.size(); i += 2) visit(list.items[i], list.items[i + 1]);
}

void add_resource(CyrusQuota& quota, std::vector<ImapValue> const& items, std::size_t at)
{
    auto const used = number_in(items[at + 1]);
    auto const limit = number_in(items[at + 2]);
    if (items[at].is_word("STORAGE")) {
        quota.counts_bytes = true;
        quota.used_kilobytes = used;
        quota.kilobytes = limit;
    }
    if (items[at].is_word("MESSAGE")) {
        quota.counts_messages = true;
        quota.used_messages = used;
        quota.messages = limit;
    }
}

}  // namespace

tl::unexpected<Error> cyrus_refused(std::string_view verb, std::string_view mailbox, ImapReply const& reply)
{
    auto const said = (reply.code.name.empty() ? std::string() : "[" + reply.code.name + "] ") + reply.text;
    return fail(Fault::unavailable, std::string("Cyrus: ")
                                        .append(verb)
                                        .append(" ")
                                        .append(escaped(mailbox))
                                        .append(": ")
                                        .append(escaped(said, longest_words)));
}

Result<void> cyrus_done(Lease& cyrus, std::string_view verb, std::string_view mailbox, ImapCommand const& command)
{
    auto const reply = TRY(cyrus.ask(command));
    if (!reply.is_ok()) return cyrus_refused(verb, mailbox, reply);
    return {};
}

Result<std::map<std::string, std::string>> cyrus_ids(Lease& cyrus, std::string_view pattern)
{
    auto const reply =
        TRY(cyrus.ask(ImapCommand("GETMETADATA").text(pattern).word("(" + std::string(unique_id) + ")")));
    std::map<std::string, std::string> found;
    if (!reply.is_ok() && is_missing(reply)) return found;
    if (!reply.is_ok()) return cyrus_refused("GETMETADATA", pattern, reply);
    for (auto const& said : reply.untagged) {
        if (said.name != "METADATA" || said.values.size() != 2) continue;
        each_pair(said.values[1], [&](ImapValue const& entry, ImapValue const& value) {
            if (entry.text == unique_id && value.kind == ImapValue::Kind::string)
                found[said.values[0].text] = value.text;
        });
    }
    return found;
}

Result<std::optional<std::string>> cyrus_id(Lease& cyrus, std::string const& mailbox)
{
    auto const found = TRY(cyrus_ids(cyrus, mailbox));
    // One at most, and the server may write its name otherwise than we do.
    return found.empty() ? std::nullopt : std::optional(found.begin()->second);
}

Result<std::optional<std::string>> cyrus_name(Lease& cyrus, std::string_view pattern, std::string const& id)
{
    for (auto const& [name, its_id] : TRY(cyrus_ids(cyrus, pattern)))
        if (its_id == id) return name;
    return std::nullopt;
}

Result<CyrusContents> cyrus_contents(Lease& cyrus, std::string const& user)
{
    auto const inbox = cyrus.names().mailbox(user);
    std::vector<ImapCommand> asked;
    for (auto const& pattern : {inbox, cyrus.names().folders(user)})
        asked.push_back(ImapCommand("LIST").text("").text(pattern).word("RETURN (STATUS (MESSAGES UIDNEXT SIZE))"));
    auto const replies = TRY(cyrus.ask_all(asked));
    CyrusContents found;
    std::int64_t listed = 0;
    for (auto const& reply : replies) {
        if (!reply.is_ok()) return cyrus_refused("LIST", inbox, reply);
        for (auto const& said : reply.untagged) {
            listed += lists_folder(said);
            if (said.name != "STATUS" || said.values.size() != 2) continue;
            ++found.folders;
            each_pair(said.values[1], [&](ImapValue const& what, ImapValue const& value) {
                if (what.is_word("MESSAGES")) found.messages += number_in(value);
                if (what.is_word("SIZE")) found.bytes += number_in(value);
                if (what.is_word("UIDNEXT")) found.was_used |= number_in(value) != 1;
            });
        }
    }
    // RFC 5819: of one whose status cannot be read there is none. It is not empty for that.
    if (listed != found.folders)
        return fail(Fault::unavailable, "Cyrus does not tell what is in " + escaped(inbox) + " and its folders");
    return found;
}

Result<CyrusQuota> cyrus_quota(Lease& cyrus, std::string const& mailbox)
{
    auto const reply = TRY(cyrus.ask(ImapCommand("GETQUOTA").text(mailbox)));
    CyrusQuota quota;
    if (!reply.is_ok() && is_missing(reply)) return quota;
    if (!reply.is_ok()) return cyrus_refused("GETQUOTA", mailbox, reply);
    for (auto const& said : reply.untagged) {
        if (said.name != "QUOTA" || said.values.size() != 2) continue;
        quota.has_root = true;
        auto const& items = said.values[1].items;
        for (std::size_t i = 0; i + 2 < items.size(); i += 3) add_resource(quota, items, i);
    }
    return quota;
}

std::string cyrus_limits(Limit bytes, Limit messages)
{
    std::string text = "(";
    if (auto const most = bytes.number()) text += "STORAGE " + std::to_string(*most / 1024 + (*most % 1024 != 0));
    if (auto const most = messages.number())
        text += (text.size() > 1 ? " " : "") + std::string("MESSAGE ") + std::to_string(*most);
    return text + ")";
}

std::string cyrus_limits(CyrusQuota const& quota)
{
    auto const of = [](std::optional<std::int64_t> number, std::int64_t unit) {
        return number ? Limit::of(*number * unit) : Limit::unlimited();
    };
    return cyrus_limits(of(quota.kilobytes, 1024), of(quota.messages, 1));
}

Result<std::map<std::string, std::string>> cyrus_acl(Lease& cyrus, std::string const& mailbox)
{
    auto const reply = TRY(cyrus.ask(ImapCommand("GETACL").text(mailbox)));
    if (!reply.is_ok()) return cyrus_refused("GETACL", mailbox, reply);
    std::map<std::string, std::string> found;
    for (auto const& said : reply.untagged) {
        if (said.name != "ACL") continue;
        for (std::size_t i = 1; i + 1 < said.values.size(); i += 2)
            found[said.values[i].text] = said.values[i + 1].text;
    }
    return found;
}

std::string cyrus_rights(std::uint8_t rights)
{
    auto const has = [&](mail::Right right) { return (rights & static_cast<std::uint8_t>(right)) != 0; };
    if (has(mail::Right::write)) return "lrswipkxte";
    return has(mail::Right::read) ? "lrs" : "";
}

bool has_rights(std::string_view held, std::string_view wanted)
{
    return std::ranges::all_of(wanted, [&](char right) { return held.find(right) != std::string_view::npos; });
}

std::string special_use(std::string_view folder)
{
    static constexpr std::array<std::string_view, 5> uses{"Archive", "Drafts", "Junk", "Sent", "Trash"};
    return std::ranges::find(uses, folder) == uses.end() ? std::string() : "\\" + std::string(folder);
}

}  // namespace provost::targets
