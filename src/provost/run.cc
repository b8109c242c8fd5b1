// SPDX-License-Identifier: Apache-2.0
#include "provost/run.h"

#include <algorithm>
#include <map>
#include <memory>
#include <unistd.h>
#include <utility>

#include <CLI/CLI.hpp>

#include "base/text.h"
#include "config/file.h"
#include "provost/door.h"
#include "provost/shape.h"
#include "provost/table.h"

namespace provost::cli {
namespace {

void declare(CLI::App& parent, Verb const& verb, Action& chosen)
{
    auto* app = parent.add_subcommand(verb.names.front(), verb.summary);
    for (std::size_t i = 1; i < verb.names.size(); ++i) app->alias(verb.names[i]);
    app->footer("Example:\n  " + verb.example);
    app->fallthrough();
    if (verb.is_hidden) app->group("");
    auto action = std::make_shared<Action>(verb.declare(*app));
    app->callback([action, &chosen] { chosen = *action; });
}

// The nearest word to one that was not understood, among those that could have stood there.
std::string hint_for(CLI::App const& app, std::string const& what)
{
    std::vector<std::string> known;
    for (auto const* sub : app.get_subcommands({})) known.push_back(sub->get_name());
    auto const near = nearest(what, known);
    return near ? "; did you mean " + *near + "?" : "";
}

// Whether the word after this one belongs to it: "-o json".
bool takes_next(CLI::App const& root, CLI::App const& app, std::string const& arg)
{
    if (arg.size() < 2 || arg[0] != '-' || arg.find('=') != std::string::npos) return false;
    for (auto const* place : {&app, &root}) {
        auto const* option = place->get_option_no_throw(arg);
        if (option != nullptr) return option->get_items_expected_min() > 0;
    }
    return false;
}

// CLI11's words for what is wrong, with our hint where a command is not known.
std::string sentence(CLI::App const& root, CLI::ParseError const& error, std::vector<std::string> const& args)
{
    std::string text = printable(error.what());
    std::replace(text.begin(), text.end(), '\n', ' ');
    auto const* app = &root;
    auto is_value = false;
    for (auto const& arg : args) {
        if (std::exchange(is_value, !is_value && takes_next(root, *app, arg))) continue;
        auto const subs = app->get_subcommands({});
        if (subs.empty()) break;
        auto const next = std::find_if(subs.begin(), subs.end(), [&](auto const* sub) { return sub->check_name(arg); });
        if (next != subs.end()) {
            app = *next;
        } else if (!arg.empty() && arg[0] != '-') {
            return "'" + escaped(arg) + "' is not a command" + hint_for(*app, arg);
        }
    }
    return text;
}

void declare_all(CLI::App& app, Parsed& parsed)
{
    app.description("Keeps the accounts of a mail site.");
    app.name("provost");
    app.require_subcommand(1);
    app.fallthrough();
    std::map<std::string, Output> const outputs{{"table", Output::table}, {"json", Output::json}, {"csv", Output::csv}};
    app.add_option("-o,--output", parsed.output, "How answers are printed; table when nothing is said")
        ->transform(CLI::CheckedTransformer(outputs).description(""))
        ->type_name("table|json|csv");
    app.add_option("--config", parsed.settings_file, "The settings, instead of $PROVOST_CONFIG or the usual place")
        ->type_name("FILE");
    app.add_option("--socket", parsed.socket, "The daemon's admin socket, instead of what the settings say")
        ->type_name("FILE");
    app.add_option("--url", parsed.url, "The API over TCP instead, with a token; else $PROVOST_URL")->type_name("URL");
    app.add_option("--token-file", parsed.token_file, "The file with the token; else $PROVOST_TOKEN_FILE")
        ->type_name("FILE");
    app.add_option("--ca-file", parsed.ca_file, "Whom to believe of https, as PEM; else $PROVOST_CA_FILE")
        ->type_name("FILE");
    app.footer("Each verb has a help of its own with an example: provost mailbox disable --help");
    for (auto const& group : groups()) {
        auto* parent = &app;
        if (!group.name.empty()) {
            parent = app.add_subcommand(group.name, group.summary);
            parent->require_subcommand(1);
            parent->fallthrough();
        }
        for (auto const& verb : group.verbs) declare(*parent, verb, parsed.action);
    }
}

Result<std::string> socket_of(Parsed const& parsed, std::string const& settings_file)
{
    if (parsed.socket) return *parsed.socket;
    auto const settings = config::read_settings(settings_file);
    if (settings) return settings->sockets.admin;
    auto const usual = config::default_settings().sockets.admin;
    // Without a file the defaults hold, unless a file was asked for; and members of the admins' group may know no more.
    auto const fault = settings.error().fault;
    bool const may_be_usual = fault == Fault::not_found || (fault == Fault::denied && access(usual.c_str(), W_OK) == 0);
    if (may_be_usual && !parsed.settings_file) return usual;
    return tl::make_unexpected(settings.error());
}

Result<Door> door_of(Parsed const& parsed, std::string const& settings_file)
{
    if (parsed.socket && parsed.url) return fail(Fault::invalid, "--socket and --url are two ways: say one of them");
    if (auto url = parsed.socket ? std::nullopt : said_or_set(parsed.url, "PROVOST_URL"))
        return door_at(*url, said_or_set(parsed.token_file, "PROVOST_TOKEN_FILE"),
                       said_or_set(parsed.ca_file, "PROVOST_CA_FILE"));
    // Who names a token means to act with its rights, and not with those that come with the socket.
    for (auto const& [option, said] :
         {std::pair("--token-file", parsed.token_file), std::pair("--ca-file", parsed.ca_file)}) {
        if (said) return refuse(Fault::invalid, option, *said, "is for --url or $PROVOST_URL, and none is asked");
    }
    Door door;
    door.socket = TRY(socket_of(parsed, settings_file));
    return door;
}

}  // namespace

std::vector<Group> groups()
{
    return {host_group(),  domain_group(),   mailbox_group(),  alias_group(),  admin_group(),
            token_group(), question_group(), auth_group(),     daemon_group(), audit_group(),
            job_group(),   backup_group(),   packaging_group()};
}

Shape command_shape()
{
    CLI::App app;
    Parsed parsed;
    declare_all(app, parsed);
    return shape_of(app);
}

Exit complain(Session& session, Error const& error)
{
    session.around.err << "provost: " << printable(error.message) << '\n';
    return error.field == said_no().field ? Exit::no : exit_of(error.fault);
}

Error said_no(std::string const& why)
{
    return {Fault::conflict, "nothing was done" + (why.empty() ? "" : ": " + why), "the answer"};
}

Result<void> agreed(Session& session, bool yes, std::string const& question)
{
    if (yes) return {};
    if (!session.around.can_ask) {
        return fail(Fault::invalid, question + " There is no terminal to ask: say --yes if that is meant");
    }
    if (session.around.ask(question)) return {};
    return tl::make_unexpected(said_no());
}

Parsed parse(std::vector<std::string> args, Surroundings& around)
{
    Parsed parsed;
    CLI::App app;
    declare_all(app, parsed);
    auto const given = args;
    std::reverse(args.begin(), args.end());  // as CLI11 wants them
    try {
        app.parse(args);
    } catch (CLI::ParseError const& error) {
        if (error.get_exit_code() == 0) {
            app.exit(error, around.out, around.err);
            parsed.ended = Exit::done;
            return parsed;
        }
        around.err << "provost: " << sentence(app, error, given) << "; see: provost --help\n";
        parsed.ended = Exit::usage;
    }
    return parsed;
}

Exit run(std::vector<std::string> args, Surroundings& around)
{
    auto const parsed = parse(std::move(args), around);
    if (parsed.ended) return *parsed.ended;
    auto const settings_file = config::settings_path(parsed.settings_file);
    Session session{around, Client(around.call, door_of(parsed, settings_file)), parsed.output, settings_file};
    return parsed.action(session);
}

}  // namespace provost::cli
