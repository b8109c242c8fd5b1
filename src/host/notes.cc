// SPDX-License-Identifier: Apache-2.0
#include "host/notes.h"

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <pwd.h>

#include <fmt/format.h>

#include "base/text.h"
#include "host/diff.h"
#include "host/other_smtpds.h"

namespace provost::host {

namespace {

using Kind = PostfixEdit::Kind;

constexpr std::size_t most_named = 8;
constexpr uid_t first_person = 1000;  // of Debian's adduser
constexpr uid_t last_person = 59'999;

struct Replaced {
    char const* parameter;
    char const* then;
};

// What becomes of a parameter's old value.
constexpr Replaced replaced[] = {
    {"virtual_mailbox_domains", "mail to domains that are not in the directory is refused"},
    {"virtual_mailbox_maps", "its mailboxes are unknown, and mail to them refused, until they are in the directory"},
    {"virtual_alias_domains", "mail to domains that are not in the directory is refused"},
    {"virtual_alias_maps", "its aliases are unknown until they are in the directory"},
    {"virtual_transport", "mail for mailboxes goes by LMTP to the server that keeps them"},
    {"transport_maps", "its routes are gone"},
    {"relay_domains", "mail to domains that are not in the directory is refused"},
    {"relay_recipient_maps", "its recipients are unknown until they are in the directory"},
    {"smtpd_sender_login_maps", "who may send as whom is what the directory says"},
    {"recipient_bcc_maps", "its copies are no longer made"},
    {"smtpd_relay_restrictions", "only mynetworks, and those who sign in to submission, may relay"},
    {"smtpd_sasl_path", "who signs in to send mail is asked of the directory"},
};

// What another value means to people; only where the site has set one itself.
constexpr Replaced changed[] = {
    {"smtpd_sasl_auth_enable", "who signs in at port 25 to send mail is refused there, and goes to submission"},
    {"recipient_delimiter", "addresses with the old one are no longer their mailboxes' own"},
    {"strict_rfc821_envelopes", "senders that write addresses without <> around them are refused"},
    {"notify_classes", "the postmaster gets no more letters about what goes wrong"},
    {"mailbox_size_limit", "mailboxes of the host's own users have no such limit"},
};

// What Debian sets, or nobody would miss.
bool is_usual(std::string const& parameter, std::string const& value)
{
    if (parameter == "virtual_transport") return value == "virtual";
    if (parameter == "relay_domains") return value == "$mydestination";
    if (parameter == "virtual_alias_domains") return value == "$virtual_alias_maps";
    if (parameter != "smtpd_relay_restrictions") return false;
    auto const all = listed_words(value);
    return std::all_of(all.begin(), all.end(), [](auto const& word) {
        return word == "permit_mynetworks" || word == "permit_sasl_authenticated" ||
               word == "defer_unauth_destination" || word == "reject_unauth_destination" || word == "reject";
    });
}

std::string some_of(std::vector<std::string> names)
{
    auto const more = names.size() > most_named;
    if (more) names.resize(most_named);
    return joined(names, ", ") + (more ? ", ..." : "");
}

// People with a login who have mail on this host.
std::vector<std::string> people_with_mail(Root const& root)
{
    std::vector<std::string> names;
    std::unique_ptr<std::FILE, int (*)(std::FILE*)> const file(std::fopen(root.at("/etc/passwd").c_str(), "re"),
                                                               std::fclose);
    for (passwd* entry = nullptr; file && (entry = ::fgetpwent(file.get())) != nullptr;) {
        if (entry->pw_uid < first_person || entry->pw_uid > last_person) continue;
        std::string const name = entry->pw_name;
        std::error_code error;
        auto const box = std::filesystem::file_size(root.at("/var/mail/" + name), error);
        if ((!error && box > 0) || root.exists(std::string(entry->pw_dir) + "/Maildir")) names.push_back(name);
    }
    return names;
}

std::string note_on_destinations(Root const& root, PostfixNow const& now, PostfixEdit const& edit)
{
    auto const kept = listed_words(edit.value);
    std::vector<std::string> gone;
    for (auto const& name : listed_words(now.value("mydestination"))) {
        auto const is_host = name.starts_with("localhost") || name == "$myhostname" || name == now.value("myhostname");
        if (!is_host && std::find(kept.begin(), kept.end(), name) == kept.end()) gone.push_back(name);
    }
    if (gone.empty()) return {};
    auto note = fmt::format(
        "mydestination: mail to {} goes to the users of this host now; then it is refused until the directory has the "
        "domain",
        some_of(gone));
    auto const people = people_with_mail(root);
    if (!people.empty()) note += ". Users with mail here: " + some_of(people);
    return note;
}

// Of an entry that was there: what it said itself or had from main.cf, and says no longer.
std::string note_on_option(PostfixNow const& now, PostfixEdit const& edit)
{
    auto const slash = edit.key.rfind('/');
    auto const service = edit.key.substr(0, slash);
    auto const parameter = edit.key.substr(slash + 1);
    if (now.services.count(service) == 0 || parameter == "syslog_name") return {};
    auto const own = now.options.find(edit.key);
    auto const is_own = own != now.options.end();
    auto const old = is_own ? own->second : parameter.ends_with("_restrictions") ? now.value(parameter) : std::string();
    // Debian's own entries name parameters that are for the site to set.
    auto const refers_to_nothing = old.starts_with("$mua_") && now.value(old.substr(1)).empty();
    if (old.empty() || refers_to_nothing || is_usual(parameter, old)) return {};
    if (!is_own)
        return fmt::format("{}: main.cf's {} is not asked there; ours is", service, shown_setting(parameter, old));
    return fmt::format("master.cf: {} becomes {}", shown_setting(edit.key, old),
                       edit.value.empty() ? "empty" : edit.value);
}

// Other values of settings that people feel.
std::string note_on_change(PostfixNow const& now, PostfixEdit const& edit)
{
    auto const old = now.value(edit.key);
    if (edit.key == "mynetworks" && old.empty()) {
        auto const style = now.value("mynetworks_style");
        if (style != "subnet" && style != "class") return {};
        return "mynetworks_style = " + style +
               ": the networks of this host relay no longer without signing in; --networks names those that may";
    }
    for (auto const& [parameter, then] : changed) {
        if (edit.key != parameter || old.empty() || (edit.key == "smtpd_sasl_auth_enable" && old != "yes")) continue;
        return fmt::format("{} = {} becomes {}: {}", parameter, old, edit.value.empty() ? "empty" : edit.value, then);
    }
    return {};
}

std::string note_on(Root const& root, PostfixNow const& now, PostfixEdit const& edit)
{
    switch (edit.kind) {
        case Kind::remove_service:
            return "master.cf: " + now.services.at(edit.key) + " makes room for ours";
        case Kind::remove_option:
            return fmt::format("master.cf: {} is taken out", shown_setting(edit.key, now.options.at(edit.key)));
        case Kind::remove:
            return edit.key == "local_recipient_maps" ? "local_recipient_maps, which was empty, is taken out: mail to "
                                                        "users that this host does not have is refused, not bounced"
                                                      : "";
        case Kind::set:
            break;
        case Kind::option:
            return note_on_option(now, edit);
        case Kind::first:
        case Kind::service:
            return {};
    }
    auto const old = now.value(edit.key);
    if (edit.key == "mydestination") return note_on_destinations(root, now, edit);
    if (edit.key == "mynetworks" && has_everybody(old)) return "mynetworks = " + old + " lets everybody relay";
    for (auto const& [parameter, then] : replaced) {
        if (edit.key != parameter || old.empty() || is_usual(parameter, old)) continue;
        return fmt::format("{} is no longer asked: {}", shown_setting(parameter, old), then);
    }
    return note_on_change(now, edit);
}

}  // namespace

std::vector<std::string> postfix_notes(Root const& root, PostfixNow const& now, std::vector<PostfixEdit> const& pending,
                                       PostfixOptions const& options)
{
    std::vector<std::string> notes;
    if (pending.empty()) return notes;
    for (auto const& edit : pending) {
        if (auto note = note_on(root, now, edit); !note.empty()) notes.push_back(std::move(note));
    }
    for (auto const& other : other_smtpds(now, options, pending)) {
        notes.push_back("master.cf: " + other.service + " stays as it is, and " + other.what);
    }
    return notes;
}

std::vector<std::string> dovecot_notes(DovecotNow const& now, std::string const& login_argument)
{
    for (std::string const program : {"imap-login", "pop3-login", "managesieve-login"}) {
        if (now.value("service " + program + "/executable") == program + " " + login_argument) return {};
    }
    std::vector<std::string> notes;
    for (auto const& [kind, driver, source] : now.lookups) {
        // Debian's: the users of the host.
        if (driver == "pam" || driver == "passwd") continue;
        notes.push_back(
            fmt::format("Dovecot's {} {}{} is no longer asked: its users sign in when they are in the "
                        "directory",
                        kind, driver, source.empty() ? "" : " " + source));
    }
    if (now.value("ssl") == "no" || now.value("disable_plaintext_auth") == "no" ||
        now.value("auth_allow_cleartext") == "yes") {
        notes.emplace_back("Dovecot lets people sign in without TLS now: then their programs must use STARTTLS or TLS");
    }
    for (auto const& listener : other_auth_listeners(now)) {
        notes.push_back(
            fmt::format("Dovecot's auth listener {} stays: who asks there is not answered by the directory, and who "
                        "is off in it may still be let in",
                        listener));
    }
    for (auto name : {"mail_location", "mail_path"}) {
        auto const location = now.value(name);
        if (location.empty() || location == "mbox:~/mail:INBOX=/var/mail/%u" || location == "%{home}/mail") continue;
        notes.push_back(
            fmt::format("{} = {}: mail that is stored there stays, but nobody sees it until it is brought "
                        "to the new mailboxes",
                        name, location));
    }
    return notes;
}

}  // namespace provost::host
