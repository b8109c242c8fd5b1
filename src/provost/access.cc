// SPDX-License-Identifier: Apache-2.0
// Admins, and the tokens with which they call the API.
#include <memory>
#include <optional>

#include <CLI/CLI.hpp>

#include "provost/door.h"
#include "provost/objects.h"
#include "provost/options.h"

namespace provost::cli {
namespace {

Noun const& admin_noun()
{
    static Noun const noun{"admin",
                           "admins",
                           "name",
                           mail::admin_fields,
                           {{"ADMIN", "name"},
                            {"ROLE", "role"},
                            {"DOMAINS", "domains"},
                            {"ENABLED", "enabled"},
                            {"EXPIRES", "expires"},
                            {"MAILBOX", "mailbox"},
                            {"DESCRIPTION", "description"}},
                           "'ann*'"};
    return noun;
}

std::vector<Column> const& token_columns()
{
    static std::vector<Column> const columns{
        {"ID", "id"},           {"ADMIN", "admin"},       {"LABEL", "label"},
        {"ROLE", "role"},       {"DOMAINS", "domains"},   {"READ ONLY", "read_only"},
        {"EXPIRES", "expires"}, {"NETWORKS", "networks"}, {"LAST USED", "last_used"},
        {"FROM", "last_from"}};
    return columns;
}

Action declare_add(CLI::App& app)
{
    auto name = std::make_shared<std::string>();
    auto fields = std::make_shared<FieldOptions>(admin_noun().fields);
    auto options = std::make_shared<WriteOptions>();
    app.add_option("NAME", *name)->required();
    fields->declare(app, true);
    options->declare(app, false);
    return [name, fields, options](Session& session) {
        auto body = fields->body();
        if (!body) return complain(session, body.error());
        (*body)["name"] = *name;
        auto const done = session.client.send("POST", "/admins", query_of(options->dry_run), *body);
        if (!done) return complain(session, done.error());
        return print_done(session, "admin", "added", *done);
    };
}

std::string secret_in(json::object const& made)
{
    auto const* secret = made.if_contains("secret");
    return secret && secret->is_string() ? std::string(secret->get_string()) : std::string();
}

// To where it is shown, unless it is to go into a file.
Exit print_made(Session& session, json::object const& made)
{
    if (session.output == Output::csv) {
        print_items(session, {made}, {{"ID", "subject"}, {"REVISION", "revision"}, {"SECRET", "secret"}});
        return exit_of_done(made);
    }
    auto const code = print_done(session, "token", "added", made);
    if (auto const secret = secret_in(made); session.output == Output::table && !secret.empty())
        session.around.out << secret << "\n  note: this is its secret, shown this once\n";
    return code;
}

Exit make_token(Session& session, json::object const& body, Query const& query, std::optional<SecretFile> file)
{
    auto made = session.client.send("POST", "/tokens", query, body);
    if (!made) return complain(session, made.error());
    if (!file) return print_made(session, *made);
    auto const written = file->write(secret_in(*made));
    (*made)["secret"] = nullptr;
    auto const code = print_done(session, "token", "added", *made);
    // What was made stays made: a token whose secret nobody has can be revoked by its id.
    return written ? code : complain(session, written.error());
}

Action declare_token_add(CLI::App& app)
{
    struct Said {
        std::string admin;
        std::string file;
        FieldOptions fields{mail::token_fields};
        WriteOptions options;
    };
    auto said = std::make_shared<Said>();
    app.add_option("ADMIN", said->admin, "Whose it is")->required();
    said->fields.declare(app, true);
    app.add_option("--secret-file", said->file, "A new file for the secret, in place of showing it")->type_name("FILE");
    said->options.declare(app, false);
    return [said](Session& session) {
        auto body = said->fields.body();
        if (!body) return complain(session, body.error());
        (*body)["admin"] = said->admin;
        std::optional<SecretFile> file;
        if (!said->file.empty() && !said->options.dry_run) {
            // Before anything is made, so that a file that cannot be is known in time.
            auto made = SecretFile::make(said->file);
            if (!made) return complain(session, made.error());
            file.emplace(*std::move(made));
        }
        return make_token(session, *body, query_of(said->options.dry_run), std::move(file));
    };
}

Action declare_token_list(CLI::App& app)
{
    auto mask = std::make_shared<std::string>("*");
    app.add_option("MASK", *mask, "Of which admins; of all when nothing is said");
    return [mask](Session& session) {
        auto const items = session.client.all("/tokens", {{"mask", *mask}});
        if (!items) return complain(session, items.error());
        print_items(session, *items, token_columns());
        return Exit::done;
    };
}

Action declare_token_revoke(CLI::App& app)
{
    auto id = std::make_shared<std::string>();
    auto options = std::make_shared<WriteOptions>();
    app.add_option("ID", *id, "As token list shows it")->required();
    options->declare(app, false);
    return [id, options](Session& session) {
        auto const done = session.client.send("DELETE", "/tokens/" + url_escaped(*id), query_of(options->dry_run), {});
        if (!done) return complain(session, done.error());
        return print_done(session, "token", "revoked", *done);
    };
}

}  // namespace

Group admin_group()
{
    auto const& noun = admin_noun();
    return {"admin",
            "Admins: who may do what, by tokens",
            {{{"add"}, "Add an admin", "provost admin add kim --role help-desk --domains all", declare_add},
             list_verb(noun, "provost admin list"),
             show_verb(noun, "provost admin show jane"),
             set_verb(noun, "provost admin set jane --domains example.test,example.net"),
             change_verb(noun, {"enable"}, "Let the tokens of admins count again", "provost admin enable jane",
                         {"POST", "enable", "enabled"}),
             change_verb(noun, {"disable"}, "Let no token of admins count", "provost admin disable jane",
                         {"POST", "disable", "disabled"}),
             change_verb(noun, {"delete", "del"}, "Delete admins, and their tokens", "provost admin delete jane",
                         {"DELETE", "", "deleted"})}};
}

Group token_group()
{
    return {"token",
            "Tokens: how admins and their programs call the API",
            {{{"add"},
              "Make a token of an admin; its secret is shown this once",
              "provost token add jane --label 'web shop' --networks 192.0.2.0/24 --secret-file shop.token",
              declare_token_add},
             {{"list"}, "List tokens, and when each was used last", "provost token list jane", declare_token_list},
             {{"revoke", "delete", "del"},
              "Let a token count no more",
              "provost token revoke 0193e2c4-7d1b-7a55-9a0e-5b1c2d3e4f50",
              declare_token_revoke}}};
}

}  // namespace provost::cli
