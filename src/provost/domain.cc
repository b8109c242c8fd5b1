// SPDX-License-Identifier: Apache-2.0
#include <memory>

#include <CLI/CLI.hpp>

#include "provost/objects.h"
#include "provost/options.h"

namespace provost::cli {
namespace {

Noun const& domain_noun()
{
    static Noun const noun{"domain",
                           "domains",
                           "name",
                           mail::domain_fields,
                           {{"DOMAIN", "name"},
                            {"KIND", "kind"},
                            {"ENABLED", "enabled"},
                            {"MAILBOXES", "counts.mailboxes"},
                            {"OF", "max_mailboxes"},
                            {"ALIASES", "counts.aliases"},
                            {"OF", "max_aliases"},
                            {"QUOTA", "counts.quota_sum"},
                            {"OF", "total_quota"},
                            {"DESCRIPTION", "description"}}};
    return noun;
}

Action declare_add(CLI::App& app)
{
    auto name = std::make_shared<std::string>();
    auto fields = std::make_shared<FieldOptions>(domain_noun().fields);
    auto options = std::make_shared<WriteOptions>();
    app.add_option("NAME", *name)->required();
    fields->declare(app, true);
    options->declare(app, false);
    return [name, fields, options](Session& session) {
        auto body = fields->body();
        if (!body) return complain(session, body.error());
        (*body)["name"] = *name;
        auto const done = session.client.send("POST", "/domains", query_of(options->dry_run), *body);
        if (!done) return complain(session, done.error());
        return print_done(session, "domain", "added", *done);
    };
}

}  // namespace

Group domain_group()
{
    auto const& noun = domain_noun();
    return {"domain",
            "Domains: what this site takes mail for",
            {{{"add"},
              "Add a domain",
              "provost domain add example.test --default-quota 5G --max-mailboxes 200",
              declare_add},
             list_verb(noun, "provost domain list '*.test'"),
             show_verb(noun, "provost domain show example.test"),
             set_verb(noun, "provost domain set example.test --catch-all postmaster@example.test"),
             change_verb(noun, {"enable"}, "Enable domains", "provost domain enable example.test",
                         {"POST", "enable", "enabled"}),
             change_verb(noun, {"disable"}, "Disable domains: their accounts cannot sign in, their mail is refused",
                         "provost domain disable example.test", {"POST", "disable", "disabled"}),
             change_verb(noun, {"delete", "del"}, "Delete domains that have nothing in them",
                         "provost domain delete example.test", {"DELETE", "", "deleted"})}};
}

}  // namespace provost::cli
