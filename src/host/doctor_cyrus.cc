// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <map>

#include <fmt/format.h>

#include "base/text.h"
#include "host/doctor_parts.h"
#include "host/reload_cyrus.h"
#include "host/setup_cyrus.h"

namespace provost::host {

namespace {

struct Topic {
    std::string_view beginning;
    char const* check;
    Health health;
};

constexpr auto sign_ins = "cyrus sign-ins";
constexpr auto tls = "cyrus TLS";
constexpr auto mailboxes = "cyrus mailboxes";
constexpr auto manners = "cyrus manners";

constexpr std::array topics{Topic{"sasl_", sign_ins, Health::red},
                            Topic{"allowplaintext", sign_ins, Health::red},
                            Topic{"allowstarttls", tls, Health::red},
                            Topic{"allowanonymouslogin", sign_ins, Health::red},
                            Topic{"username_tolower", sign_ins, Health::red},
                            Topic{"userdeny_db", sign_ins, Health::red},
                            Topic{"tls_", tls, Health::red},
                            Topic{"virtdomains", mailboxes, Health::red},
                            Topic{"admins", mailboxes, Health::red},
                            Topic{"autocreate_", mailboxes, Health::red},
                            Topic{"allowusermoves", mailboxes, Health::red},
                            Topic{"delete_mode", mailboxes, Health::red},
                            Topic{"lmtp_downcase_rcpt", mailboxes, Health::red},
                            Topic{"", manners, Health::yellow}};

std::string sentence(ImapdEdit const& edit, CyrusNow const& now)
{
    auto const value = escaped(now.value(edit.name));
    if (edit.kind == ImapdEdit::Kind::remove) return fmt::format("imapd.conf sets {} to \"{}\"", edit.name, value);
    if (edit.kind == ImapdEdit::Kind::has) return fmt::format("{} does not name \"{}\"", edit.name, edit.value);
    if (now.options.count(edit.name) == 0) return edit.name + " is not set";
    return fmt::format("{} is \"{}\" and not \"{}\"", edit.name, value, edit.value);
}

// "imap_allowplaintext", which stands against ours, is told with it.
Topic const& topic_of(std::string_view name)
{
    auto const part = name.substr(name.find('_') == std::string_view::npos ? 0 : name.find('_') + 1);
    auto const fits = [](std::string_view of, Topic const& topic) {
        return of.substr(0, topic.beginning.size()) == topic.beginning;
    };
    auto const* const own =
        std::find_if(topics.begin(), topics.end(), [&](auto const& each) { return fits(name, each); });
    if (own->beginning != "") return *own;
    return *std::find_if(topics.begin(), topics.end(), [&](auto const& each) { return fits(part, each); });
}

void examine_options(Examination const& exam, CyrusDemands const& demands, CyrusNow const& now)
{
    std::map<std::string, std::pair<Health, std::vector<std::string>>> amiss;
    for (auto const& topic : topics) amiss[topic.check];
    for (auto const& edit : demands.imapd) {
        auto const& topic = topic_of(edit.name);
        auto& [health, sentences] = amiss[topic.check];
        health = std::max(health, topic.health);
        sentences.push_back(sentence(edit, now));
    }
    for (auto const& [check, found] : amiss) {
        if (found.second.empty()) exam.well(check, "as Provost needs it");
        else exam.ill(found.first, check, some_of(found.second), run_setup);
    }
}

void examine_conf(Examination const& exam, CyrusDemands const& demands)
{
    std::vector<std::string> wanted;
    for (auto const& edit : demands.conf) wanted.push_back(edit.what);
    if (wanted.empty()) return exam.well("cyrus services", "as Provost needs them");
    exam.ill(Health::red, "cyrus services", "cyrus.conf is not yet so that " + some_of(wanted), run_setup);
}

// Of users of that domain Cyrus asks without it, and finds none.
void examine_default_domain(Examination const& exam, CyrusNow const& now)
{
    constexpr auto check = "cyrus defaultdomain";
    auto const domain = now.value("defaultdomain");
    if (domain.empty() || domain == "internal") return exam.well(check, "internal");
    auto const is_plain = domain.find_first_of("/?%# ") == std::string::npos;
    auto const hosted = is_plain ? exam.ask("GET", "/domains/" + domain, {}).has_value() : false;
    if (!hosted) return exam.well(check, escaped(domain) + ", which the directory does not have");
    exam.ill(Health::red, check, escaped(domain) + " is cut off its users' names when they sign in",
             "write defaultdomain: internal in imapd.conf, once no mailbox lies there without a domain in its name");
}

void examine_memberships(Examination const& exam, CyrusOptions const& options)
{
    constexpr auto check = "cyrus groups";
    auto const missing = cyrus_memberships(exam.root, exam.site.settings, options);
    if (!missing) return exam.ill(Health::red, check, missing.error().message, "give Cyrus a key that it can read");
    if (missing->empty()) return exam.well(check, "the user cyrus may ask Provost and read its key");
    for (auto const& [user, group] : *missing) {
        exam.ill(Health::red, check, user + " is not in the group " + group, run_setup);
    }
}

}  // namespace

bool read_cyrus_for(Examination const& exam, ServersNow& now)
{
    auto const version = cyrus_version(exam.run);
    if (!version) {
        exam.ill(Health::red, "cyrus version", version.error().message, "install Debian's cyrus-imapd, 3.6 to 3.10");
        return false;
    }
    now.cyrus_family = version->family;
    exam.well("cyrus version", version->text);
    auto cyrus = read_cyrus(exam.root, exam.site.settings);
    auto const told = cyrus ? ask_cyrus(exam.root, exam.site.settings, exam.run)
                            : Result<CyrusNow::Known>(tl::make_unexpected(cyrus.error()));
    if (!told) {
        exam.ill(Health::red, "cyrus files", told.error().message,
                 "correct imapd.conf and cyrus.conf, or put them back by `provost setup --undo`");
        return false;
    }
    now.imap.cyrus = std::move(*cyrus);
    return true;
}

void examine_cyrus(Examination const& exam, ServersNow const& now)
{
    auto const& options = now.options.cyrus;
    auto const& cyrus = *now.imap.cyrus;
    auto const demands = cyrus_demands(exam.root, exam.site.settings, now.cyrus_family, options, cyrus);
    if (!demands) return exam.ill(Health::red, "cyrus files", demands.error().message, "correct that");
    examine_options(exam, *demands, cyrus);
    examine_conf(exam, *demands);
    examine_default_domain(exam, cyrus);
    examine_memberships(exam, options);
    examine_greeting(exam, "cyrus lmtp socket", options.lmtp_socket, "start Cyrus, and look at its log");
    examine_certificate(exam, "certificate of Cyrus", options.certificate, options.key);
}

void examine_cyrus_service(Examination const& exam)
{
    constexpr auto check = "service cyrus";
    if (cyrus_runs(exam.root, exam.site.settings, exam.run)) return exam.well(check, "runs");
    exam.ill(Health::red, check, "does not run",
             exam.root.exists("/run/systemd/system") ? "systemctl start cyrus-imapd, and look at its log"
                                                     : "start Cyrus: cyrmaster -d");
}

}  // namespace provost::host
