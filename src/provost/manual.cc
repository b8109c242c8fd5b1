// SPDX-License-Identifier: Apache-2.0
#include "provost/manual.h"

#include <functional>
#include <map>

#include <fmt/format.h>

#include "base/text.h"
#include "base/version.h"
#include "config/file.h"
#include "host/sockets.h"
#include "provost/exit.h"

namespace provost::cli {
namespace {

// Text that means nothing to troff: groff_char(7), and a line may not begin with a control character.
std::string plain(std::string_view text)
{
    std::string out;
    for (char c : text) {
        switch (c) {
            case '\\':
                out += "\\e";
                break;
            case '-':
                out += "\\-";
                break;
            case '\'':
                out += "\\(aq";
                break;
            case '`':
                out += "\\(ga";
                break;
            case '^':
                out += "\\(ha";
                break;
            case '~':
                out += "\\(ti";
                break;
            default:
                out += c;
        }
    }
    return (out.starts_with('.') ? "\\&" : "") + out;
}

std::string bold(std::string_view text) { return "\\fB" + plain(text) + "\\fR"; }
std::string italic(std::string_view text) { return "\\fI" + plain(text) + "\\fR"; }

class Page {
public:
    Page(std::string const& name, std::string const& section, std::string const& what)
        : text_(".\\\" Made by: provost manual " + name + "." + section + "\n")
    {
        auto title = name;
        for (auto& c : title) c = static_cast<char>(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c);
        line(".TH " + title + " " + section + " \"\" \"Provost " + std::string(version) + "\" \"Provost\"");
        heading("NAME");
        line(plain(name) + " \\- " + plain(what));
    }
    void heading(std::string const& words) { line(".SH " + words); }
    void part(std::string const& marked) { line(".SS " + marked); }
    void paragraph(std::string const& marked) { line(".PP\n" + marked); }
    void item(std::string const& marked, std::string const& explained) { line(".TP\n" + marked + "\n" + explained); }
    void example(std::string const& command) { line(".PP\n.EX\n    " + plain(command) + "\n.EE"); }
    std::string const& text() const { return text_; }

private:
    void line(std::string const& words) { text_ += words + "\n"; }
    std::string text_;
};

std::string sentence(std::string const& words)
{
    if (words.empty()) return "\\&";
    auto text = words;
    if (text[0] >= 'a' && text[0] <= 'z' && text.find(": ") == std::string::npos) text[0] -= 'a' - 'A';
    return plain(text) + (text.ends_with('.') || text.ends_with(')') ? "" : ".");
}

void add_options(Page& page, Shape const& shape, bool whole)
{
    for (auto const& option : shape.options) {
        if (!whole && option.names.back() == "--help") continue;  // of every command
        std::string names;
        for (auto const& name : option.names) names += (names.empty() ? "" : ", ") + bold(name);
        page.item(names + (option.takes.empty() ? "" : " " + italic(option.takes)), sentence(option.help));
    }
}

void add_command(Page& page, Shape const& shape, std::string const& path)
{
    auto line = bold(path);
    for (auto const& operand : shape.operands) {
        auto const name = italic(operand.name) + (operand.several ? "\\&.\\|.\\|." : "");
        line += " " + (operand.required ? name : "[" + name + "]");
    }
    page.part(line);
    page.paragraph(sentence(shape.help));
    if (!shape.aliases.empty()) page.paragraph("Also: " + bold(joined(shape.aliases, ", ")) + ".");
    for (auto const& operand : shape.operands) {
        if (!operand.help.empty()) page.item(italic(operand.name), sentence(operand.help));
    }
    add_options(page, shape, false);
    if (!shape.example.empty()) page.example(shape.example);
}

void add_commands(Page& page, Shape const& shape, std::string const& path)
{
    for (auto const& part : shape.parts) {
        auto const name = path + " " + part.name;
        if (part.parts.empty()) add_command(page, part, name);
        else add_commands(page, part, name);
    }
}

void add_places(Page& page)
{
    page.heading("FILES");
    page.item(italic("/etc/provost/provost.toml"), "The settings: " + bold("provost.toml") + "(5).");
    auto const settings = config::default_settings();
    page.item(italic(settings.state.folder), "The database and the local copy.");
    page.item(italic(settings.sockets.admin), "Where the command asks the daemon.");
}

std::string command_page(Shape const& command)
{
    Page page("provost", "1", "keeps the accounts of a mail site");
    page.heading("SYNOPSIS");
    page.paragraph(bold("provost") + " [" + italic("OPTION") + "\\&.\\|.\\|.] " + italic("COMMAND") + " [" +
                   italic("ARGUMENT") + "\\&.\\|.\\|.]");
    page.heading("DESCRIPTION");
    page.paragraph("Speaks with " + bold("provostd") +
                   "(8) over its admin socket: about domains, mailboxes and aliases, what each server is told of an "
                   "address, and the proof that an account which was disabled is refused at the servers.");
    page.heading("OPTIONS");
    page.paragraph("These may stand anywhere.");
    add_options(page, command, true);
    page.heading("COMMANDS");
    add_commands(page, command, command.name);
    page.heading("EXIT STATUS");
    for (auto const& [code, meaning] : exit_meanings()) {
        page.item(bold(std::to_string(static_cast<int>(code))), sentence(meaning));
    }
    page.heading("ENVIRONMENT");
    page.item(bold("PROVOST_CONFIG"), "The settings' file, where " + bold("--config") + " names none.");
    page.item(bold("PROVOST_URL") + ", " + bold("PROVOST_TOKEN_FILE") + ", " + bold("PROVOST_CA_FILE"),
              "The API over TCP, where " + bold("--url") + ", " + bold("--token-file") + " and " + bold("--ca-file") +
                  " say nothing.");
    page.item(bold("NO_COLOR"), "When set and not empty, nothing is coloured.");
    add_places(page);
    page.heading("SEE ALSO");
    page.paragraph(bold("provostd") + "(8), " + bold("provost.toml") + "(5)");
    return page.text();
}

std::string daemon_page(Shape const&)
{
    Page page("provostd", "8", "answers the mail servers from the directory of accounts");
    page.heading("SYNOPSIS");
    page.paragraph(bold("provostd") + " [" + bold("--config") + " " + italic("FILE") + "] [" + bold("--schema") + " " +
                   italic("FOLDER") + "]");
    page.heading("DESCRIPTION");
    page.paragraph(
        "Answers Postfix's maps and sign\\-ins, is Dovecot's authentication service, and speaks with the command " +
        bold("provost") + "(1). Answers come from a local copy, and go on while the database is away.");
    page.paragraph("It runs without rights, as the user provost. What needs root while it runs is done by " +
                   bold("provost-helper") +
                   ": removing the homes of purged mailboxes, with no more rights than the "
                   "mail user has.");
    page.paragraph(
        "Its sockets are held by systemd, so that whoever connects while it starts again waits. Where "
        "there is no systemd, " +
        bold("provost-holder") + " does the same; its " + bold("--help") + " tells how.");
    page.heading("OPTIONS");
    page.item(bold("--config") + " " + italic("FILE"), "The settings, instead of $PROVOST_CONFIG or the usual place.");
    page.item(bold("--schema") + " " + italic("FOLDER"),
              "The database's migrations, instead of $PROVOST_SCHEMA or those that were installed with it.");
    page.item(bold("--help"), "The options, and every setting.");
    page.item(bold("--version"), "Its version.");
    page.heading("SOCKETS");
    page.paragraph("Each is open to those who must connect, and to nobody else.");
    auto const settings = config::default_settings();
    for (auto const& socket : host::sockets_of(settings)) {
        page.item(italic(socket.path),
                  sentence(socket.what + ", for " + socket.access.owner + " and the group " + socket.access.group));
    }
    page.item(italic(host::helper_socket(settings).path), "What is asked of the helper, by the daemon alone.");
    page.heading("SIGNALS");
    page.item(bold("SIGTERM"), "Ends it, once what it was asked is answered.");
    page.item(bold("SIGHUP"), "Opens the log file anew, after it was rotated.");
    add_places(page);
    page.heading("SEE ALSO");
    page.paragraph(bold("provost") + "(1), " + bold("provost.toml") + "(5)");
    return page.text();
}

std::string settings_page(Shape const&)
{
    Page page("provost.toml", "5", "the settings of Provost");
    page.heading("DESCRIPTION");
    page.paragraph("The file " + italic("/etc/provost/provost.toml") +
                   " is written in TOML. Everything in it may be left out: what is shown here holds then. An unknown "
                   "section or key is an error that names the nearest known one. Times are written 500ms, 30s, 10m, "
                   "12h, 30d.");
    page.paragraph("After a change, " + bold("provost init") + " makes folders and units follow, and " +
                   bold("systemctl restart provostd") + " brings the rest into use.");
    std::string section;
    for (auto const& each : config::every_setting()) {
        if (each.section != section) page.heading("[" + plain(each.section) + "]");
        section = each.section;
        page.item(bold(each.name) + " = " + plain(each.standard), sentence(each.help));
    }
    page.heading("SEE ALSO");
    page.paragraph(bold("provostd") + "(8), " + bold("provost") + "(1)");
    return page.text();
}

using Pages = std::map<std::string, std::function<std::string(Shape const&)>>;

Pages const& pages()
{
    static Pages const all{{"provost.1", command_page}, {"provostd.8", daemon_page}, {"provost.toml.5", settings_page}};
    return all;
}

}  // namespace

std::vector<std::string> manual_pages()
{
    std::vector<std::string> names;
    for (auto const& [name, page] : pages()) names.push_back(name);
    return names;
}

Result<std::string> manual_page(std::string const& name, Shape const& command)
{
    auto const found = pages().find(name);
    if (found == pages().end()) {
        return refuse(Fault::not_found, "PAGE", name, "is none of: " + joined(manual_pages(), ", "));
    }
    return found->second(command);
}

}  // namespace provost::cli
