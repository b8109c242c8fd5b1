// SPDX-License-Identifier: Apache-2.0
#include "host/versions.h"

#include <optional>
#include <utility>

#include "base/text.h"

namespace provost::host {

namespace {

// "3.7.11" -> {3, 7}
std::optional<std::pair<std::int64_t, std::int64_t>> numbers(std::string_view text)
{
    auto const parts = split(text, '.');
    if (parts.size() < 2) return std::nullopt;
    auto const minor = parts[1].substr(0, parts[1].find_first_not_of("0123456789"));
    auto const first = to_integer(parts[0]);
    auto const second = to_integer(minor);
    if (!first || !second) return std::nullopt;
    return std::pair(*first, *second);
}

}  // namespace

Result<PostfixVersion> postfix_version(Runner const& run)
{
    auto const answer = TRY(run({"postconf", "-dh", "mail_version"}));
    std::string text(trimmed(answer));
    auto const version = numbers(text);
    // Those that were tested. From 3.9 on bare newlines are normalised by default.
    if (!version || version->first != 3 || version->second < 7 || version->second > 10) {
        return refuse(Fault::invalid, "postfix", text, "must be a version from 3.7 to 3.10");
    }
    return PostfixVersion{version->second < 9 ? PostfixFamily::v3_7 : PostfixFamily::v3_10, std::move(text)};
}

Result<DovecotVersion> dovecot_version(Runner const& run)
{
    auto const answer = TRY(run({"dovecot", "--version"}));
    std::string text(split(trimmed(answer), ' ').front());
    auto const version = numbers(text);
    if (version == std::pair<std::int64_t, std::int64_t>(2, 3)) return DovecotVersion{DovecotFamily::v2_3, text};
    if (version == std::pair<std::int64_t, std::int64_t>(2, 4)) return DovecotVersion{DovecotFamily::v2_4, text};
    return refuse(Fault::invalid, "dovecot", text, "must be version 2.3 or 2.4");
}

Result<CyrusVersion> cyrus_version(Runner const& run)
{
    auto const told = run({"/usr/lib/cyrus/bin/cyr_info", "version"});
    if (!told && told.error().fault == Fault::not_found) {
        return fail(Fault::not_found, "Cyrus is not installed on this host: apt-get install cyrus-imapd",
                    "cyrus-imapd");
    }
    auto const answer = TRY(told);
    // "cyrus-imapd 3.6.1-Debian-3.6.1-4+deb12u5"
    auto const words = split(trimmed(answer), ' ');
    std::string text(words.back().substr(0, words.back().find('-')));
    auto const version = numbers(text);
    // Those that were tested. 3.10 has STARTTLS off by default.
    if (words.front() != "cyrus-imapd" || !version || version->first != 3 || version->second < 6 ||
        version->second > 10) {
        return refuse(Fault::invalid, "cyrus-imapd", text, "must be a version from 3.6 to 3.10");
    }
    return CyrusVersion{version->second < 10 ? CyrusFamily::v3_6 : CyrusFamily::v3_10, std::move(text)};
}

}  // namespace provost::host
