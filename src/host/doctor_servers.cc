// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <map>
#include <set>

#include <fmt/format.h>

#include "base/text.h"
#include "host/diff.h"
#include "host/doctor_parts.h"
#include "host/other_smtpds.h"
#include "host/setup.h"

namespace provost::host {

namespace {

using Kind = PostfixEdit::Kind;

// Under which check a setting is told, and how bad it is; by the beginning of its name, the first that fits.
struct Topic {
    std::string_view beginning;
    char const* check;
    Health health;
};

constexpr auto maps = "postfix maps";
constexpr auto port_25 = "postfix port 25";
constexpr auto relaying = "postfix relaying";
constexpr auto sign_ins = "postfix sign-ins";
constexpr auto access_check = "postfix access";
constexpr auto policy = "postfix policy";
constexpr auto postfix_tls = "postfix TLS";
constexpr auto names = "postfix names";
constexpr auto delivery = "postfix delivery";
constexpr auto manners = "postfix manners";
constexpr auto overrides = "postfix overrides";

constexpr std::array postfix_topics{
    Topic{"provost_submission_", sign_ins, Health::red},
    Topic{"provost_recipients", access_check, Health::red},
    Topic{"provost_policy", policy, Health::red},
    Topic{"provost", maps, Health::red},
    Topic{"virtual_transport", delivery, Health::red},
    Topic{"virtual_alias_expansion_limit", manners, Health::yellow},
    Topic{"virtual_alias_recursion_limit", manners, Health::yellow},
    Topic{"virtual_", maps, Health::red},
    Topic{"transport_maps", maps, Health::red},
    Topic{"relay_domains", maps, Health::red},
    Topic{"relay_recipient_maps", maps, Health::red},
    Topic{"smtpd_sender_login_maps", maps, Health::red},
    Topic{"recipient_bcc_maps", maps, Health::red},
    Topic{"recipient_delimiter", maps, Health::red},
    Topic{"smtpd_sasl_auth_enable", port_25, Health::red},
    Topic{"smtpd_sasl_", sign_ins, Health::red},
    Topic{"smtpd_tls_auth_only", sign_ins, Health::red},
    Topic{"smtpd_relay_restrictions", relaying, Health::red},
    Topic{"mynetworks", relaying, Health::red},
    Topic{"smtpd_recipient_restrictions", access_check, Health::red},
    Topic{"smtpd_delay_reject", access_check, Health::red},
    Topic{"smtpd_tls_", postfix_tls, Health::red},
    Topic{"smtp_tls_", postfix_tls, Health::yellow},
    Topic{"mydestination", names, Health::red},
    Topic{"myhostname", names, Health::yellow},
    Topic{"inet_interfaces", names, Health::yellow},
    Topic{"", manners, Health::yellow},
};

// Of doveconf's paths.
constexpr std::array dovecot_topics{
    Topic{"service auth/", "dovecot auth", Health::red},
    Topic{"auth_", "dovecot auth", Health::red},
    Topic{"service imap-login/", "dovecot sign-ins", Health::red},
    Topic{"service pop3-login/", "dovecot sign-ins", Health::red},
    Topic{"service managesieve-login/", "dovecot sign-ins", Health::red},
    Topic{"disable_plaintext_auth", "dovecot sign-ins", Health::red},
    Topic{"ssl", "dovecot TLS", Health::red},
    Topic{"service lmtp/", "dovecot lmtp", Health::red},
    Topic{"quota", "dovecot quota", Health::red},
    Topic{"plugin/quota", "dovecot quota", Health::red},
    Topic{"plugin/", "dovecot plugins", Health::red},
    Topic{"last_login", "dovecot plugins", Health::red},
    Topic{"mail_plugins", "dovecot plugins", Health::red},
    Topic{"protocol ", "dovecot plugins", Health::red},
    Topic{"protocols", "dovecot protocols", Health::red},
    Topic{"base_dir", "dovecot protocols", Health::red},
    Topic{"mail_", "dovecot storage", Health::red},
    Topic{"first_valid_", "dovecot storage", Health::red},
    Topic{"recipient_delimiter", "dovecot storage", Health::red},
    Topic{"service doveadm/", "dovecot doveadm", Health::red},
    Topic{"", "dovecot manners", Health::yellow},
};

template <std::size_t size>
Topic const& topic_of(std::array<Topic, size> const& topics, std::string_view name)
{
    return *std::find_if(topics.begin(), topics.end(),
                         [&](auto const& topic) { return name.substr(0, topic.beginning.size()) == topic.beginning; });
}

// What is amiss, gathered by check.
class Chart {
public:
    template <std::size_t size>
    explicit Chart(std::array<Topic, size> const& topics)
    {
        for (auto const& topic : topics) add(topic.check);
    }

    void add(std::string const& check)
    {
        if (amiss_.emplace(check, Amiss{}).second) order_.push_back(check);
    }
    void note(std::string const& check, Health health, std::string what)
    {
        add(check);
        auto& amiss = amiss_[check];
        amiss.health = std::max(amiss.health, health);
        amiss.sentences.push_back(std::move(what));
    }
    void tell(Examination const& exam) const
    {
        for (auto const& check : order_) {
            auto const& amiss = amiss_.at(check);
            if (amiss.sentences.empty()) exam.well(check, "as Provost needs it");
            else exam.ill(amiss.health, check, some_of(amiss.sentences), run_setup);
        }
    }

private:
    struct Amiss {
        Health health = Health::green;
        std::vector<std::string> sentences = {};
    };
    std::map<std::string, Amiss> amiss_;
    std::vector<std::string> order_;
};

std::string shown_value_of(std::string const& name, std::string const& value)
{
    return shown_setting(name, value).substr(name.size() + 3);
}

std::string is_but(std::string const& place, std::string const& now, std::string const& wanted)
{
    auto const is = now.empty() ? std::string("empty") : fmt::format("\"{}\"", escaped(shown_value_of(place, now)));
    return fmt::format("{} is {} and not \"{}\"", place, is, wanted);
}

std::string value_in(PostfixNow::Known const& known, std::string const& key)
{
    auto const found = known.find(key);
    return found == known.end() ? std::string() : found->second;
}

std::string sentence(PostfixEdit const& edit, PostfixNow const& now)
{
    switch (edit.kind) {
        case Kind::set:
            if (now.main.count(edit.key) == 0) return edit.key + " is not set";
            return is_but(edit.key, now.value(edit.key), edit.value);
        case Kind::first:
            return fmt::format("{} does not begin with \"{}\"", edit.key, edit.value);
        case Kind::remove:
            return fmt::format("{} is set", edit.key);
        case Kind::service:
            return fmt::format("master.cf has no smtpd at {}", edit.key);
        case Kind::remove_service:
            return fmt::format("master.cf has {} at a port of ours", edit.key);
        case Kind::option:
            if (now.options.count(edit.key) == 0) return "master.cf does not set " + edit.key;
            return is_but("master.cf: " + edit.key, value_in(now.options, edit.key), edit.value);
        case Kind::remove_option:
            return fmt::format("master.cf sets {} to \"{}\"", edit.key,
                               escaped(shown_value_of(edit.key, value_in(now.options, edit.key))));
    }
    return {};
}

bool is_of_service(Kind kind)
{
    return kind == Kind::service || kind == Kind::remove_service || kind == Kind::option || kind == Kind::remove_option;
}

// "submission/inet/smtpd_sasl_path" and "submission/inet" are of the service "submission".
std::string check_of_service(std::string const& key, PostfixOptions const& options)
{
    for (auto const& [service, check] :
         {std::pair(options.submission, "postfix submission"), std::pair(options.submissions, "postfix submissions")}) {
        if (key.starts_with(service + "/inet")) return check;
    }
    return port_25;
}

// Settings that lead elsewhere by way of master.cf, in services of which setup writes nothing.
void note_overrides(ServersNow const& now, Chart& chart)
{
    chart.add(overrides);
    std::set<std::string> ours;
    std::set<std::string> known;
    for (auto const& edit : now.edits) {
        if (is_of_service(edit.kind)) known.insert(edit.key);
        auto const& topic = topic_of(postfix_topics, edit.key);
        auto const leads = topic.check == std::string_view(maps) || topic.check == std::string_view(delivery);
        if (edit.kind == Kind::set && leads) ours.insert(edit.key);
    }
    for (auto const& [key, value] : now.postfix.options) {
        if (known.count(key) > 0 || ours.count(key.substr(key.rfind('/') + 1)) == 0) continue;
        // What an entry of a site's own does behind a filter is the site's affair.
        auto const debians = key.starts_with("cleanup/unix/") || key.starts_with("rewrite/unix/") ||
                             key.starts_with("smtp/inet/") || key.starts_with("smtpd/pass/") ||
                             key.starts_with("pickup/unix/") || key.starts_with("qmgr/unix/");
        chart.note(overrides, debians ? Health::red : Health::yellow,
                   fmt::format("master.cf sets {} to \"{}\"", key, escaped(shown_value_of(key, value))));
    }
}

// What setup leaves as it is, and does not mend.
void examine_other_smtpds(Examination const& exam, ServersNow const& now)
{
    constexpr auto check = "postfix other doors";
    auto const others = other_smtpds(now.postfix, now.options.postfix, now.edits);
    for (auto const& other : others) {
        exam.ill(other.health, check, "master.cf: " + other.service + " " + other.what,
                 "take that out of /etc/postfix/master.cf, or let people sign in at the submission services only");
    }
    if (others.empty()) exam.well(check, "nobody signs in or relays but where Provost is asked");
}

void examine_auth_listeners(Examination const& exam, DovecotNow const& now)
{
    constexpr auto check = "dovecot other sign-ins";
    auto const listeners = other_auth_listeners(now);
    for (auto const& listener : listeners) {
        exam.ill(
            Health::yellow, check,
            "Dovecot's auth listener " + listener +
                " is open: who asks there is not answered by the directory, and who is off in it may still be let in",
            "take the listener out of /etc/dovecot, and let its clients ask " +
                exam.site.settings.sockets.postfix_auth);
    }
    if (listeners.empty()) exam.well(check, "nobody is answered by Dovecot's own auth service");
}

void examine_postfix(Examination const& exam, ServersNow const& now)
{
    Chart chart(postfix_topics);
    for (auto check : {"postfix submission", "postfix submissions"}) chart.add(check);
    for (auto const& edit : pending_edits(now.edits, now.postfix)) {
        if (is_of_service(edit.kind)) {
            chart.note(check_of_service(edit.key, now.options.postfix), Health::red, sentence(edit, now.postfix));
        } else {
            auto const& topic = topic_of(postfix_topics, edit.key);
            chart.note(topic.check, topic.health, sentence(edit, now.postfix));
        }
    }
    note_overrides(now, chart);
    chart.tell(exam);
    examine_other_smtpds(exam, now);
}

// "0600", "00" and "0" are modes however many zeros lead.
std::string bare(std::string_view path, std::string value)
{
    if (!path.ends_with("/mode")) return value;
    auto const digits = value.find_first_not_of('0');
    return digits == std::string::npos ? "0" : value.substr(digits);
}

// Lists of plugins may have more than ours.
bool has_all(DovecotNow const& now, std::string const& path, std::string const& wanted)
{
    auto const has = now.words(path);
    for (auto const word : split(wanted, ' ')) {
        if (word.empty() || word.starts_with('$')) continue;
        if (std::find(has.begin(), has.end(), word) == has.end()) return false;
    }
    return true;
}

// 2.4 has a block for lists, of which doveconf says what is in it in its own way: "mail_plugins/quota = yes".
bool holds(DovecotNow const& now, std::string const& path, std::string const& wanted)
{
    if (path.ends_with("mail_plugins")) return has_all(now, path, wanted);
    auto const slash = path.rfind('/');
    if (slash != std::string::npos && path.substr(0, slash).ends_with("mail_plugins")) {
        return has_all(now, path.substr(0, slash), path.substr(slash + 1));
    }
    return bare(path, now.value(path)) == bare(path, wanted);
}

// doveconf hides what is called a key, also where it is none.
std::string shown_value(Examination const& exam, DovecotNow const& now, std::string const& path)
{
    auto const value = now.value(path);
    if (!value.starts_with("# hidden")) return value;
    auto const told = exam.run(doveconf(exam.root, {"-P", "-h", path}));
    return told ? std::string(trimmed(*told)) : value;
}

void examine_dovecot_files(Examination const& exam, DovecotNow const& now, std::string const& text)
{
    Chart chart(dovecot_topics);
    for (auto const& [path, wanted] : parse_doveconf(text).values) {
        // Dovecot's own auth service, which looks there, is asked by nobody.
        if (path.starts_with("passdb") || path.starts_with("userdb")) continue;
        if (holds(now, path, wanted)) continue;
        auto const is = shown_value(exam, now, path);
        if (is == wanted) continue;
        auto const& topic = topic_of(dovecot_topics, path);
        chart.note(topic.check, topic.health, is_but(path, is, wanted));
    }
    chart.tell(exam);
    examine_auth_listeners(exam, now);
}

Result<PostfixCopy> read_postfix(Root const& root, Runner const& run)
{
    auto const main = TRY(root.read("/etc/postfix/main.cf"));
    auto const master = TRY(root.read("/etc/postfix/master.cf"));
    return PostfixCopy::make(main, master, run);
}

bool read_postfix_version(Examination const& exam, ServersNow& now)
{
    auto const postfix = postfix_version(exam.run);
    if (postfix) {
        now.postfix_family = postfix->family;
        exam.well("postfix version", postfix->text);
    } else {
        exam.ill(Health::red, "postfix version", postfix.error().message, "install Debian's postfix, 3.7 to 3.10");
    }
    return postfix.has_value();
}

// Whether it is installed, known, and could start with its files.
bool read_dovecot_for(Examination const& exam, ServersNow& now)
{
    auto const version = dovecot_version(exam.run);
    if (!version) {
        exam.ill(Health::red, "dovecot version", version.error().message,
                 "install Debian's dovecot-imapd and dovecot-lmtpd, 2.3 or 2.4");
        return false;
    }
    now.dovecot_family = version->family;
    exam.well("dovecot version", version->text);
    auto dovecot = read_dovecot(exam.root, exam.run);
    if (dovecot) now.imap.dovecot = std::move(*dovecot);
    else
        exam.ill(Health::red, "dovecot files", dovecot.error().message,
                 "correct /etc/dovecot until `doveconf -n` is content");
    return now.imap.dovecot.has_value();
}

bool read_imap_server(Examination const& exam, ServersNow& now)
{
    auto const& settings = exam.site.settings;
    if (has_cyrus_here(settings)) return read_cyrus_for(exam, now);
    return is_of_cyrus(settings) || read_dovecot_for(exam, now);
}

void examine_dovecot(Examination const& exam, ServersNow const& now)
{
    auto const& options = now.options.dovecot;
    auto const text = dovecot_conf(now.dovecot_family, exam.site.settings, options);
    if (!text) return exam.ill(Health::red, "dovecot files", text.error().message, run_setup);
    examine_dovecot_files(exam, *now.imap.dovecot, *text);
    examine_lmtp(exam, options.lmtp_socket);
    examine_certificate(exam, "certificate of Dovecot", options.certificate, options.key);
}

}  // namespace

void examine_servers(Examination const& exam)
{
    ServersNow now;
    auto const has_postfix = read_postfix_version(exam, now);
    auto const has_other = read_imap_server(exam, now);
    if (!has_postfix || !has_other) return;
    auto const postfix = read_postfix(exam.root, exam.run);
    if (!postfix) {
        return exam.ill(Health::red, "postfix files", postfix.error().message,
                        "correct /etc/postfix, or put back its files by `provost setup --undo`");
    }
    now.postfix = postfix->now();
    auto const demands = postfix_demands(exam.root, exam.site.settings, now.postfix_family, {}, *postfix, now.imap);
    if (!demands && (demands.error().field == "--certificate" || demands.error().field == "--key")) {
        return exam.ill(Health::red, "certificate of Postfix", demands.error().message,
                        "put the file back, or run `provost setup --certificate FILE --key FILE`");
    }
    if (!demands) {
        return exam.ill(Health::red, "servers", "setup could not go by what is there: " + demands.error().message,
                        "correct that, and run `provost setup`");
    }
    now.options = demands->options;
    now.edits = demands->edits;
    examine_postfix(exam, now);
    examine_certificate(exam, "certificate of Postfix", now.options.postfix.certificate, now.options.postfix.key);
    if (now.imap.dovecot) examine_dovecot(exam, now);
    if (now.imap.cyrus) examine_cyrus(exam, now);
}

}  // namespace provost::host
