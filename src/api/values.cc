// SPDX-License-Identifier: Apache-2.0
#include "api/values.h"

#include "base/text.h"
#include "directory/description.h"

namespace provost::api {
namespace {

using directory::right_words;

Result<std::uint8_t> read_rights(json::value const& value, std::string_view field)
{
    std::uint8_t rights = 0;
    for (auto const& word : TRY(From<std::vector<std::string>>::read(value, field))) {
        auto known = false;
        for (auto const& [right, text] : right_words) {
            if (folded(word) != text) continue;
            rights = static_cast<std::uint8_t>(rights | static_cast<std::uint8_t>(right));
            known = true;
        }
        if (!known) return refuse(Fault::invalid, field, word, "is not one of read, write, send-as");
    }
    if (rights == 0)
        return fail(Fault::invalid, std::string(field) + ": a member needs at least one right", std::string(field));
    return rights;
}

// A word of a list: its parser, with the field named as it was asked for.
template <class T>
Result<T> read_word(json::value const& value, std::string_view field, Result<T> (*parse)(std::string_view))
{
    return parse(TRY(From<std::string>::read(value, field)));
}

// "10G" as well as the number it stands for.
Result<Limit> read_limit(json::value const& value, std::string_view field,
                         Result<Limit> (*parse)(std::string_view, std::string_view), std::string_view rule)
{
    if (value.is_null()) return Limit::unset();
    if (value.is_string()) return parse(value.get_string(), field);
    if (value.is_int64() && value.get_int64() >= 0) return parse(std::to_string(value.get_int64()), field);
    return wrong_type(field, value, rule);
}

}  // namespace

tl::unexpected<Error> wrong_type(std::string_view field, json::value const& value, std::string_view wanted)
{
    return refuse(Fault::invalid, field, json::serialize(value), wanted);
}

Result<std::string> From<std::string>::read(json::value const& value, std::string_view field)
{
    if (value.is_null()) return std::string();
    if (!value.is_string()) return wrong_type(field, value, "is not a text");
    return std::string(value.get_string());
}

Result<bool> From<bool>::read(json::value const& value, std::string_view field)
{
    if (!value.is_bool()) return wrong_type(field, value, "is not true or false");
    return value.get_bool();
}

Result<Time> From<Time>::read(json::value const& value, std::string_view field)
{
    if (!value.is_string()) return wrong_type(field, value, "is not a time such as \"2026-11-20T23:09:03Z\"");
    return parse_time(std::string_view(value.get_string()), field);
}

Result<mail::DomainName> From<mail::DomainName>::read(json::value const& value, std::string_view field)
{
    return mail::DomainName::parse(TRY(From<std::string>::read(value, field)), field);
}

Result<mail::Address> From<mail::Address>::read(json::value const& value, std::string_view field)
{
    return mail::Address::parse(TRY(From<std::string>::read(value, field)), field);
}

Result<mail::DomainKind> From<mail::DomainKind>::read(json::value const& value, std::string_view field)
{
    return read_word(value, field, mail::parse_domain_kind);
}

Result<mail::MailboxKind> From<mail::MailboxKind>::read(json::value const& value, std::string_view field)
{
    return read_word(value, field, mail::parse_mailbox_kind);
}

Result<mail::MailboxState> From<mail::MailboxState>::read(json::value const& value, std::string_view field)
{
    return read_word(value, field, mail::parse_mailbox_state);
}

Result<mail::Suspension> From<mail::Suspension>::read(json::value const& value, std::string_view field)
{
    return read_word(value, field, mail::parse_suspension);
}

Result<mail::Posting> From<mail::Posting>::read(json::value const& value, std::string_view field)
{
    return read_word(value, field, mail::parse_posting);
}

Result<mail::Services> From<mail::Services>::read(json::value const& value, std::string_view field)
{
    if (value.is_string()) return mail::parse_services(std::string_view(value.get_string()));
    return mail::parse_services(joined(TRY(From<std::vector<std::string>>::read(value, field)), ","));
}

Result<directory::MemberChange> From<directory::MemberChange>::read(json::value const& value, std::string_view field)
{
    if (!value.is_object()) return wrong_type(field, value, "is not an object of mailbox and rights");
    directory::MemberChange member;
    for (auto const& [name, part] : value.get_object()) {
        if (name == "mailbox") {
            member.mailbox = TRY(From<std::string>::read(part, field));
        } else if (name == "rights") {
            member.rights = TRY(read_rights(part, field));
        } else {
            return refuse(Fault::invalid, field, std::string_view(name), "is neither mailbox nor rights");
        }
    }
    if (member.mailbox.empty() || member.rights == 0)
        return wrong_type(field, value, "needs both a mailbox and rights");
    return member;
}

Result<mail::Role> From<mail::Role>::read(json::value const& value, std::string_view field)
{
    return read_word(value, field, mail::parse_role);
}

Result<directory::DomainList> From<directory::DomainList>::read(json::value const& value, std::string_view field)
{
    if (value.is_string() && folded(value.get_string()) == "all") return directory::DomainList{true, {}};
    if (!value.is_null() && !value.is_array()) return wrong_type(field, value, "is neither a list of domains nor all");
    directory::DomainList list;
    list.names = TRY(From<std::vector<std::string>>::read(value, field));
    return list;
}

Result<Limit> read_size(json::value const& value, std::string_view field)
{
    return read_limit(value, field, parse_size, "is not a size such as 10G, 1048576, unlimited or none");
}

Result<Limit> read_count(json::value const& value, std::string_view field)
{
    return read_limit(value, field, parse_count, "is not a number, unlimited or none");
}

Result<Secret> read_secret(json::value const& value, std::string_view field)
{
    if (!value.is_string() || value.get_string().empty())
        return fail(Fault::invalid, std::string(field) + ": is not a text with at least one character",
                    std::string(field));
    return Secret(std::string(value.get_string()));
}

json::value shown(std::string_view text)
{
    if (text.empty()) return nullptr;
    return json::string(text);
}

json::value shown(char const* word) { return shown(std::string_view(word)); }
json::value shown(bool flag) { return flag; }
json::value shown(Time time) { return json::string(to_rfc3339(time)); }

json::value shown(Limit limit)
{
    if (limit.is_unset()) return nullptr;
    if (limit.is_unlimited()) return "unlimited";
    return *limit.number();
}

json::value shown(mail::Services services) { return shown(mail::words(services)); }

json::value shown(std::vector<std::string> const& texts)
{
    json::array out;
    for (auto const& text : texts) out.emplace_back(text);
    return out;
}

json::value shown(std::vector<mail::Address> const& addresses)
{
    json::array out;
    for (auto const& address : addresses) out.emplace_back(address.text());
    return out;
}

json::value shown(std::vector<mail::Member> const& members)
{
    json::array out;
    for (auto const& member : members) {
        if (member.name.empty()) continue;  // deleted: a member again if it comes back
        json::array rights;
        for (auto const& [right, text] : right_words)
            if ((member.rights & static_cast<std::uint8_t>(right)) != 0) rights.emplace_back(text);
        out.push_back(json::object{{"mailbox", member.name}, {"rights", rights}});
    }
    return out;
}

json::value shown(mail::Domains const& domains)
{
    if (domains.all) return "all";
    json::array out;
    for (auto const& domain : domains.some) out.emplace_back(domain.name);
    return out;
}

json::value shown(std::optional<Time> const& time)
{
    if (!time) return nullptr;
    return shown(*time);
}

json::value shown(std::optional<mail::Address> const& address)
{
    if (!address) return nullptr;
    return json::string(address->text());
}

json::value shown(std::optional<mail::DomainName> const& domain)
{
    if (!domain) return nullptr;
    return json::string(domain->text());
}

}  // namespace provost::api
