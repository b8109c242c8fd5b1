// SPDX-License-Identifier: Apache-2.0
#include "targets/cyrus_names.h"

#include <algorithm>

#include "base/text.h"

namespace provost::targets {
namespace {

// MAX_MAILBOX_NAME of Cyrus 3.6 is 490, of which folders want most.
constexpr std::size_t longest_user = 254;
constexpr std::size_t moment_digits = 8;

bool is_letter_or_digit(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'); }

// GOODCHARS of Cyrus's mboxname.c without those that mean something to it: + begins a folder in a delivery, & is UTF-7.
bool is_good(char c)
{
    return is_letter_or_digit(c) || std::string_view(" #$'!,-.=_~:").find(c) != std::string_view::npos;
}

std::string_view local_part(std::string_view user) { return user.substr(0, user.rfind('@')); }

// With its @.
std::string_view domain_part(std::string_view user)
{
    auto const at = user.rfind('@');
    return at == std::string_view::npos ? std::string_view() : user.substr(at);
}

bool is_moment(std::string_view text)
{
    return text.size() == moment_digits && text.find_first_not_of("0123456789ABCDEF") == std::string_view::npos;
}

}  // namespace

Result<void> check_cyrus_user(std::string_view user)
{
    if (user.size() > longest_user) return refuse(Fault::invalid, "name", user, "is longer than Cyrus allows");
    auto const local = local_part(user);
    auto const bad = std::ranges::find_if_not(local, is_good);
    if (bad != local.end())
        return refuse(Fault::invalid, "name", user,
                      "has a character that no mailbox of Cyrus can have in its name: " + escaped({bad, bad + 1}));
    if (local.empty() || local.front() == '~' || local.front() == '-')
        return refuse(Fault::invalid, "name", user, "begins as no mailbox of Cyrus can");
    return {};
}

// The local part and the folder, with the server's separator.
std::string CyrusNamespace::path(std::string_view user, std::string_view folder) const
{
    std::string text(local_part(user));
    if (separator == '.') std::ranges::replace(text, '.', '^');
    if (!folder.empty()) text.append(1, separator).append(folder);
    return text;
}

std::string CyrusNamespace::from_path(std::string_view text) const
{
    std::string out(text);
    if (separator == '.') std::ranges::replace(out, '^', '.');
    return out;
}

std::string CyrusNamespace::mailbox(std::string_view user, std::string_view folder) const
{
    return prefix + path(user, folder).append(domain_part(user));
}

std::string CyrusNamespace::deleted_folders(std::string_view user) const
{
    return deleted + separator + mailbox(user, "*");
}

std::optional<CyrusNamespace::Place> CyrusNamespace::place(std::string_view mailbox) const
{
    auto const start = deleted + separator;
    bool const is_deleted = mailbox.starts_with(start);
    if (is_deleted) mailbox.remove_prefix(start.size());
    if (!mailbox.starts_with(prefix)) return std::nullopt;
    mailbox.remove_prefix(prefix.size());
    auto const domain = domain_part(mailbox);
    auto parts = split(local_part(mailbox), separator);
    Place found;
    if (is_deleted) {
        if (parts.size() < 2 || !is_moment(parts.back())) return std::nullopt;
        found.moment = parts.back();
        parts.pop_back();
    }
    found.user = from_path(parts.front()).append(domain);
    if (domain.empty() && !default_domain.empty()) found.user.append("@").append(default_domain);
    for (auto part = parts.begin() + 1; part != parts.end(); ++part)
        found.folder.append(found.folder.empty() ? 0 : 1, separator).append(*part);
    return found;
}

}  // namespace provost::targets
