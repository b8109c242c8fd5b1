// SPDX-License-Identifier: Apache-2.0
#include "directory/description.h"

#include <algorithm>

#include "base/text.h"

namespace provost::directory {
namespace {

std::string text_of(std::optional<Time> const& time) { return time ? to_rfc3339(*time) : "never"; }
std::string text_of(bool value) { return value ? "yes" : "no"; }
std::string text_of(std::optional<mail::Address> const& address) { return address ? address->text() : ""; }
std::string text_of(std::vector<mail::Address> const& addresses)
{
    std::vector<std::string> texts;
    for (auto const& address : addresses) texts.push_back(address.text());
    return joined(texts, ",");
}

std::string text_of(mail::Domains const& domains)
{
    if (domains.all) return "all";
    std::vector<std::string> names;
    for (auto const& domain : domains.some) names.push_back(domain.name);
    return joined(names, ",");
}

std::string json_text(std::string_view text)
{
    static constexpr char digits[] = "0123456789abcdef";
    std::string out = "\"";
    for (char c : text) {
        auto const byte = static_cast<unsigned char>(c);
        if (c == '"' || c == '\\') {
            out += '\\';
            out += c;
        } else if (byte < 0x20) {
            out += "\\u00";
            out += digits[byte >> 4U];
            out += digits[byte & 15U];
        } else {
            out += c;
        }
    }
    return out + '"';
}

std::string json_object(Fields const& fields)
{
    std::string out = "{";
    for (auto const& [name, value] : fields) {
        if (out.size() > 1) out += ",";
        out += json_text(name) + ":" + json_text(value);
    }
    return out + "}";
}

std::string rights_text(std::uint8_t rights)
{
    std::vector<std::string> words;
    for (auto const& [right, text] : right_words)
        if ((rights & static_cast<std::uint8_t>(right)) != 0) words.emplace_back(text);
    return joined(words, "+");
}

Fields not_in(Fields const& fields, Fields const& other)
{
    Fields out;
    for (auto const& field : fields)
        if (std::find(other.begin(), other.end(), field) == other.end()) out.push_back(field);
    return out;
}

}  // namespace

Fields describe(mail::Domain const& domain)
{
    return {{"kind", word(domain.kind)},
            {"description", domain.description},
            {"enabled", text_of(domain.enabled)},
            {"expires", text_of(domain.expires)},
            {"maps_to", domain.maps_to ? domain.maps_to->text() : ""},
            {"transport", domain.transport},
            {"catch_all", text_of(domain.catch_all)},
            {"archive_to", text_of(domain.archive_to)},
            {"max_mailboxes", count_text(domain.limits.mailboxes)},
            {"max_aliases", count_text(domain.limits.aliases)},
            {"max_aliases_per_mailbox", count_text(domain.limits.aliases_per_mailbox)},
            {"max_external_aliases", count_text(domain.limits.external_aliases)},
            {"max_quota", size_text(domain.limits.quota_per_mailbox)},
            {"default_quota", size_text(domain.limits.default_quota)},
            {"total_quota", size_text(domain.limits.total_quota)}};
}

Fields describe(mail::Mailbox const& mailbox)
{
    std::vector<std::string> members;
    for (auto const& member : mailbox.members)
        if (!member.name.empty()) members.push_back(member.name + "=" + rights_text(member.rights));
    return {{"kind", word(mailbox.kind)},
            {"name", mailbox.name},
            {"logins", joined(mailbox.logins, ",")},
            {"display_name", mailbox.display_name},
            {"state", word(mailbox.state)},
            {"suspension", word(mailbox.suspension)},
            {"expires", text_of(mailbox.expires)},
            {"restorable_until", text_of(mailbox.restorable_until)},
            {"quota", size_text(mailbox.quota_bytes)},
            {"quota_messages", count_text(mailbox.quota_messages)},
            {"forwards", text_of(mailbox.forwards)},
            {"keep_copy", text_of(mailbox.keep_copy)},
            {"services", joined(words(mailbox.services), ",")},
            {"transport", mailbox.transport},
            {"recovery_address", text_of(mailbox.recovery_address)},
            {"members", joined(members, ",")}};
}

Fields describe(mail::Alias const& alias)
{
    return {{"targets", text_of(alias.targets)},
            {"description", alias.description},
            {"enabled", text_of(alias.enabled)},
            {"expires", text_of(alias.expires)},
            {"targets_may_send", text_of(alias.targets_may_send)},
            {"posting", word(alias.posting)},
            {"posters", text_of(alias.posters)}};
}

Fields describe(mail::Admin const& admin)
{
    return {{"role", word(admin.role)},          {"domains", text_of(admin.domains)},
            {"description", admin.description},  {"enabled", text_of(admin.enabled)},
            {"expires", text_of(admin.expires)}, {"mailbox", admin.mailbox ? admin.mailbox->name : ""}};
}

Fields describe(mail::Token const& token)
{
    return {{"id", token.id.text()},
            {"label", token.label},
            {"role", word(token.role)},
            {"domains", text_of(token.domains)},
            {"read_only", text_of(token.read_only)},
            {"networks", joined(token.networks, ",")},
            {"expires", text_of(token.expires)}};
}

std::pair<std::string, std::string> difference(Fields const& before, Fields const& after)
{
    return {json_object(not_in(before, after)), json_object(not_in(after, before))};
}

}  // namespace provost::directory
