// SPDX-License-Identifier: Apache-2.0
#include "provost/table.h"

#include <algorithm>
#include <array>
#include <locale.h>
#include <numeric>
#include <wchar.h>

#include "base/text.h"

namespace provost::cli {
namespace {

constexpr int gap = 2;
constexpr int narrowest = 3;  // a column is not shortened below this

struct Rune {
    char32_t code;
    std::size_t bytes;
};

// The first character of well-formed UTF-8.
Rune first_of(std::string_view text)
{
    auto const lead = static_cast<unsigned char>(text[0]);
    std::size_t const bytes = lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
    static constexpr std::array<unsigned, 5> masks{0, 0x7F, 0x1F, 0x0F, 0x07};
    char32_t code = lead & masks[bytes];
    for (std::size_t i = 1; i < bytes && i < text.size(); ++i)
        code = code << 6U | (static_cast<unsigned char>(text[i]) & 0x3FU);
    return {code, std::min(bytes, text.size())};
}

// As glibc knows it from Unicode, whatever the locale of the terminal.
int cells_of(char32_t code)
{
    static auto const locale = ::newlocale(LC_CTYPE_MASK, "C.UTF-8", nullptr);
    if (locale == nullptr) return 1;
    auto const before = ::uselocale(locale);
    auto const cells = ::wcwidth(static_cast<wchar_t>(code));
    ::uselocale(before);
    return cells < 0 ? 1 : cells;  // of what is not assigned yet nobody knows
}

std::vector<int> widths_of(Table const& table, int width)
{
    std::vector<int> widths(table.header.size(), 0);
    auto widen = [&](std::vector<std::string> const& row) {
        for (std::size_t i = 0; i < widths.size() && i < row.size(); ++i)
            widths[i] = std::max(widths[i], cells(printable(row[i])));
    };
    widen(table.header);
    for (auto const& row : table.rows) widen(row);
    if (width <= 0 || widths.empty()) return widths;
    auto const gaps = gap * (static_cast<int>(widths.size()) - 1);
    while (std::accumulate(widths.begin(), widths.end(), gaps) > width) {
        auto const widest = std::max_element(widths.begin(), widths.end());
        if (*widest <= narrowest) break;
        --*widest;
    }
    return widths;
}

std::string line_of(std::vector<std::string> const& row, std::vector<int> const& widths)
{
    std::string line;
    for (std::size_t i = 0; i < widths.size() && i < row.size(); ++i) {
        auto const cell = shortened(printable(row[i]), widths[i]);
        line += cell;
        line.append(static_cast<std::size_t>(widths[i] - cells(cell) + gap), ' ');
    }
    auto const end = line.find_last_not_of(' ');
    line.resize(end == std::string::npos ? 0 : end + 1);
    return line + '\n';
}

}  // namespace

int cells(std::string_view text)
{
    int total = 0;
    while (!text.empty()) {
        auto const rune = first_of(text);
        total += cells_of(rune.code);
        text.remove_prefix(rune.bytes);
    }
    return total;
}

std::string shortened(std::string_view text, int width)
{
    if (cells(text) <= width) return std::string(text);
    std::string out;
    int used = 0;
    while (!text.empty()) {
        auto const rune = first_of(text);
        used += cells_of(rune.code);
        if (used > width - 1) break;
        out += text.substr(0, rune.bytes);
        text.remove_prefix(rune.bytes);
    }
    return out + "…";
}

std::string printable(std::string_view text)
{
    if (!is_utf8(text)) return escaped(text, text.size());
    std::string out;
    while (!text.empty()) {
        auto const rune = first_of(text);
        auto const part = text.substr(0, rune.bytes);
        // U+202A to U+202E and U+2066 to U+2069 turn the direction of what follows them.
        auto const drives = rune.code < 0x20 || (rune.code >= 0x7F && rune.code < 0xA0) ||
                            (rune.code >= 0x202A && rune.code <= 0x202E) ||
                            (rune.code >= 0x2066 && rune.code <= 0x2069);
        if (drives) {
            for (char c : part) out += "\\x" + to_hex(std::string_view(&c, 1));
        } else {
            out += part;
        }
        text.remove_prefix(rune.bytes);
    }
    return out;
}

std::string laid_out(Table const& table, int width)
{
    auto const widths = widths_of(table, width);
    auto out = line_of(table.header, widths);
    for (auto const& row : table.rows) out += line_of(row, widths);
    return out;
}

std::string as_csv(Table const& table)
{
    std::string out;
    auto add = [&](std::vector<std::string> const& row) {
        for (std::size_t i = 0; i < row.size(); ++i) {
            if (i > 0) out += ',';
            if (row[i].find_first_of(",\"\r\n") == std::string::npos) {
                out += row[i];
                continue;
            }
            out += '"';
            for (char c : row[i]) out += c == '"' ? std::string("\"\"") : std::string(1, c);
            out += '"';
        }
        out += '\n';
    };
    add(table.header);
    for (auto const& row : table.rows) add(row);
    return out;
}

}  // namespace provost::cli
