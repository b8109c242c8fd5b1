// SPDX-License-Identifier: Apache-2.0
#include <memory>

#include <CLI/CLI.hpp>

#include "base/version.h"
#include "provost/objects.h"
#include "provost/options.h"
#include "provost/show.h"

namespace provost::cli {
namespace {

bool flag_in(json::object const& object, std::string_view part, std::string_view name)
{
    auto const* inner = object.if_contains(part);
    if (!inner || !inner->is_object()) return false;
    auto const* value = inner->get_object().if_contains(name);
    return value && value->is_bool() && value->get_bool();
}

// A record that takes no writes is worth a code of its own; and no local copy, since answers do.
Exit exit_of_status(json::object const& found, bool verified)
{
    if (verified && !flag_in(found, "verify", "equal")) return Exit::drift;
    return flag_in(found, "record", "writable") && flag_in(found, "replica", "usable") ? Exit::done : Exit::temporary;
}

Action declare_status(CLI::App& app)
{
    auto verify = std::make_shared<bool>(false);
    app.add_flag("--verify", *verify, "Compare all that is answered from with the database; 5 where they differ");
    return [verify](Session& session) {
        auto const found = session.client.get("/status", *verify ? Query{{"verify", "true"}} : Query{});
        if (!found) return complain(session, found.error());
        print_object(session, *found);
        return exit_of_status(*found, *verify);
    };
}

Action declare_version(CLI::App&)
{
    return [](Session& session) {
        if (session.output == Output::table) {
            session.around.out << "provost " << version << '\n';
        } else {
            print_object(session, json::object{{"version", version}});
        }
        return Exit::done;
    };
}

Action declare_audit(CLI::App& app)
{
    struct Said {
        std::string mask = "*";
        int limit = 100;
        std::int64_t before = 0;
    };
    auto said = std::make_shared<Said>();
    app.add_option("MASK", said->mask, "Of the names acted upon, such as '*@example.org'");
    app.add_option("--limit", said->limit, "How many, newest first")->capture_default_str()->check(CLI::Range(1, 1000));
    app.add_option("--before", said->before, "Only what was done before this revision: the last of another list")
        ->type_name("REVISION")
        ->check(CLI::PositiveNumber);
    return [said](Session& session) {
        Query query{{"mask", said->mask}, {"limit", std::to_string(said->limit)}};
        if (said->before > 0) query["before"] = std::to_string(said->before);
        auto const found = session.client.get("/audit", query);
        if (!found) return complain(session, found.error());
        auto const* items = found->if_contains("items");
        if (session.output == Output::json) {
            print_json(session, *found);
        } else {
            print_items(session, items && items->is_array() ? items->get_array() : json::array(),
                        {{"REVISION", "revision"},
                         {"AT", "at"},
                         {"WHO", "actor"},
                         {"FROM", "from"},
                         {"ACT", "act"},
                         {"SUBJECT", "subject"},
                         {"BEFORE", "before"},
                         {"AFTER", "after"}});
        }
        return Exit::done;
    };
}

Noun const& job_noun()
{
    static Noun const noun{"job",
                           "jobs",
                           "id",
                           {},
                           {{"ID", "id"},
                            {"DUE", "due"},
                            {"TARGET", "target"},
                            {"VERB", "verb"},
                            {"SUBJECT", "subject"},
                            {"ATTEMPTS", "attempts"},
                            {"LAST ERROR", "last_error"}}};
    return noun;
}

Action declare_jobs(CLI::App&)
{
    return [](Session& session) {
        auto const items = session.client.all("/jobs", {});
        if (!items) return complain(session, items.error());
        print_items(session, *items, job_noun().columns);
        return Exit::done;
    };
}

Action declare_retry(CLI::App& app)
{
    auto id = std::make_shared<std::string>();
    auto all = std::make_shared<bool>(false);
    auto options = std::make_shared<WriteOptions>();
    auto* which = app.add_option_group("which", "One of");
    which->add_option("ID", *id, "As job list shows it");
    which->add_flag("--all", *all, "All of them");
    which->require_option(1);
    options->declare(app, false);
    return [id, all, options](Session& session) {
        Change const retry{"POST", "retry", "put first"};
        if (!*all) return change_each(session, job_noun(), *id, *options, retry);
        auto const items = session.client.all("/jobs", {});
        if (!items) return complain(session, items.error());
        return change_these(session, job_noun(), names_of(job_noun(), *items), *options, retry);
    };
}

}  // namespace

Group daemon_group()
{
    return {"",
            "",
            {{{"status"},
              "The daemon's health; 75 while its database or its copy is away",
              "provost status --verify",
              declare_status},
             drift_verb(),
             {{"version"}, "The version of this command", "provost version", declare_version}}};
}

Group audit_group()
{
    return {"audit",
            "What was done, by whom",
            {{{"list"}, "List acts, newest first", "provost audit list '*@example.test' --limit 20", declare_audit}}};
}

Group job_group()
{
    return {"job",
            "Work that is still to be done",
            {{{"list"}, "List it, with why it was not done yet", "provost job list", declare_jobs},
             {{"retry"}, "Try it now, and not when its wait is over", "provost job retry --all", declare_retry}}};
}

}  // namespace provost::cli
