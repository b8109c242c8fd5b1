// SPDX-License-Identifier: Apache-2.0
#include "host/other_smtpds.h"

#include <algorithm>
#include <array>

#include "base/text.h"
#include "host/diff.h"
#include "host/settle.h"

namespace provost::host {

namespace {

std::string option_of(PostfixNow const& now, std::string const& service, std::string const& parameter)
{
    auto const found = now.options.find(service + "/" + parameter);
    return found == now.options.end() ? std::string() : found->second;
}

// Words that let nobody relay who may not by main.cf's own networks or a sign-in.
bool relays_as_usual(std::string const& value)
{
    constexpr std::array usual{"permit_mynetworks", "permit_sasl_authenticated", "defer_unauth_destination",
                               "reject_unauth_destination", "reject"};
    auto const words = listed_words(value);
    return std::all_of(words.begin(), words.end(),
                       [&](auto const& word) { return std::find(usual.begin(), usual.end(), word) != usual.end(); });
}

// Behind a filter of the host's own anything may be let through.
bool is_of_this_host(std::string const& service)
{
    return service.starts_with("127.") || service.starts_with("localhost:") || service.starts_with("[::1]:");
}

// What is to be said of one; with an empty sentence where there is nothing.
OtherSmtpd looked_at(PostfixNow const& now, std::string const& service)
{
    auto const signs_in = option_of(now, service, "smtpd_sasl_auth_enable") == "yes";
    for (std::string const parameter : {"smtpd_sasl_path", "smtpd_sasl_type"}) {
        auto const value = option_of(now, service, parameter);
        if (!signs_in || value.empty() || value == now.value(parameter)) continue;
        return {service, Health::red,
                "lets people in by " + shown_setting(parameter, value) +
                    ": the directory is not asked there, and who is off in it may still be let in"};
    }
    for (std::string const parameter : {"smtpd_relay_restrictions", "mynetworks"}) {
        auto const value = option_of(now, service, parameter);
        if (value.empty() || is_of_this_host(service) || relays_as_usual(value)) continue;
        return {service, Health::yellow, "has " + shown_setting(parameter, value) + " of its own, by which it relays"};
    }
    auto const senders = option_of(now, service, "smtpd_sender_restrictions");
    auto const owned = senders.find("_sender_login_mismatch") != std::string::npos ||
                       senders.find("$provost_submission_senders") != std::string::npos;
    if (!signs_in || owned) return {service, Health::green, ""};
    return {service, Health::yellow,
            "lets people sign in too: they are let in by the directory, but may send as anybody"};
}

}  // namespace

std::vector<OtherSmtpd> other_smtpds(PostfixNow now, PostfixOptions const& options,
                                     std::vector<PostfixEdit> const& edits)
{
    std::vector<OtherSmtpd> found;
    for (auto const& edit : edits) {
        if (edit.kind == PostfixEdit::Kind::set) now.main[edit.key] = edit.value;
    }
    for (auto const& [service, entry] : now.services) {
        auto const name = service.substr(0, service.rfind('/'));
        if (!entry.ends_with(" smtpd") || name == options.submission || name == options.submissions) continue;
        // What those at port 25 have of their own is taken out.
        if (service == "smtpd/pass" || port_of(name) == "25") continue;
        if (auto said = looked_at(now, service); !said.what.empty()) found.push_back(std::move(said));
    }
    return found;
}

}  // namespace provost::host
