// SPDX-License-Identifier: Apache-2.0
#include "host/diff.h"

#include <algorithm>
#include <cstdint>
#include <vector>

#include <fmt/format.h>

#include "base/text.h"

namespace provost::host {

namespace {

constexpr std::size_t around = 3;
// The table of common lines has a cell for each pair; texts beyond it are shown as replaced from where they differ.
constexpr std::size_t most_cells = 16'000'000;

using Lines = std::vector<std::string_view>;

// One line of the comparison: ' ' in both, '-' only in the old text, '+' only in the new one.
struct Step {
    char kind;
    std::string_view line;
};

// With their ends, so that a last line without one differs from one that has it.
Lines lines_of(std::string_view text)
{
    Lines lines;
    while (!text.empty()) {
        auto const end = text.find('\n');
        auto const size = end == std::string_view::npos ? text.size() : end + 1;
        lines.push_back(text.substr(0, size));
        text.remove_prefix(size);
    }
    return lines;
}

// By the longest common subsequence of what is between the equal beginnings and ends.
std::vector<Step> middle(Lines const& old, Lines const& fresh)
{
    std::vector<Step> steps;
    auto const rows = old.size();
    auto const columns = fresh.size();
    if (rows * columns > most_cells) {
        for (auto line : old) steps.push_back({'-', line});
        for (auto line : fresh) steps.push_back({'+', line});
        return steps;
    }
    std::vector<std::uint32_t> common((rows + 1) * (columns + 1), 0);
    auto cell = [&](std::size_t row, std::size_t column) -> std::uint32_t& {
        return common[row * (columns + 1) + column];
    };
    for (std::size_t row = rows; row-- > 0;) {
        for (std::size_t column = columns; column-- > 0;) {
            cell(row, column) = old[row] == fresh[column] ? cell(row + 1, column + 1) + 1
                                                          : std::max(cell(row + 1, column), cell(row, column + 1));
        }
    }
    std::size_t row = 0;
    std::size_t column = 0;
    while (row < rows || column < columns) {
        if (row < rows && column < columns && old[row] == fresh[column]) {
            steps.push_back({' ', old[row++]});
            ++column;
        } else if (column == columns || (row < rows && cell(row + 1, column) >= cell(row, column + 1))) {
            steps.push_back({'-', old[row++]});
        } else {
            steps.push_back({'+', fresh[column++]});
        }
    }
    return steps;
}

std::vector<Step> compared(Lines old, Lines fresh)
{
    auto const [a, b] = std::mismatch(old.begin(), old.end(), fresh.begin(), fresh.end());
    Lines const head(old.begin(), a);
    old.erase(old.begin(), a);
    fresh.erase(fresh.begin(), b);
    Lines tail;
    while (!old.empty() && !fresh.empty() && old.back() == fresh.back()) {
        tail.push_back(old.back());
        old.pop_back();
        fresh.pop_back();
    }
    std::vector<Step> steps;
    for (auto line : head) steps.push_back({' ', line});
    for (auto const& step : middle(old, fresh)) steps.push_back(step);
    std::for_each(tail.rbegin(), tail.rend(), [&](auto line) { steps.push_back({' ', line}); });
    return steps;
}

std::string range(std::size_t start, std::size_t count)
{
    // An empty range is named by the line before it.
    return count == 1 ? fmt::format("{}", start + 1) : fmt::format("{},{}", count == 0 ? start : start + 1, count);
}

std::string shown(Step const& step)
{
    auto line = step.line;
    auto const whole = line.ends_with('\n');
    if (whole) line.remove_suffix(1);
    return step.kind + without_secret(line) + (whole ? "\n" : "\n\\ No newline at end of file\n");
}

// How many changed lines there are from `at` on before `around` * 2 equal ones follow: where a hunk ends.
std::size_t end_of_hunk(std::vector<Step> const& steps, std::size_t at)
{
    auto end = at;
    for (std::size_t equal = 0; at < steps.size() && equal <= 2 * around; ++at) {
        equal = steps[at].kind == ' ' ? equal + 1 : 0;
        if (equal == 0) end = at + 1;
    }
    return std::min(end + around, steps.size());
}

bool is_secret_name(std::string_view name)
{
    for (auto word : {"secret", "api_key", "nonce", "_pass"}) {
        if (name.ends_with(word)) return true;
    }
    return name.find("password") != std::string_view::npos || name.find("passwd") != std::string_view::npos;
}

// Where a table stands in the value itself, static:user:password or inline:{...}: from there on it is not shown. One
// without a second colon is an answer for all, such as static:5000.
std::size_t start_of_inner_table(std::string_view line)
{
    for (std::string_view const type : {"static:", "inline:"}) {
        auto const at = line.find(type);
        if (at == std::string_view::npos) continue;
        if (type == "inline:" || line.find(':', at + type.size()) != std::string_view::npos) return at + type.size();
    }
    return std::string_view::npos;
}

// smtp_sasl_password_maps = hash:/etc/postfix/passwords: the name of a file says nothing that is secret.
bool is_file_table(std::string_view name, std::string_view value)
{
    auto const colon = value.find(":/");
    return name.ends_with("_maps") && colon != std::string_view::npos &&
           value.substr(0, colon).find_first_not_of("abcdefghijklmnopqrstuvwxyz") == std::string_view::npos;
}

}  // namespace

std::string without_secret(std::string_view line)
{
    // In a comment too: it may be yesterday's.
    auto const equals = line.find('=');
    auto const name = folded(trimmed(line.substr(0, equals)));
    if (equals != std::string_view::npos && is_secret_name(name) &&
        !is_file_table(name, trimmed(line.substr(equals + 1)))) {
        return std::string(line.substr(0, equals)) + "= (hidden)";
    }
    if (auto const inner = start_of_inner_table(line); inner != std::string_view::npos) {
        return std::string(line.substr(0, inner)) + "(hidden)";
    }
    // connect = host=localhost password=x; the rest of the line may belong to it.
    auto const inside = folded(line).find("password=");
    if (inside == std::string_view::npos) return std::string(line);
    return std::string(line.substr(0, inside)) + "password=(hidden)";
}

std::string shown_setting(std::string const& name, std::string const& value)
{
    return without_secret(name + " = " + value);
}

std::string unified_diff(std::string_view old_name, std::string_view new_name, std::string_view old_text,
                         std::string_view new_text)
{
    if (old_text == new_text) return {};
    auto const steps = compared(lines_of(old_text), lines_of(new_text));
    auto text = fmt::format("--- {}\n+++ {}\n", old_name, new_name);
    std::size_t at = 0;
    std::size_t old_line = 0;
    std::size_t new_line = 0;
    while (at < steps.size()) {
        auto const change =
            static_cast<std::size_t>(std::find_if(steps.begin() + static_cast<std::ptrdiff_t>(at), steps.end(),
                                                  [](Step const& step) { return step.kind != ' '; }) -
                                     steps.begin());
        if (change == steps.size()) break;
        auto const start = std::max(at, change - std::min(change, around));
        old_line += start - at;
        new_line += start - at;
        auto const end = end_of_hunk(steps, change);
        std::string hunk;
        std::size_t old_count = 0;
        std::size_t new_count = 0;
        for (at = start; at < end; ++at) {
            hunk += shown(steps[at]);
            old_count += steps[at].kind != '+' ? 1U : 0U;
            new_count += steps[at].kind != '-' ? 1U : 0U;
        }
        text += fmt::format("@@ -{} +{} @@\n{}", range(old_line, old_count), range(new_line, new_count), hunk);
        old_line += old_count;
        new_line += new_count;
    }
    return text;
}

}  // namespace provost::host
