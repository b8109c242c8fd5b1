// SPDX-License-Identifier: Apache-2.0
#include "host/postfix_sasl.h"

#include <filesystem>

#include "base/text.h"
#include "host/cyrus_files.h"
#include "host/sockets.h"

namespace provost::host {

namespace {

// As smtpd sees the socket, which is in Postfix's chroot with it, or not.
Result<std::string> socket_path(config::Settings const& settings, PostfixNow const& now, PostfixOptions const& options)
{
    auto const& socket = settings.sockets.postfix_saslauthd;
    auto const inside = "/" + TRY(postfix_name(socket, options.queue_directory));
    auto const is_chrooted = [&](std::string const& service) {
        auto const entry = now.services.find(service + "/inet");
        if (entry == now.services.end()) return true;  // ours will be
        auto const fields = split(entry->second, ' ');
        return fields.size() > 4 && fields[4] == "y";
    };
    bool const first = is_chrooted(options.submission);
    if (first != is_chrooted(options.submissions)) {
        return fail(Fault::conflict, "master.cf: one of " + options.submission + " and " + options.submissions +
                                         " is chrooted and the other is not, but both read one " +
                                         smtpd_conf_path(now) + ": make the fifth field of both y");
    }
    return first ? inside : socket;
}

// The mechanism PLAIN is a plug-in of Cyrus SASL.
bool has_plain(Root const& root)
{
    std::error_code error;
    for (auto const& folder : std::filesystem::directory_iterator(root.at("/usr/lib"), error)) {
        if (std::filesystem::exists(folder.path() / "sasl2" / "libplain.so", error)) return true;
    }
    return false;
}

}  // namespace

std::string smtpd_conf_path(PostfixNow const& now)
{
    auto const folders = now.value("cyrus_sasl_config_path");
    // Debian's Postfix looks there when nothing is said.
    return (folders.empty() ? "/etc/postfix/sasl" : folders.substr(0, folders.find(':'))) + "/smtpd.conf";
}

Result<bool> signs_in_by_cyrus_sasl(Root const& root, config::Settings const& settings, PostfixNow const& now)
{
    if (now.value("smtpd_sasl_type") != "cyrus") return false;
    auto const path = smtpd_conf_path(now);
    auto const text = root.read(path);
    if (!text) return false;
    auto const options = TRY(parse_imapd_conf(*text, path));
    for (auto const& option : options) {
        auto const& ours = settings.sockets.postfix_saslauthd;
        // "/provost/saslauthd/mux" in the chroot.
        if (option.name == "saslauthd_path" && !option.value.empty() && ours.ends_with(option.value)) return true;
    }
    return false;
}

Result<std::string> smtpd_conf(Root const& root, config::Settings const& settings, PostfixNow const& now,
                               PostfixOptions const& options, std::string const& text)
{
    if (!has_plain(root)) {
        return refuse(Fault::conflict, "--smtp-sasl", "cyrus",
                      "needs Cyrus SASL's mechanisms: apt-get install libsasl2-modules");
    }
    auto const path = TRY(socket_path(settings, now, options));
    std::vector<ImapdEdit> const edits{
        {ImapdEdit::Kind::set, "pwcheck_method", "saslauthd"},
        {ImapdEdit::Kind::set, "saslauthd_path", path},
        {ImapdEdit::Kind::set, "mech_list", "PLAIN LOGIN", {"PLAIN", "LOGIN PLAIN"}},
    };
    auto const file = smtpd_conf_path(now);
    auto const has = TRY(parse_imapd_conf(text, file));
    std::map<std::string, std::string, std::less<>> known;
    for (auto const& option : has) known[option.name] = option.value;
    return with_edits(text, pending_edits(edits, known), file);
}

}  // namespace provost::host
