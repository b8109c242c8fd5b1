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

// Known by their ids, since several may have one name.
Noun const& deleted_noun()
{
    static Noun const noun{"deleted mailbox",
                           "deleted-mailboxes",
                           "id",
                           mail::mailbox_fields,
                           {{"MAILBOX", "name"},
                            {"ID", "id"},
                            {"RESTORABLE UNTIL", "restorable_until"},
                            {"WAS", "state_before"},
                            {"NAME", "display_name"}}};
    return noun;
}

constexpr auto old_mailbox = "old_mailbox";

// Asks what becomes of a deleted mailbox that has the name; nothing where neither is wanted.
std::optional<std::string> ask_about_old(Session& session, std::string const& what)
{
    session.around.err << "provost: " << printable(what) << '\n';
    if (session.around.ask("Is the new one to have the old mail?")) return "adopt";
    if (session.around.ask("Is it to start empty, and the old mail to be kept apart?")) return "set-aside";
    return std::nullopt;
}

Action declare_add(CLI::App& app)
{
    struct Said {
        std::string name;
        bool adopt = false;
        bool set_aside = false;
    };
    auto said = std::make_shared<Said>();
    auto fields = std::make_shared<FieldOptions>(mailbox_noun().fields);
    auto password = std::make_shared<PasswordOptions>();
    auto options = std::make_shared<WriteOptions>();
    app.add_option("ADDRESS", said->name, "Its address; a bare name for --kind service")->required();
    fields->declare(app, true);
    password->declare(app, true);
    options->declare(app, false);
    auto* old = app.add_option_group("old mailbox", "Where a deleted mailbox of that name is kept, one of");
    old->add_flag("--adopt", said->adopt, "It comes back with its mail, changed as is said here");
    old->add_flag("--set-aside", said->set_aside, "The new one starts empty; the old one is kept apart");
    old->require_option(0, 1);
    return [said, fields, password, options](Session& session) {
        auto body = fields->body();
        if (!body) return complain(session, body.error());
        auto const* kind = body->if_contains("kind");
        // A shared mailbox has no login of its own.
        auto const is_shared = kind && *kind == "shared";
        if (is_shared && password->names_one()) {
            return complain(session,
                            {Fault::invalid, "a shared mailbox has no login of its own, and so no password", {}});
        }
        if (!is_shared) {
            auto const secret = password->body(session.around, said->name);
            if (!secret) return complain(session, secret.error());
            for (auto const& [member, value] : *secret) (*body)[member] = value;
        }
        (*body)["name"] = said->name;
        if (said->adopt) (*body)[old_mailbox] = "adopt";
        if (said->set_aside) (*body)[old_mailbox] = "set-aside";
        auto const send = [&] { return session.client.send("POST", "/mailboxes", query_of(options->dry_run), *body); };
        auto done = send();
        if (!done && done.error().field == old_mailbox && session.around.can_ask) {
            auto const wish = ask_about_old(session, done.error().message);
            if (!wish) return complain(session, said_no());
            (*body)[old_mailbox] = *wish;
            done = send();
        }
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

Action declare_list(CLI::App& app)
{
    struct Said {
        std::string mask = "*";
        bool deleted = false;
    };
    auto said = std::make_shared<Said>();
    app.add_option("MASK", said->mask, "Which, such as '*@example.org'; all when nothing is said");
    app.add_flag("--deleted", said->deleted, "Those that were deleted, and until when they can be had back");
    return
        [said](Session& session) { return list(session, said->deleted ? deleted_noun() : mailbox_noun(), said->mask); };
}

Action declare_rename(CLI::App& app)
{
    struct Said {
        std::string name, to;
        bool keep_address = false;
    };
    auto said = std::make_shared<Said>();
    auto options = std::make_shared<WriteOptions>();
    app.add_option("OLD", said->name, "Its address")->required();
    app.add_option("NEW", said->to, "The address it gets")->required();
    app.add_flag("--keep-address", said->keep_address, "The old address stays, as an alias of the new one");
    options->declare(app, false);
    return [said, options](Session& session) {
        json::object body{{"to", said->to}};
        if (said->keep_address) body["keep_address"] = true;
        auto const done = session.client.send("POST", path_of(mailbox_noun(), said->name, "rename"),
                                              query_of(options->dry_run), body);
        if (!done) return complain(session, done.error());
        return print_done(session, "mailbox", "has its new name", *done);
    };
}

// What is destroyed is named once more, by hand or with --yes.
Result<void> confirmed(Session& session, std::string const& what, WriteOptions const& options)
{
    if (options.dry_run || options.yes) return {};
    if (!session.around.can_ask)
        return fail(Fault::invalid,
                    "its mail is removed for good: there is no terminal to ask; say --yes if it is meant");
    auto const typed =
        session.around.ask_text("The mail of " + what + " is removed for good. Type " + what + " once more: ");
    if (typed == what) return {};
    return tl::make_unexpected(said_no("that was not " + what));
}

Action declare_purge(CLI::App& app)
{
    struct Said {
        std::string name, id;
    };
    auto said = std::make_shared<Said>();
    auto options = std::make_shared<WriteOptions>();
    app.add_option("ADDRESS", said->name, "Of a deleted mailbox, or a mask such as '*@example.org'");
    app.add_option("--id", said->id, "Which, of several that had the address, or instead of it")->type_name("ID");
    options->declare(app, true);
    return [said, options](Session& session) {
        if (said->name.empty() && said->id.empty())
            return complain(session, {Fault::invalid, "say which mailbox: its ADDRESS, or its --id", {}});
        if (is_mask(said->name)) {
            if (!said->id.empty())
                return complain(session, {Fault::invalid, "--id is for one mailbox, not for a mask", {}});
            return change_each(session, deleted_noun(), said->name, *options, {"DELETE", "", "purged"});
        }
        auto const sure = confirmed(session, said->name.empty() ? said->id : said->name, *options);
        if (!sure) return complain(session, sure.error());
        auto const query = query_of(options->dry_run);
        json::object body;
        if (!said->id.empty()) body["id"] = said->id;
        auto const done = said->name.empty()
                              ? session.client.send("DELETE", "/deleted-mailboxes/" + url_escaped(said->id), query, {})
                              : session.client.send("POST", path_of(mailbox_noun(), said->name, "purge"), query, body);
        if (!done) return complain(session, done.error());
        return print_done(session, "mailbox", "purged", *done);
    };
}

Action declare_restore(CLI::App& app)
{
    struct Said {
        std::string name, as, id;
    };
    auto said = std::make_shared<Said>();
    auto options = std::make_shared<WriteOptions>();
    app.add_option("ADDRESS", said->name, "Or a mask such as '*@example.org'")->required();
    app.add_option("--as", said->as, "The address it gets, where its own is another's by now")->type_name("ADDRESS");
    app.add_option("--id", said->id, "Which, of several that had the address: see mailbox list --deleted")
        ->type_name("ID");
    options->declare(app, true);
    return [said, options](Session& session) {
        if (is_mask(said->name) && !(said->as + said->id).empty())
            return complain(session, {Fault::invalid, "--as and --id are for one mailbox, not for a mask", {}});
        auto const body = [said] {
            json::object wish;
            if (!said->as.empty()) wish["as"] = said->as;
            if (!said->id.empty()) wish["id"] = said->id;
            return wish;
        };
        return change_each(session, mailbox_noun(), said->name, *options,
                           {"POST", "restore", "restored", body, deleted_noun().many});
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
              "provost mailbox add dora@example.test --display-name 'Dora Spenlow' --quota 10G",
              declare_add},
             {{"list"}, "List mailboxes", "provost mailbox list '*@example.test' --deleted", declare_list},
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
             {{"restore"},
              "Have deleted mailboxes back, with their mail, forwards, aliases, memberships and passwords",
              "provost mailbox restore carol@example.test --as carol.peggotty@example.test",
              declare_restore},
             {{"rename"},
              "Give a mailbox another address; its mail stays, and whoever names it follows",
              "provost mailbox rename alice@example.test alice.liddell@example.test --keep-address",
              declare_rename},
             {{"purge"},
              "Remove deleted mailboxes for good, with their mail",
              "provost mailbox purge carol@example.test",
              declare_purge},
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
