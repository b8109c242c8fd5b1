// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <filesystem>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "base/text.h"
#include "base/time.h"
#include "host/doctor_parts.h"
#include "host/doors.h"
#include "host/smtp_client.h"
#include "targets/doveadm.h"

namespace provost::host {

namespace {

constexpr std::chrono::milliseconds patience{5'000};
constexpr auto start_servers = "start Postfix and the server of the mailboxes, or correct [doors] in the settings";

// A queue this long is listed for its age; a longer one is told of by its length.
constexpr std::size_t longest_listed = 2'000;
constexpr std::chrono::hours old{4};  // five attempts of Postfix's usual ones

std::string place(targets::Door const& door) { return fmt::format("{}:{}", door.host, door.port); }

// What is wrong with SMTP's offers at a door where users sign in; empty where nothing is.
Result<std::string> trouble_at_submission(targets::Door const& door)
{
    auto const implicit = door.tls == targets::DoorTls::implicit;
    auto client = TRY(SmtpClient::connect(door.host, door.port, implicit, patience));
    auto ehlo = TRY(client.ehlo());
    if (!implicit) {
        if (offers(ehlo, "AUTH")) return "lets people sign in without TLS";
        if (!offers(ehlo, "STARTTLS")) return "does not offer STARTTLS";
        CHECK_OK(client.start_tls());
        ehlo = TRY(client.ehlo());
    }
    if (!offers(ehlo, "AUTH")) return "does not let anybody sign in: it offers no AUTH";
    return std::string();
}

Result<std::string> trouble_at_mailboxes(targets::Door const& door)
{
    auto client = TRY(net::LineClient::connect(door.host, door.port,
                                               {.timeout = patience, .longest_line = 8192, .longest_literal = 8192}));
    if (door.tls == targets::DoorTls::implicit) {
        CHECK_OK(client.start_tls(net::TlsCheck::none(targets::is_a_door_of_this_host)));
    }
    auto const greeting = TRY(client.read_line());
    auto const greets = door.kind == targets::DoorKind::imap   ? "* OK"
                        : door.kind == targets::DoorKind::pop3 ? "+OK"
                                                               : "\"IMPLEMENTATION\"";
    return greeting.starts_with(greets) ? std::string() : "greets with: " + escaped(greeting);
}

void examine_door(Examination const& exam, targets::Door const& door)
{
    auto const check = "door " + door.name;
    auto const is_smtp = door.kind == targets::DoorKind::submission;
    auto const trouble = is_smtp ? trouble_at_submission(door) : trouble_at_mailboxes(door);
    if (!trouble) exam.ill(Health::red, check, place(door) + ": " + trouble.error().message, start_servers);
    else if (!trouble->empty()) exam.ill(Health::red, check, place(door) + " " + *trouble, run_setup);
    else exam.well(check, place(door));
}

// What postconf says of this root's Postfix; nothing where it cannot.
std::string told_by_postconf(Examination const& exam, std::vector<std::string> const& arguments)
{
    std::vector<std::string> words{"postconf"};
    if (!exam.root.is_host()) words.insert(words.end(), {"-c", exam.root.at("/etc/postfix")});
    words.insert(words.end(), arguments.begin(), arguments.end());
    return exam.run(words).value_or("");
}

// Nobody signs in at port 25, with TLS or without.
Result<std::string> trouble_at_25(std::string const& address)
{
    auto client = TRY(SmtpClient::connect(address, 25, false, patience));
    auto ehlo = TRY(client.ehlo());
    if (offers(ehlo, "AUTH")) return "lets people sign in, even without TLS";
    if (!offers(ehlo, "STARTTLS")) return "does not offer STARTTLS";
    CHECK_OK(client.start_tls());
    ehlo = TRY(client.ehlo());
    return std::string(offers(ehlo, "AUTH") ? "lets people sign in" : "");
}

void examine_port_25(Examination const& exam)
{
    constexpr auto check = "door smtp";
    auto const address =
        address_of_port_25(told_by_postconf(exam, {"-M"}), told_by_postconf(exam, {"-hx", "inet_interfaces"}));
    auto const trouble = trouble_at_25(address);
    auto const place = address + ":25";
    if (!trouble)
        exam.ill(Health::red, check, place + ": " + trouble.error().message, "start Postfix, and look at its log");
    else if (!trouble->empty()) exam.ill(Health::red, check, place + " " + *trouble, run_setup);
    else exam.well(check, place + ", without AUTH");
}

// Files below a folder of the queue, up to one more than `most`.
std::size_t files_below(std::string const& folder, std::size_t most)
{
    namespace fs = std::filesystem;
    std::error_code error;
    std::size_t count = 0;
    fs::recursive_directory_iterator each(folder, fs::directory_options::skip_permission_denied, error);
    for (; !error && each != fs::end(each) && count <= most; each.increment(error)) {
        if (each->is_regular_file(error)) ++count;
    }
    return count;
}

// The oldest message of the queue "deferred", as postqueue -j tells it; the epoch where there is none.
std::int64_t oldest_deferred(std::string_view listed)
{
    std::int64_t oldest = 0;
    for (auto const line : split(listed, '\n')) {
        boost::json::error_code trouble;
        auto const value = boost::json::parse({line.data(), line.size()}, trouble);
        if (trouble || !value.is_object()) continue;
        auto const* queue = value.get_object().if_contains("queue_name");
        auto const* arrival = value.get_object().if_contains("arrival_time");
        if (!queue || !queue->is_string() || queue->get_string() != "deferred") continue;
        if (!arrival || !arrival->is_int64()) continue;
        if (oldest == 0 || arrival->get_int64() < oldest) oldest = arrival->get_int64();
    }
    return oldest;
}

}  // namespace

std::string address_of_port_25(std::string_view services, std::string_view interfaces)
{
    std::vector<std::string> addresses;
    for (auto const line : split(services, '\n')) {
        auto const name = line.substr(0, line.find_first_of(" \t"));
        if (words_of(line).find(" inet ") == std::string::npos || port_of(name) != "25") continue;
        auto const colon = name.rfind(':');
        addresses.emplace_back(colon == std::string_view::npos ? "" : name.substr(0, colon));
    }
    if (addresses.empty() || std::count(addresses.begin(), addresses.end(), "") > 0) {
        addresses = listed_words(trimmed(interfaces));
    }
    for (auto const* here : {"all", "loopback-only", "localhost", "127.0.0.1"}) {
        if (addresses.empty() || std::count(addresses.begin(), addresses.end(), here) > 0) return "127.0.0.1";
    }
    auto address = addresses.front();
    if (address.starts_with('[') && address.ends_with(']')) address = address.substr(1, address.size() - 2);
    return address;
}

void examine_doors(Examination const& exam)
{
    examine_port_25(exam);
    for (auto const& door : doors_of(exam.site.settings.doors)) examine_door(exam, door);
}

void examine_doveadm(Examination const& exam)
{
    constexpr auto check = "doveadm";
    auto const& dovecot = exam.site.settings.dovecot;
    auto const key = exam.root.read(dovecot.doveadm_key_file);
    if (!key) return exam.ill(Health::red, check, key.error().message, run_init);
    targets::Doveadm const doveadm({.url = dovecot.doveadm_url, .api_key = Secret(std::string(trimmed(*key)))});
    auto const answer = doveadm.ask(targets::who_request());
    if (answer) return exam.well(check, fmt::format("{}: {} sessions", dovecot.doveadm_url, answer->rows.size()));
    exam.ill(Health::red, check, "sessions cannot be ended: " + answer.error().message,
             "run `provost setup`, which gives Dovecot the key, and see that Dovecot runs");
}

void examine_queue(Examination const& exam)
{
    constexpr auto check = "postfix queue";
    constexpr auto cure = "look at `postqueue -p` for the reasons, and at Postfix's log";
    std::size_t count = 0;
    for (auto queue : {"incoming", "active", "deferred"}) {
        count += files_below(exam.root.at("/var/spool/postfix/") + queue, longest_listed);
    }
    if (count > longest_listed) {
        return exam.ill(Health::yellow, check, fmt::format("more than {} letters wait", longest_listed), cure);
    }
    auto const listed = exam.run({"postqueue", "-j"});
    if (!listed && listed.error().fault == Fault::conflict) {
        return exam.ill(Health::yellow, check,
                        fmt::format("{} letters, for so many recipients that they cannot be listed: {}", count,
                                    listed.error().message),
                        cure);
    }
    if (!listed) return exam.ill(Health::red, check, listed.error().message, "start Postfix, and look at its log");
    auto const oldest = oldest_deferred(*listed);
    auto const age = oldest == 0 ? std::chrono::hours(0)
                                 : std::chrono::duration_cast<std::chrono::hours>(now() - from_millis(oldest * 1000));
    auto const what = fmt::format("{} letters", count);
    if (age < old) return exam.well(check, what);
    exam.ill(Health::yellow, check, fmt::format("{}, one of them put off for {} hours", what, age.count()), cure);
}

}  // namespace provost::host
