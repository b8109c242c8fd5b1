// SPDX-License-Identifier: Apache-2.0
#include "config/file.h"

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <utility>
#include <vector>

#include <toml++/toml.h>

#include "base/text.h"

namespace provost::config {

namespace {

std::string place(std::string const& file, toml::source_region const& source)
{
    return file + ":" + std::to_string(source.begin.line) + ":" + std::to_string(source.begin.column) + ": ";
}

tl::unexpected<Error> unknown(std::string const& where, std::string const& what, std::string_view name,
                              std::vector<std::string> const& known)
{
    auto const meant = nearest(folded(name), known);
    return fail(Fault::invalid,
                where + "there is no " + what + " '" + escaped(name) + "'" +
                    (meant ? "; did you mean '" + *meant + "'?" : "; there are " + joined(known, ", ")),
                std::string(name));
}

Result<void> take(toml::node const& node, std::string const& field, std::string& value)
{
    auto const text = node.value_exact<std::string>();
    if (!text) return fail(Fault::invalid, field + ": must be a text in quotes", field);
    value = *text;
    return {};
}

Result<void> take(toml::node const& node, std::string const& field, std::int64_t& value)
{
    auto const number = node.value_exact<std::int64_t>();
    if (!number) return fail(Fault::invalid, field + ": must be a whole number without quotes", field);
    value = *number;
    return {};
}

Result<void> take(toml::node const& node, std::string const& field, Duration& value)
{
    if (auto const number = node.value_exact<std::int64_t>()) {
        value = TRY(parse_duration(std::to_string(*number), field));
        return {};
    }
    auto const text = node.value_exact<std::string>();
    if (!text) return fail(Fault::invalid, field + ": must be a time such as \"30s\", or milliseconds", field);
    value = TRY(parse_duration(*text, field));
    return {};
}

template <class Section>
Result<void> take_key(Section& section, std::string const& section_name, toml::key const& key, toml::node const& node,
                      std::string const& file)
{
    std::vector<std::string> known;
    Result<void> outcome;
    bool found = false;
    for_each_setting(section, [&](auto const& setting, auto& value) {
        known.emplace_back(setting.name);
        if (key.str() != setting.name) return;
        found = true;
        auto const field = section_name + "." + setting.name;
        outcome = take(node, field, value);
        if (outcome) outcome = check(setting.rule, value, field);
        if (!outcome) outcome.error().message.insert(0, place(file, node.source()));
    });
    if (!found)
        return unknown(place(file, key.source()), "key", section_name + "." + std::string(key.str()), [&] {
            for (auto& name : known) name.insert(0, section_name + ".");
            return known;
        }());
    return outcome;
}

Result<void> take_section(Settings& settings, toml::key const& key, toml::node const& node, std::string const& file)
{
    std::vector<std::string> known;
    Result<void> outcome;
    bool found = false;
    for_each_section(settings, [&](std::string const& name, auto& section) {
        known.push_back(name);
        if (key.str() != name) return;
        found = true;
        auto const* table = node.as_table();
        if (table == nullptr) {
            outcome = fail(Fault::invalid,
                           place(file, key.source()) + "'" + name + "' must be a section: [" + name + "]", name);
            return;
        }
        for (auto const& [inner, value] : *table) {
            if (outcome) outcome = take_key(section, name, inner, value, file);
        }
    });
    if (!found) return unknown(place(file, key.source()), "section", key.str(), known);
    return outcome;
}

// A socket's path that follows a long folder may be too long though neither was refused by itself.
Result<Settings> settled(Settings settings, std::string const& file)
{
    settle(settings);
    if (auto fits = check(settings); !fits) {
        return fail(Fault::invalid, file + ": " + fits.error().message, fits.error().field);
    }
    return settings;
}

std::string shown(std::string const& value) { return "\"" + value + "\""; }
std::string shown(std::int64_t value) { return std::to_string(value); }
std::string shown(Duration value) { return "\"" + duration_text(value) + "\""; }

// Calls `visit(section, setting, value, default)` for each setting, with the texts of the last two.
template <class Visit>
void for_each_shown(Settings const& settings, Visit visit)
{
    std::vector<std::string> defaults;
    auto const standard = default_settings();
    for_each_section(standard, [&](std::string const&, auto const& section) {
        for_each_setting(section, [&](auto const&, auto const& value) { defaults.push_back(shown(value)); });
    });
    auto next = defaults.begin();
    for_each_section(settings, [&](std::string const& name, auto const& section) {
        for_each_setting(section,
                         [&](auto const& setting, auto const& value) { visit(name, setting, shown(value), *next++); });
    });
}

template <class Setting>
std::string help_text(Setting const& setting)
{
    auto const rule = rule_text(setting.rule);
    return std::string(setting.help) + (rule.empty() ? "" : " (" + rule + ")");
}

}  // namespace

std::string settings_path(std::optional<std::string> const& given)
{
    if (given) return *given;
    auto const* const named = std::getenv("PROVOST_CONFIG");
    return named != nullptr && *named != '\0' ? named : "/etc/provost/provost.toml";
}

Result<Settings> read_settings(std::string const& path)
{
    std::unique_ptr<std::FILE, int (*)(std::FILE*)> const file(std::fopen(path.c_str(), "rbe"), std::fclose);
    if (!file) {
        auto const reason = errno;
        auto const fault = reason == ENOENT ? Fault::not_found : reason == EACCES ? Fault::denied : Fault::unavailable;
        return fail(fault, escaped(path) + ": " + std::strerror(reason), "config");
    }
    std::string text;
    std::array<char, 4096> piece{};
    while (auto const got = std::fread(piece.data(), 1, piece.size(), file.get())) text.append(piece.data(), got);
    if (std::ferror(file.get()) != 0) {
        return fail(Fault::unavailable, escaped(path) + ": " + std::strerror(errno), "config");
    }
    return parse_settings(text, path);
}

Result<Settings> parse_settings(std::string_view text, std::string const& name)
{
    Settings settings;
    try {
        auto const document = toml::parse(text);
        for (auto const& [key, node] : document) CHECK_OK(take_section(settings, key, node, name));
    } catch (toml::parse_error const& error) {
        return fail(Fault::invalid, place(name, error.source()) + escaped(error.description()));
    }
    return settled(std::move(settings), name);
}

std::string sample_file(Settings const& chosen)
{
    auto all = chosen;
    settle(all);
    std::string text =
        "# The settings of Provost. What is commented out shows the default.\n"
        "# Times are written 500ms, 30s, 10m, 12h, 30d.\n";
    std::string section;
    for_each_shown(all, [&](std::string const& name, auto const& setting, auto const& value, auto const& standard) {
        if (std::exchange(section, name) != name) text += "\n[" + name + "]\n";
        text += "# " + help_text(setting) + "\n";
        text += (value == standard ? "# " : "") + std::string(setting.name) + " = " + value + "\n";
    });
    return text;
}

std::vector<DescribedSetting> every_setting()
{
    std::vector<DescribedSetting> all;
    for_each_shown(default_settings(),
                   [&](std::string const& section, auto const& setting, auto const&, auto const& standard) {
                       all.push_back({section, setting.name, standard, help_text(setting)});
                   });
    return all;
}

std::string settings_help()
{
    std::string text;
    for (auto const& each : every_setting()) {
        text += "  " + each.section + "." + each.name + " = " + each.standard + "\n      " + each.help + "\n";
    }
    return text;
}

}  // namespace provost::config
