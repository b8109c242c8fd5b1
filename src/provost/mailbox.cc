// SPDX-License-Identifier: Apache-2.0
#include <memory>

#include <CLI/CLI.hpp>

#include "provost/objects.h"
#include "provost/options.h"

namespace provost::cli {
namespace {

Noun const& mailbox_noun()
{
    static Noun const noun{"mailbox",
                           "mailboxes",
                           "name",
                           mail::mailbox_fields,
                           {{"MAILBOX", "name"},
                            {"STATE", "state"},
                            {"STORE", "store.state"},
                            {"QUOTA", "quota"},
                            {"KIND", "kind"},
                            {"NAME", "display_name"},
                            {"FORWARDS", "forwards"}}};
    return noun;
}

Action declare_add(CLI::App& app)
{
    auto name = std::make_shared<std::string>();
    auto fields = std::make_shared<FieldOptions>(mailbox_noun().fields);
    auto password = std::make_shared<PasswordOptions>();
    auto options = std::make_shared<WriteOptions>();
    app.add_option("ADDRESS", *name, "Its address; a bare name for --kind service")->required();
    fields->declare(app, true);
    password->declare(app, true);
    options->declare(app, false);
    return [name, fields, password, options](Session& session) {
        auto body = fields->body();
        if (!body) return complain(session, body.error());
        auto const* kind = body->if_contains("kind");
        // A shared mailbox has no login of its own.
        if (!kind || *kind != "shared") {
            auto const secret = password->body(session.around, *name);
            if (!secret) return complain(session, secret.error());
            for (auto const& [member, value] : *secret) (*body)[member] = value;
        }
        (*body)["name"] = *name;
        auto const done = session.client.send("POST", "/mailboxes", query_of(options->dry_run), *body);
        if (!done) return complain(session, done.error());
        return print_done(session, "mailbox", "added", *done);
    };
}

Action declare_disable(CLI::App& app)
{
    auto name = std::make_shared<std::string>();
    auto options = std::make_shared<WriteOptions>();
    auto hold = std::make_shared<bool>(false);
    app.add_option("ADDRESS", *name, "Or a mask such as '*@example.org'")->required();
    app.add_flag("--hold", *hold, "New mail waits at its sender instead of being refused");
    options->declare(app, true);
    return [name, options, hold](Session& session) {
        auto const body = [hold] { return json::object{{"suspension", *hold ? "hold" : "refuse"}}; };
        return change_each(session, mailbox_noun(), *name, *options, {"POST", "disable", "disabled", body});
    };
}

Action declare_passwd(CLI::App& app)
{
    auto name = std::make_shared<std::string>();
    auto password = std::make_shared<PasswordOptions>();
    auto options = std::make_shared<WriteOptions>();
    app.add_option("ADDRESS", *name)->required();
    password->declare(app, false);
    options->declare(app, false);
    return [name, password, options](Session& session) {
        auto const body = password->body(session.around, *name);
        if (!body) return complain(session, body.error());
        auto const done =
            session.client.send("POST", path_of(mailbox_noun(), *name, "password"), query_of(options->dry_run), *body);
        if (!done) return complain(session, done.error());
        return print_done(session, "mailbox", "given its new password", *done);
    };
}

}  // namespace

Group mailbox_group()
{
    auto const& noun = mailbox_noun();
    return {"mailbox",
            "Mailboxes: who has mail here, and may sign in",
            {{{"add"},
              "Add a mailbox; its password is asked for",
              "provost mailbox add alice@example.test --display-name 'Alice Liddell' --quota 10G",
              declare_add},
             list_verb(noun, "provost mailbox list '*@example.test'"),
             show_verb(noun, "provost mailbox show alice@example.test"),
             set_verb(noun, "provost mailbox set alice@example.test --forwards bob@example.test --keep-copy yes"),
             change_verb(noun, {"enable"}, "Make mailboxes active again", "provost mailbox enable alice@example.test",
                         {"POST", "enable", "enabled"}),
             {{"disable"},
              "Suspend mailboxes: no sign-in, no open session, and the proof of it",
              "provost mailbox disable alice@example.test",
              declare_disable},
             change_verb(noun, {"delete", "del"}, "Delete mailboxes; they can be had back for a time",
                         "provost mailbox delete '*@example.test' --yes", {"DELETE", "", "deleted"}),
             {{"passwd", "password"},
              "Set a mailbox's password and end its sessions",
              "provost mailbox passwd alice@example.test",
              declare_passwd},
             change_verb(noun, {"unlock"}, "Forgive mailboxes their wrong passwords of late",
                         "provost mailbox unlock alice@example.test", {"POST", "unlock", "unlocked"}),
             change_verb(noun, {"kick"}, "End the open sessions of mailboxes",
                         "provost mailbox kick alice@example.test", {"POST", "kick", "kicked"})}};
}

}  // namespace provost::cli
