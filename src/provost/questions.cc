// SPDX-License-Identifier: Apache-2.0
#include <memory>

#include <CLI/CLI.hpp>

#include "provost/options.h"
#include "provost/show.h"

namespace provost::cli {
namespace {

json::array list_at(json::object const& object, std::string_view name)
{
    auto const* value = object.if_contains(name);
    return value && value->is_array() ? value->get_array() : json::array();
}

void print_explanation(Session& session, json::object const& found)
{
    auto& out = session.around.out;
    out << printable(text_at(found, "address")) << ": " << text_at(found, "is");
    if (auto const mailbox = text_at(found, "mailbox"); !mailbox.empty())
        out << ", mailbox " << printable(mailbox) << " (" << text_at(found, "condition") << ')';
    out << ", mail is " << text_at(found, "standing") << '\n';
    for (auto const& step : list_at(found, "steps"))
        out << "  " << printable(cell_of("subject", step.at("subject"))) << ": "
            << printable(cell_of("what", step.at("what")))
            << (step.at("leads_to").as_array().empty() ? ""
                                                       : " -> " + printable(cell_of("leads_to", step.at("leads_to"))))
            << '\n';
    auto const recipients = list_at(found, "recipients");
    out << "recipients: " << (recipients.empty() ? "none" : printable(cell_of("recipients", recipients))) << '\n';
    if (auto const loop = text_at(found, "loop"); !loop.empty())
        out << "a loop: " << printable(loop) << " leads back to itself\n";
    out << '\n';
    print_table(session,
                rows_of(list_at(found, "maps"),
                        {{"MAP", "map"}, {"KEY", "key"}, {"ANSWER", "outcome"}, {"VALUE", "value"}}, Output::table));
    auto const services = list_at(found, "services");
    if (services.empty()) return;
    out << '\n';
    print_table(session, rows_of(services, {{"QUESTION", "question"}, {"TOLD", "told"}}, Output::table));
}

Action declare_explain(CLI::App& app)
{
    auto address = std::make_shared<std::string>();
    app.add_option("ADDRESS", *address)->required();
    return [address](Session& session) {
        auto const found = session.client.get("/explain", {{"address", *address}});
        if (!found) return complain(session, found.error());
        if (session.output == Output::table) {
            print_explanation(session, *found);
        } else {
            print_object(session, *found);
        }
        return Exit::done;
    };
}

Action declare_lookup(CLI::App& app)
{
    auto map = std::make_shared<std::string>();
    auto key = std::make_shared<std::string>();
    app.add_option("MAP", *map, "domains, aliasdomains, mailboxes, aliases, senders, transport, ...")->required();
    app.add_option("KEY", *key)->required();
    return [map, key](Session& session) {
        auto const found = session.client.get("/lookup", {{"map", *map}, {"key", *key}});
        if (!found) return complain(session, found.error());
        auto const outcome = text_at(*found, "outcome");
        if (session.output != Output::table) print_object(session, *found);
        if (outcome == "cannot_tell")
            return complain(session, {Fault::unavailable, "cannot tell: " + text_at(*found, "reason"), {}});
        if (outcome != "found") return Exit::no;
        // As postmap -q does: the value and nothing else.
        if (session.output == Output::table) session.around.out << printable(text_at(*found, "value")) << '\n';
        return Exit::done;
    };
}

Exit print_verdict(Session& session, json::object const& found, std::string const& login)
{
    auto const verdict = text_at(found, "verdict");
    auto const service = text_at(found, "service");
    if (session.output != Output::table) {
        print_object(session, found);
    } else {
        auto const name = text_at(found, "name");
        auto const reason = text_at(found, "reason");
        auto const word = verdict == "not_allowed" ? "not allowed" : verdict == "cannot_tell" ? "cannot tell" : verdict;
        session.around.out << service << " sign-in of " << printable(login) << ": " << word;
        if (!name.empty() && name != login) session.around.out << " as " << printable(name);
        if (!reason.empty()) session.around.out << " (" << printable(reason) << ')';
        session.around.out << ", " << cell_of("took_ms", found.at("took_ms")) << " ms\n";
    }
    if (verdict == "accepted") return Exit::done;
    return verdict == "cannot_tell" ? Exit::temporary : Exit::no;
}

Action declare_auth_test(CLI::App& app)
{
    struct Said {
        std::string login;
        std::string service = "imap";
        std::string from;
        bool from_stdin = false;
    };
    auto said = std::make_shared<Said>();
    app.add_option("ADDRESS", said->login, "Or another login name")->required();
    app.add_option("--service", said->service, "imap, pop3, submission, sieve or web")->capture_default_str();
    app.add_option("--from", said->from, "The client's address to be judged by")->type_name("IP");
    app.add_flag("--password-stdin", said->from_stdin, "The password is the first line of standard input");
    return [said](Session& session) {
        auto& around = session.around;
        if (!said->from_stdin && !around.can_ask)
            return complain(session, {Fault::invalid, "there is no terminal to ask: give --password-stdin", {}});
        auto const secret =
            said->from_stdin ? around.read_secret() : around.ask_secret("Password of " + said->login + ": ");
        if (!secret) return complain(session, secret.error());
        json::object body{{"login", said->login}, {"service", said->service}, {"password", secret->reveal()}};
        if (!said->from.empty()) body["from"] = said->from;
        auto const found = session.client.send("POST", "/auth/test", {}, body);
        if (!found) return complain(session, found.error());
        return print_verdict(session, *found, said->login);
    };
}

}  // namespace

Group question_group()
{
    return {"",
            "",
            {{{"explain"},
              "What an address is, where its mail goes, and what each server is told",
              "provost explain info+news@example.test",
              declare_explain},
             {{"lookup"},
              "What Postfix gets for a key of a map, as postmap -q",
              "provost lookup aliases info@example.test",
              declare_lookup}}};
}

Group auth_group()
{
    return {"auth",
            "Sign-ins",
            {{{"test"},
              "Try a password as a server would, with its delay for wrong ones",
              "provost auth test alice@example.test --service submission",
              declare_auth_test}}};
}

}  // namespace provost::cli
