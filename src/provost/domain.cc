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
                            {"DESCRIPTION", "description"}},
                           "'*.example.org'"};
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

Action declare_rename(CLI::App& app)
{
    struct Said {
        std::string name, to;
        bool keep_addresses = false;
    };
    auto said = std::make_shared<Said>();
    auto options = std::make_shared<WriteOptions>();
    app.add_option("OLD", said->name, "Its name")->required();
    app.add_option("NEW", said->to, "The name it gets")->required();
    app.add_flag("--keep-addresses", said->keep_addresses, "The old name stays, as a domain mapped to the new one");
    options->declare(app, false);
    return [said, options](Session& session) {
        json::object body{{"to", said->to}};
        if (said->keep_addresses) body["keep_addresses"] = true;
        auto const done =
            session.client.send("POST", path_of(domain_noun(), said->name, "rename"), query_of(options->dry_run), body);
        if (!done) return complain(session, done.error());
        return print_done(session, "domain", "has its new name", *done);
    };
}

Action declare_delete(CLI::App& app)
{
    auto name = std::make_shared<std::string>();
    auto with_contents = std::make_shared<bool>(false);
    auto options = std::make_shared<WriteOptions>();
    app.add_option("NAME", *name, "Or a mask such as '*.test'")->required();
    app.add_flag("--with-contents", *with_contents,
                 "Its mailboxes are deleted too, its aliases removed, and so is what names them elsewhere");
    options->declare(app, true);
    return [name, with_contents, options](Session& session) {
        Change change{"DELETE", "", "deleted"};
        if (*with_contents) change.query = {{"with_contents", "true"}};
        change.always_asks = *with_contents;
        return change_each(session, domain_noun(), *name, *options, change);
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
              "provost domain add example.org --default-quota 5G --max-mailboxes 200",
              declare_add},
             list_verb(noun, "provost domain list '*.test'"),
             show_verb(noun, "provost domain show example.test"),
             set_verb(noun, "provost domain set example.test --catch-all alice@example.test"),
             change_verb(noun, {"enable"}, "Enable domains", "provost domain enable example.test",
                         {"POST", "enable", "enabled"}),
             change_verb(noun, {"disable"}, "Disable domains: their accounts cannot sign in, their mail is refused",
                         "provost domain disable example.test", {"POST", "disable", "disabled"}),
             {{"rename"},
              "Give a domain another name, with everything in it and everything that names it",
              "provost domain rename example.test example.org --keep-addresses",
              declare_rename},
             {{"delete", "del"},
              "Delete domains that have nothing in them, or --with-contents",
              "provost domain delete example.test --with-contents",
              declare_delete}}};
}

}  // namespace provost::cli
