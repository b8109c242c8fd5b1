// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <chrono>
#include <future>
#include <memory>

#include "api/handlers.h"
#include "api/objects.h"
#include "base/text.h"
#include "directory/sight.h"
#include "mail/answers.h"

namespace provost::api {
namespace {

char const* word(directory::Found found)
{
    switch (found) {
        case directory::Found::found:
            return "found";
        case directory::Found::not_found:
            return "not_found";
        case directory::Found::cannot_tell:
            break;
    }
    return "cannot_tell";
}

// "not allowed" as programs write it.
std::string one_word(std::string text)
{
    std::replace(text.begin(), text.end(), ' ', '_');
    return text;
}

char const* word(mail::Sort sort)
{
    switch (sort) {
        case mail::Sort::foreign:
            return "foreign";
        case mail::Sort::nothing:
            return "nothing";
        case mail::Sort::alias:
            return "alias";
        case mail::Sort::mailbox:
            return "mailbox";
        case mail::Sort::mapped:
            return "mapped";
        case mail::Sort::catch_all:
            return "catch_all";
        case mail::Sort::relay:
            break;
    }
    return "relay";
}

char const* word(mail::Standing standing)
{
    switch (standing) {
        case mail::Standing::deliverable:
            return "deliverable";
        case mail::Standing::held:
            return "held";
        case mail::Standing::refused:
            return "refused";
        case mail::Standing::gone:
            break;
    }
    return "gone";
}

json::object asked(directory::Lookups& lookups, mail::Map map, std::string_view key)
{
    std::string text;
    auto const found = lookups.ask(map, key, text);
    json::object out{
        {"map", mail::word(map)}, {"key", key}, {"outcome", word(found)}, {"value", nullptr}, {"reason", nullptr}};
    if (found == directory::Found::found) out["value"] = text;
    if (found == directory::Found::cannot_tell) out["reason"] = shown(escaped(text));
    return out;
}

// Every map with the key that Postfix would give it for this address.
json::array every_map(directory::Lookups& lookups, mail::Address const& address)
{
    json::array out;
    for (auto map : mail::all_maps) {
        auto const of_domain =
            map == mail::Map::domains || map == mail::Map::aliasdomains || map == mail::Map::relaydomains;
        out.push_back(asked(lookups, map, of_domain ? address.domain() : std::string_view(address.text())));
    }
    return out;
}

// The rows of the table of who is told what that are no maps.
json::array every_service(mail::Condition condition)
{
    json::array out;
    for (auto question : {mail::Question::sign_in, mail::Question::user_delivery, mail::Question::user_admin,
                          mail::Question::list_admin, mail::Question::as_target})
        out.push_back(json::object{{"question", mail::word(question)},
                                   {"told", mail::word(mail::who_is_told_what(question, condition))}});
    return out;
}

json::array steps_of(mail::Expansion const& expansion)
{
    json::array out;
    for (auto const& step : expansion.steps)
        out.push_back(json::object{{"subject", step.subject}, {"what", step.what}, {"leads_to", shown(step.leads_to)}});
    return out;
}

mail::Service service_named(std::string_view text)
{
    for (auto service : {mail::Service::imap, mail::Service::pop3, mail::Service::submission, mail::Service::sieve})
        if (text == mail::word(service)) return service;
    return mail::Service::web;
}

Result<mail::Service> read_service(std::string const& text)
{
    if (text.empty()) return mail::Service::imap;
    auto const wanted = folded(text);
    for (auto const& known : mail::words(mail::Services::all()))
        if (wanted == known) return service_named(wanted);
    return refuse(Fault::invalid, "service", text, "is not one of " + joined(mail::words(mail::Services::all()), ", "));
}

}  // namespace

Result<Reply> explain(Call& call)
{
    auto const address = TRY(mail::Address::parse(call.parameter("address"), "address"));
    auto const& authority = call.caller.authority;
    CHECK_OK(authority.check({directory::Right::see, directory::Ground::address, false}, address.text()));
    auto& house = call.house;
    replica::Held const held(house.replica);
    if (!house.replica.health().usable)
        return fail(Fault::unavailable, "there is no local copy of the directory to answer from yet");
    mail::Answers const answers(*held, now(), house.lookups.site().delimiter);
    auto const found = answers.resolver().find(address);
    auto const expansion = directory::as_seen(answers.resolver().expand(address), address.text(), authority);

    Reply reply{{{"address", found.address},
                 {"is", word(found.sort)},
                 {"extension", shown(found.extension())},
                 {"mailbox", nullptr},
                 {"condition", nullptr},
                 {"steps", steps_of(expansion)},
                 {"recipients", shown(expansion.recipients)},
                 {"standing", word(answers.resolver().standing(found.address))},
                 {"too_large", expansion.too_large},
                 {"loop", expansion.loop ? shown(std::string_view(*expansion.loop)) : nullptr},
                 {"maps", every_map(house.lookups, address)},
                 {"services", nullptr}}};
    if (auto const mailbox = answers.login(found.address); mailbox && authority.sees(mailbox->name)) {
        auto const condition = answers.condition(*mailbox);
        reply.body["mailbox"] = shown(mailbox->name);
        reply.body["condition"] = mail::word(condition);
        reply.body["services"] = every_service(condition);
    }
    return reply;
}

Result<Reply> lookup(Call& call)
{
    auto const name = call.parameter("map");
    auto const map = directory::Lookups::map_named(name);
    if (!map) {
        auto const near = nearest(name, directory::Lookups::map_names());
        return refuse(Fault::invalid, "map", name,
                      near ? "is not a map; did you mean " + *near + "?"
                           : "is not one of " + joined(directory::Lookups::map_names(), ", "));
    }
    auto const key = call.parameter("key");
    CHECK_OK(directory::check_key(call.caller.authority, key));
    replica::Held const held(call.house.replica);
    return Reply{asked(call.house.lookups, *map, key)};
}

Result<Reply> test_login(Call& call)
{
    directory::LoginAttempt attempt;
    attempt.login = TRY(take_text(call.body, "login"));
    attempt.authzid = TRY(take_text(call.body, "authzid"));
    auto const said = TRY(take_text(call.body, "service"));
    attempt.service = TRY(read_service(said));
    attempt.from = TRY(take_text(call.body, "from"));
    auto const* password = call.body.if_contains("password");
    if (!password) return fail(Fault::invalid, "password: is missing", "password");
    attempt.password = TRY(read_secret(*password, "password"));
    attempt.is_trial = true;
    call.body.erase("password");
    CHECK_OK(nothing_else(call.body, {"login", "authzid", "service", "from", "password"}));

    // Guesses are counted by where they come from, which nobody else may make up.
    CHECK_OK(call.caller.authority.check_field(!attempt.from.empty(), "from"));
    CHECK_OK(directory::check_login(call.caller.authority, call.house.replica, call.house.lookups.site().delimiter,
                                    attempt.login));
    auto const service = attempt.service;
    Stopwatch const watch;
    auto promise = std::make_shared<std::promise<directory::LoginOutcome>>();
    auto future = promise->get_future();
    call.house.logins.verify(std::move(attempt),
                             [promise](directory::LoginOutcome outcome) { promise->set_value(std::move(outcome)); });
    directory::LoginOutcome outcome;
    outcome.reason = "no answer in time";
    if (future.wait_for(call.house.login_deadline) == std::future_status::ready) outcome = future.get();
    return Reply{{{"verdict", one_word(directory::word(outcome.verdict))},
                  {"name", shown(outcome.name)},
                  {"service", mail::word(service)},
                  {"reason", shown(outcome.reason)},
                  {"took_ms", watch.elapsed().count()}}};
}

}  // namespace provost::api
