// SPDX-License-Identifier: Apache-2.0
#include <boost/json.hpp>
#include <fmt/format.h>

#include "base/text.h"
#include "base/version.h"
#include "host/doctor_parts.h"

namespace provost::host {

namespace json = boost::json;

namespace {

// The follower asks the record every second or so.
constexpr std::int64_t late_ms = 60'000;

json::object part(json::object const& status, std::string_view name)
{
    auto const* found = status.if_contains(name);
    return found && found->is_object() ? found->get_object() : json::object();
}

bool flag(json::object const& object, std::string_view name)
{
    auto const* found = object.if_contains(name);
    return found && found->is_bool() && found->get_bool();
}

std::int64_t number(json::object const& object, std::string_view name)
{
    auto const* found = object.if_contains(name);
    return found && found->is_int64() ? found->get_int64() : 0;
}

std::string text(json::object const& object, std::string_view name)
{
    auto const* found = object.if_contains(name);
    return found && found->is_string() ? std::string(found->get_string()) : std::string();
}

void examine_record(Examination const& exam, json::object const& record)
{
    auto const trouble = escaped(text(record, "trouble"));
    if (!flag(record, "reachable")) {
        exam.ill(Health::red, "record", "the database cannot be reached: " + trouble,
                 "see to the database that [database] url names; mail goes on from the local copy meanwhile");
    } else if (!flag(record, "writable")) {
        exam.ill(Health::red, "record", "the database takes no writes: " + trouble,
                 "see to the disk and the rights of the database that [database] url names");
    } else {
        exam.well("record", fmt::format("revision {}", number(part(record, "position"), "revision")));
    }
}

void examine_replica(Examination const& exam, json::object const& replica)
{
    auto const age = number(replica, "age_ms");
    auto const what = fmt::format("revision {}, {:.1f} s old", number(part(replica, "position"), "revision"),
                                  static_cast<double>(age) / 1000);
    if (!flag(replica, "usable")) {
        exam.ill(Health::red, "replica", "there is no local copy to answer from: " + escaped(text(replica, "trouble")),
                 "see to the database, or to the folder replica in [state] folder, and restart provostd");
    } else if (age > late_ms) {
        exam.ill(Health::yellow, "replica", what, "see to the database: changes do not reach the servers");
    } else {
        exam.well("replica", what);
    }
}

void examine_work(Examination const& exam, json::object const& work)
{
    auto const failing = number(work, "failing");
    if (failing == 0) return exam.well("work", fmt::format("{} jobs", number(work, "pending")));
    exam.ill(Health::yellow, "work", fmt::format("{} jobs fail again and again", failing),
             "see why with `provost job list`");
}

// Whether it runs, as systemd knows or as the server itself says.
void examine_service(Examination const& exam, std::string const& unit, std::vector<std::string> const& otherwise,
                     std::string const& start)
{
    auto const check = "service " + unit;
    if (exam.root.exists("/run/systemd/system")) {
        auto const active = exam.run({"systemctl", "is-active", "--quiet", unit});
        if (active) return exam.well(check, "runs");
        return exam.ill(Health::red, check, "does not run",
                        "systemctl start " + unit + ", and see `systemctl status " + unit + "`");
    }
    if (otherwise.empty())
        return exam.ill(Health::skipped, check, "no systemd runs this host", "see whether its sockets answer");
    auto const answer = exam.run(otherwise);
    if (answer) return exam.well(check, "runs");
    exam.ill(Health::red, check, "does not run: " + answer.error().message, start);
}

// systemd may call it active where the instance that it passes everything on to has ended, as on Debian 12.
void examine_postfix_service(Examination const& exam)
{
    constexpr auto check = "service postfix";
    auto const answer = exam.run(postfix_command(exam.root, "status"));
    if (answer) return exam.well(check, "runs");
    exam.ill(
        Health::red, check, "does not run: " + answer.error().message,
        exam.root.exists("/run/systemd/system") ? "systemctl restart postfix, and look at its log" : "postfix start");
}

}  // namespace

void examine_daemon(Examination const& exam)
{
    auto const status = exam.ask("GET", "/status", {});
    if (!status) {
        return exam.ill(Health::red, "provostd", status.error().message, "start it, and look at its log");
    }
    auto const runs = text(*status, "version");
    if (runs == version) exam.well("provostd", "version " + runs);
    else
        exam.ill(Health::yellow, "provostd",
                 fmt::format("version {} runs, but {} is installed", escaped(runs), version), "restart provostd");
    examine_record(exam, part(*status, "record"));
    examine_replica(exam, part(*status, "replica"));
    examine_work(exam, part(*status, "work"));
}

bool has_nothing_in_it(Examination const& exam)
{
    auto const status = exam.ask("GET", "/status", {});
    if (!status) return false;
    auto const position = part(part(*status, "record"), "position");
    return position.contains("revision") && number(position, "revision") == 0;
}

void examine_services(Examination const& exam)
{
    if (exam.root.exists("/run/systemd/system")) examine_service(exam, "provostd", {}, {});
    examine_postfix_service(exam);
    if (has_cyrus_here(exam.site.settings)) examine_cyrus_service(exam);
    if (is_of_cyrus(exam.site.settings)) return;
    examine_service(exam, "dovecot", {"doveadm", "service", "status", "imap-login"}, "start Dovecot: dovecot");
}

}  // namespace provost::host
