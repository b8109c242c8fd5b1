// SPDX-License-Identifier: Apache-2.0
#include <memory>

#include <CLI/CLI.hpp>

#include "provost/objects.h"
#include "provost/options.h"

namespace provost::cli {
namespace {

Noun const& alias_noun()
{
    static Noun const noun{"alias",
                           "aliases",
                           "address",
                           mail::alias_fields,
                           {{"ALIAS", "address"},
                            {"TARGETS", "targets"},
                            {"ENABLED", "enabled"},
                            {"EXPIRES", "expires"},
                            {"DESCRIPTION", "description"}}};
    return noun;
}

Action declare_add(CLI::App& app)
{
    auto address = std::make_shared<std::string>();
    auto targets = std::make_shared<std::vector<std::string>>();
    auto fields = std::make_shared<FieldOptions>(alias_noun().fields);
    auto options = std::make_shared<WriteOptions>();
    app.add_option("ADDRESS", *address)->required();
    app.add_option("TARGETS", *targets, "Where its mail goes, one or more")->required();
    fields->declare(app, true, "targets");
    options->declare(app, false);
    return [address, targets, fields, options](Session& session) {
        auto body = fields->body();
        if (!body) return complain(session, body.error());
        (*body)["address"] = *address;
        auto const list = value_of(mail::Field{"targets", mail::Takes::addresses, ""}, *targets);
        if (!list) return complain(session, list.error());
        (*body)["targets"] = *list;
        auto const done = session.client.send("POST", "/aliases", query_of(options->dry_run), *body);
        if (!done) return complain(session, done.error());
        return print_done(session, "alias", "added", *done);
    };
}

}  // namespace

Group alias_group()
{
    auto const& noun = alias_noun();
    return {"alias",
            "Aliases: addresses that lead elsewhere",
            {{{"add"},
              "Add an alias",
              "provost alias add sales@example.test alice@example.test bob@example.test",
              declare_add},
             list_verb(noun, "provost alias list 'info@*'"),
             show_verb(noun, "provost alias show info@example.test"),
             set_verb(noun, "provost alias set info@example.test --targets alice@example.test,joe@example.org"),
             change_verb(noun, {"enable"}, "Enable aliases", "provost alias enable info@example.test",
                         {"POST", "enable", "enabled"}),
             change_verb(noun, {"disable"}, "Disable aliases: their mail is refused",
                         "provost alias disable info@example.test", {"POST", "disable", "disabled"}),
             change_verb(noun, {"delete", "del"}, "Delete aliases", "provost alias delete info@example.test",
                         {"DELETE", "", "deleted"})}};
}

}  // namespace provost::cli
