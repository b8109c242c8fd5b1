// SPDX-License-Identifier: Apache-2.0
#include "provost/shape.h"

#include <CLI/CLI.hpp>

#include "base/text.h"

namespace provost::cli {
namespace {

constexpr std::string_view before_example = "Example:\n  ";

void add(Shape& shape, CLI::Option const& option)
{
    if (option.get_positional()) {
        shape.operands.push_back({option.get_name(true), option.get_description(), option.get_required(),
                                  option.get_items_expected_max() > 1});
        return;
    }
    ShapeOption out;
    for (auto const& name : option.get_snames()) out.names.push_back("-" + name);
    for (auto const& name : option.get_lnames()) out.names.push_back("--" + name);
    auto const takes = option.get_type_name();  // with what a check adds: "INT:INT in [1 - 1000]"
    if (option.get_items_expected_max() > 0) out.takes = takes.substr(0, takes.find(':'));
    out.help = option.get_description();
    shape.options.push_back(std::move(out));
}

}  // namespace

Shape shape_of(CLI::App const& app)
{
    Shape shape{app.get_name()};
    shape.aliases = app.get_aliases();
    shape.help = app.get_description();
    auto const footer = app.get_footer();
    if (footer.starts_with(before_example)) shape.example = footer.substr(before_example.size());
    for (auto const* option : app.get_options()) add(shape, *option);
    for (auto const* sub : app.get_subcommands({})) {
        if (sub->get_group().empty()) continue;  // hidden
        auto part = shape_of(*sub);
        if (part.name.empty()) {  // what belongs together, and no command
            for (auto& operand : part.operands)
                operand.required = false;  // another of the group may stand in its place
            shape.operands.insert(shape.operands.end(), part.operands.begin(), part.operands.end());
            shape.options.insert(shape.options.end(), part.options.begin(), part.options.end());
        } else {
            shape.parts.push_back(std::move(part));
        }
    }
    return shape;
}

std::vector<std::string> choices_of(ShapeOption const& option)
{
    if (option.takes.find('|') == std::string::npos) return {};
    auto const words = split(option.takes, '|');
    return {words.begin(), words.end()};
}

}  // namespace provost::cli
