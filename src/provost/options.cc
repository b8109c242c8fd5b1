// SPDX-License-Identifier: Apache-2.0
#include "provost/options.h"

#include <algorithm>
#include <fstream>

#include <CLI/CLI.hpp>

#include "base/size.h"
#include "base/text.h"
#include "base/time.h"

namespace provost::cli {
namespace {

std::vector<std::string> items_of(std::vector<std::string> const& said)
{
    std::vector<std::string> items;
    for (auto const& text : said)
        for (auto part : split(text, ','))
            if (!trimmed(part).empty()) items.emplace_back(trimmed(part));
    if (items.size() == 1 && folded(items[0]) == "none") items.clear();
    return items;
}

Result<json::value> flag_of(std::string const& option, std::string const& text)
{
    auto const word = folded(text);
    for (auto const* yes : {"yes", "true", "on", "1", "y"})
        if (word == yes) return json::value(true);
    for (auto const* no : {"no", "false", "off", "0", "n"})
        if (word == no) return json::value(false);
    return refuse(Fault::invalid, option, text, "is not yes or no");
}

Result<json::value> word_of(mail::Field const& field, std::string const& option, std::string const& text)
{
    for (auto word : split(field.words, ','))
        if (folded(text) == trimmed(word)) return json::value(json::string(trimmed(word)));
    return refuse(Fault::invalid, option, text, "is not one of " + std::string(field.words));
}

// MAILBOX=read+write
Result<json::value> members_of(std::string const& option, std::vector<std::string> const& said)
{
    json::array members;
    for (auto const& item : items_of(said)) {
        auto const equals = item.rfind('=');
        if (equals == std::string::npos || equals == 0)
            return refuse(Fault::invalid, option, item, "is not like alice@example.org=read+write");
        json::array rights;
        for (auto right : split(std::string_view(item).substr(equals + 1), '+'))
            rights.emplace_back(json::string(right));
        members.push_back(json::object{{"mailbox", item.substr(0, equals)}, {"rights", std::move(rights)}});
    }
    return json::value(std::move(members));
}

// Nothing is null to the API.
json::value text_or_none(std::string const& text)
{
    if (text.empty() || folded(text) == "none") return nullptr;
    return json::string(text);
}

// "yes|no"
std::string choices_of(mail::Field const& field)
{
    std::vector<std::string> choices;
    for (auto word : split(field.words, ',')) choices.emplace_back(trimmed(word));
    return joined(choices, "|");
}

std::string shown_as(mail::Field const& field)
{
    switch (field.takes) {
        case mail::Takes::text:
            return "TEXT";
        case mail::Takes::word:
            return choices_of(field);
        case mail::Takes::flag:
            return "yes|no";
        case mail::Takes::size:
            return "SIZE";
        case mail::Takes::count:
            return "NUMBER";
        case mail::Takes::time:
            return "TIME";
        case mail::Takes::domain:
            return "DOMAIN";
        case mail::Takes::address:
            return "ADDRESS";
        case mail::Takes::addresses:
            return "ADDRESS,...";
        case mail::Takes::names:
            return "NAME,...";
        case mail::Takes::services:
            return "SERVICE,...";
        case mail::Takes::domains:
            return "DOMAIN,...";
        case mail::Takes::networks:
            return "NETWORK,...";
        case mail::Takes::members:
            break;
    }
    return "MAILBOX=RIGHTS,...";
}

bool is_list(mail::Takes takes)
{
    return takes == mail::Takes::addresses || takes == mail::Takes::names || takes == mail::Takes::services ||
           takes == mail::Takes::members || takes == mail::Takes::domains || takes == mail::Takes::networks;
}

Result<Secret> first_line_of(std::string const& path)
{
    std::ifstream file(path);
    std::string line;
    if (!file || !std::getline(file, line) || line.empty())
        return refuse(Fault::invalid, "--hash", path, "is not a file with a hash in its first line");
    return Secret(std::string(trimmed(line)));
}

Result<Secret> ask_twice(Surroundings& around, std::string const& whose)
{
    auto first = TRY(around.ask_secret("New password of " + whose + ": "));
    auto const second = TRY(around.ask_secret("The same again: "));
    if (first.reveal() != second.reveal()) return fail(Fault::invalid, "the two passwords are not the same");
    return first;
}

}  // namespace

std::string option_name(std::string_view field)
{
    auto name = "--" + std::string(field);
    std::replace(name.begin(), name.end(), '_', '-');
    return name;
}

Result<json::value> value_of(mail::Field const& field, std::vector<std::string> const& said)
{
    auto const option = option_name(field.name);
    auto const text = said.empty() ? std::string() : said.back();
    switch (field.takes) {
        case mail::Takes::text:
            return text.empty() ? json::value(nullptr) : json::value(json::string(text));
        case mail::Takes::word:
            return word_of(field, option, text);
        case mail::Takes::flag:
            return flag_of(option, text);
        case mail::Takes::size:
            CHECK_OK(parse_size(text, option));
            return json::value(json::string(text));
        case mail::Takes::count:
            CHECK_OK(parse_count(text, option));
            return json::value(json::string(text));
        case mail::Takes::time:
            if (!text_or_none(text).is_null()) CHECK_OK(parse_time(text, option));
            return text_or_none(text);
        case mail::Takes::domain:
        case mail::Takes::address:
            return text_or_none(text);
        case mail::Takes::members:
            return members_of(option, said);
        case mail::Takes::addresses:
        case mail::Takes::names:
        case mail::Takes::networks:
            break;
        case mail::Takes::domains:
        case mail::Takes::services: {
            if (items_of(said).size() == 1 && folded(items_of(said)[0]) == "all") return json::value("all");
            break;
        }
    }
    json::array items;
    for (auto const& item : items_of(said)) items.emplace_back(item);
    return json::value(std::move(items));
}

void FieldOptions::declare(CLI::App& app, bool adding, std::string_view but)
{
    for (auto const& field : fields_) {
        if (field.name == but || (field.on_add_only && !adding)) continue;
        auto& said = said_[std::string(field.name)];
        auto* option = app.add_option(option_name(field.name), said, std::string(field.help));
        option->type_name(shown_as(field))->type_size(1)->allow_extra_args(false);
        if (!is_list(field.takes)) option->expected(1)->multi_option_policy(CLI::MultiOptionPolicy::Throw);
    }
}

Result<json::object> FieldOptions::body() const
{
    json::object body;
    for (auto const& field : fields_) {
        auto const said = said_.find(std::string(field.name));
        if (said == said_.end() || said->second.empty()) continue;
        body[field.name] = TRY(value_of(field, said->second));
    }
    return body;
}

void PasswordOptions::declare(CLI::App& app, bool may_be_none)
{
    may_be_none_ = may_be_none;
    auto* sources = app.add_option_group("password", "One of; with none of them it is asked for");
    sources->add_flag("--password-stdin", from_stdin_, "The password is the first line of standard input");
    sources->add_option("--hash", hash_file_, "A file with a hash made elsewhere")->type_name("FILE");
    sources->add_flag("--hash-stdin", hash_from_stdin_, "The hash is the first line of standard input");
    if (may_be_none) sources->add_flag("--no-password", none_, "Nobody signs in with a password yet");
    sources->require_option(0, 1);
}

Result<json::object> PasswordOptions::body(Surroundings& around, std::string const& whose) const
{
    if (none_) return json::object();
    auto of = [](char const* member, Secret const& secret) { return json::object{{member, secret.reveal()}}; };
    if (from_stdin_) return of("password", TRY(around.read_secret()));
    if (hash_from_stdin_) return of("hash", TRY(around.read_secret()));
    if (!hash_file_.empty()) return of("hash", TRY(first_line_of(hash_file_)));
    if (around.can_ask) return of("password", TRY(ask_twice(around, whose)));
    return fail(Fault::invalid,
                std::string("there is no terminal to ask for a password: give --password-stdin, --hash") +
                    (may_be_none_ ? ", --hash-stdin or --no-password" : " or --hash-stdin"));
}

}  // namespace provost::cli
