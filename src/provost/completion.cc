// SPDX-License-Identifier: Apache-2.0
#include "provost/completion.h"

#include <functional>

#include <fmt/format.h>

#include "base/text.h"

namespace provost::cli {
namespace {

// Each command by its whole path: "provost", "provost mailbox", "provost mailbox add"; under each of its names.
using Visit = std::function<void(std::string const& path, Shape const& shape)>;

void walk(Shape const& shape, std::string const& path, Visit const& visit)
{
    visit(path, shape);
    for (auto const& part : shape.parts) {
        walk(part, path + " " + part.name, visit);
        for (auto const& alias : part.aliases) walk(part, path + " " + alias, visit);
    }
}

std::vector<std::string> names_of(Shape const& shape)
{
    std::vector<std::string> names;
    for (auto const& part : shape.parts) {
        names.push_back(part.name);
        names.insert(names.end(), part.aliases.begin(), part.aliases.end());
    }
    return names;
}

// One word for a shell, whatever is in it.
std::string quoted(std::string_view text)
{
    std::string out = "'";
    for (char c : text) out += c == '\'' ? std::string("'\\''") : std::string(1, c);
    return out + "'";
}

// What may follow an option: its words, FILE, or "-" for anything.
std::string expected_by(ShapeOption const& option)
{
    auto const choices = choices_of(option);
    if (!choices.empty()) return joined(choices, " ");
    return option.takes == "FILE" ? "FILE" : "-";
}

// What bash and zsh have in common: three tables, by the path of a command.
struct Tables {
    std::string parts, options, expected;
};

Tables tables_of(Shape const& command)
{
    Tables tables;
    walk(command, command.name, [&](std::string const& path, Shape const& shape) {
        std::vector<std::string> options;
        for (auto const& option : shape.options) {
            options.insert(options.end(), option.names.begin(), option.names.end());
            if (option.takes.empty()) continue;
            for (auto const& name : option.names) {
                tables.expected += fmt::format("    [\"{} {}\"]={}\n", path, name, quoted(expected_by(option)));
            }
        }
        tables.parts += fmt::format("    [\"{}\"]={}\n", path, quoted(joined(names_of(shape), " ")));
        tables.options += fmt::format("    [\"{}\"]={}\n", path, quoted(joined(options, " ")));
    });
    return tables;
}

constexpr auto bash_function = R"(
_provost() {
    local current=${COMP_WORDS[COMP_CWORD]} at=provost awaited='' word
    for word in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
        if [ -n "$awaited" ]; then
            awaited=''
        elif [ -n "${_provost_expected["$at $word"]-}" ]; then
            awaited=${_provost_expected["$at $word"]}
        elif [ -n "${_provost_expected["provost $word"]-}" ]; then
            awaited=${_provost_expected["provost $word"]}
        elif [ -n "${_provost_options["$at $word"]-}" ]; then
            at="$at $word"
        fi
    done
    case $awaited in
    '') ;;
    -) return ;;
    FILE)
        compopt -o filenames
        mapfile -t COMPREPLY < <(compgen -f -- "$current")
        return
        ;;
    *)
        mapfile -t COMPREPLY < <(compgen -W "$awaited" -- "$current")
        return
        ;;
    esac
    if [[ $current == -* ]]; then
        mapfile -t COMPREPLY < <(compgen -W "${_provost_options[$at]} ${_provost_options[provost]}" -- "$current")
    else
        mapfile -t COMPREPLY < <(compgen -W "${_provost_parts[$at]}" -- "$current")
    fi
}
complete -F _provost provost
)";

constexpr auto zsh_function = R"(
_provost() {
    local at=provost awaited='' word
    for word in ${words[2,CURRENT-1]}; do
        if [[ -n $awaited ]]; then
            awaited=''
        elif [[ -n ${_provost_expected[$at $word]} ]]; then
            awaited=${_provost_expected[$at $word]}
        elif [[ -n ${_provost_expected[provost $word]} ]]; then
            awaited=${_provost_expected[provost $word]}
        elif [[ -n ${_provost_options[$at $word]} ]]; then
            at="$at $word"
        fi
    done
    case $awaited in
        '') ;;
        -) return 1 ;;
        FILE) _files; return ;;
        *) compadd -- ${=awaited}; return ;;
    esac
    if [[ $PREFIX == -* ]]; then
        compadd -- ${=_provost_options[$at]} ${=_provost_options[provost]}
    else
        compadd -- ${=_provost_parts[$at]}
    fi
}
)";

constexpr auto made_by = "# How {} completes provost. Made by: provost completion {}\n";

}  // namespace

std::string bash_completion(Shape const& command)
{
    auto const tables = tables_of(command);
    return fmt::format(made_by, "bash", "bash") + "declare -gA _provost_parts=(\n" + tables.parts +
           ")\ndeclare -gA _provost_options=(\n" + tables.options + ")\ndeclare -gA _provost_expected=(\n" +
           tables.expected + ")\n" + bash_function;
}

std::string zsh_completion(Shape const& command)
{
    auto const tables = tables_of(command);
    return "#compdef provost\n" + fmt::format(made_by, "zsh", "zsh") + "typeset -gA _provost_parts=(\n" + tables.parts +
           ")\ntypeset -gA _provost_options=(\n" + tables.options + ")\ntypeset -gA _provost_expected=(\n" +
           tables.expected + ")\n" + zsh_function + "_provost \"$@\"\n";
}

std::string fish_completion(Shape const& command)
{
    std::string paths;
    std::string rules;
    auto const rule = [&](std::string const& path, std::string const& what, std::string const& help) {
        auto const everywhere = path == command.name && what.front() == '-';
        auto const where = everywhere ? "" : "-n " + quoted("__provost_at " + quoted(path)) + " ";
        rules += "complete -c provost " + where + what + (help.empty() ? "" : " -d " + quoted(help)) + "\n";
    };
    walk(command, command.name, [&](std::string const& path, Shape const& shape) {
        if (path != command.name) paths += " " + quoted(path);
        for (auto const& part : shape.parts) rule(path, "-a " + quoted(part.name), part.help);
        for (auto const& option : shape.options) {
            std::string what;
            for (auto const& name : option.names) {
                if (!what.empty()) what += ' ';
                what += name.starts_with("--") ? "-l " + name.substr(2) : "-s " + name.substr(1);
            }
            auto const expected = expected_by(option);
            if (expected == "FILE") what += " -r -F";
            else if (!option.takes.empty()) what += " -x";
            if (!choices_of(option).empty()) what += " -a " + quoted(expected);
            rule(path, what, option.help);
        }
    });
    return fmt::format(made_by, "fish", "fish") + R"(function __provost_at
    set -l at provost
    for word in (commandline -opc)[2..-1]
        if contains -- "$at $word")" +
           paths + R"(
            set at "$at $word"
        end
    end
    test $at = $argv[1]
end
complete -c provost -f
)" + rules;
}

}  // namespace provost::cli
