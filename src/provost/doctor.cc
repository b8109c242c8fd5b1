// SPDX-License-Identifier: Apache-2.0
#include "provost/doctor.h"

#include <map>
#include <memory>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "config/file.h"
#include "host/command.h"
#include "host/doctor_delivery.h"
#include "provost/command.h"
#include "provost/table.h"

namespace provost::cli {

using host::Finding;
using host::Health;

namespace {

constexpr int widest_check = 24;

// ECMA-48 SGR.
std::string painted(Health health, std::string const& text, bool colour)
{
    if (!colour) return text;
    auto const code = health == Health::green ? 32 : health == Health::yellow ? 33 : health == Health::red ? 31 : 2;
    return fmt::format("\x1b[{}m{}\x1b[0m", code, text);
}

std::string line_of(Finding const& finding, bool colour)
{
    auto const word = painted(finding.health, fmt::format("{:<8}", host::word(finding.health)), colour);
    auto const cure = finding.cure.empty() ? "" : ": " + finding.cure;
    return fmt::format("{}{:<{}} {}{}\n", word, finding.check, widest_check, printable(finding.what), printable(cure));
}

json::object to_json(Finding const& finding)
{
    return {{"check", finding.check},
            {"health", host::word(finding.health)},
            {"what", printable(finding.what)},
            {"cure", finding.cure.empty() ? json::value(nullptr) : json::value(printable(finding.cure))}};
}

// How many of each, in the order of Health.
std::map<Health, int> counted(std::vector<Finding> const& findings)
{
    std::map<Health, int> counts{{Health::green, 0}, {Health::yellow, 0}, {Health::red, 0}, {Health::skipped, 0}};
    for (auto const& finding : findings) ++counts[finding.health];
    return counts;
}

void print_sum(Session& session, std::vector<Finding> const& findings)
{
    auto& out = session.around.out;
    if (session.output == Output::csv) {
        Table table{{"health", "check", "what", "cure"}, {}};
        for (auto const& each : findings) {
            table.rows.push_back({host::word(each.health), each.check, each.what, each.cure});
        }
        out << as_csv(table);
        return;
    }
    auto const counts = counted(findings);
    if (session.output == Output::json) {
        json::object object{{"well", counts.at(Health::red) == 0}};
        for (auto const& [health, count] : counts) object[host::word(health)] = count;
        json::array items;
        for (auto const& each : findings) items.push_back(to_json(each));
        object["findings"] = std::move(items);
        out << json::serialize(object) << '\n';
        return;
    }
    std::string sum;
    for (auto const& [health, count] : counts) {
        if (count > 0) sum += (sum.empty() ? "" : ", ") + fmt::format("{} {}", count, host::word(health));
    }
    out << sum << '\n';
}

Exit look_over(Session& session, DoctorWishes const& wishes)
{
    auto const ask = [&](std::string const& method, std::string const& path, json::object const& body) {
        return method == "GET" ? session.client.get(path) : session.client.send(method, path, {}, body);
    };
    std::vector<Finding> findings;
    auto const say = [&](Finding const& finding) {
        findings.push_back(finding);
        if (session.output == Output::table) {
            session.around.out << line_of(finding, session.around.colour) << std::flush;
        }
    };
    auto const done = session.around.examine(session.settings_file, wishes, ask, say);
    if (!done) return complain(session, done.error());
    print_sum(session, findings);
    return counted(findings).at(Health::red) == 0 ? Exit::done : Exit::no;
}

}  // namespace

Result<void> examine_this_host(std::string const& settings_file, DoctorWishes const& wishes,
                               host::Examination::Ask const& ask, Say const& say)
{
    if (geteuid() != 0) return fail(Fault::denied, "only root may look this host over: sudo provost doctor");
    auto const read = config::read_settings(settings_file);
    if (!read && read.error().fault == Fault::not_found) {
        return fail(Fault::not_found, read.error().message + ": run `provost init` first");
    }
    auto const settings = TRY(read);
    host::Examination const exam{host::Root(), {settings, settings_file}, host::host_commands(), ask, say};
    host::examine(exam);
    if (wishes.delivery) {
        host::try_delivery(exam, wishes.domain);
    } else {
        exam.ill(Health::skipped, "delivery", "was not wanted", "run `provost doctor` without --no-delivery");
    }
    return {};
}

Verb doctor_verb()
{
    return {{"doctor"},
            "Look this host over, send a letter through it, and say what mends what is wrong; 1 where something is",
            "provost doctor --domain example.test",
            [](CLI::App& app) -> Action {
                auto wishes = std::make_shared<DoctorWishes>();
                app.add_flag("!--no-delivery", wishes->delivery, "Send no letter");
                app.add_option("--domain", wishes->domain, "Where the letter's mailbox is made; the first hosted one")
                    ->type_name("NAME");
                return [wishes](Session& session) {
                    if (!wishes->delivery && !wishes->domain.empty()) {
                        return complain(session, {Fault::invalid,
                                                  "--domain is where the letter goes, and with "
                                                  "--no-delivery there is none",
                                                  {}});
                    }
                    return look_over(session, *wishes);
                };
            }};
}

}  // namespace provost::cli
