// SPDX-License-Identifier: Apache-2.0
// Rows for people and for spreadsheets: columns that fit a terminal, and CSV.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace provost::cli {

struct Table {
    std::vector<std::string> header;
    std::vector<std::vector<std::string>> rows;
};

// Columns aligned, two blanks apart; lines no wider than `width` cells (0: however wide), by shortening the widest
// columns with "…". Control characters are shown as \xNN: what is in the directory must not drive the terminal.
std::string laid_out(Table const& table, int width);

// RFC 4180, with lines that end as Unix ends them.
std::string as_csv(Table const& table);

int cells(std::string_view text);                         // on a terminal: combining marks take none, CJK takes two
std::string shortened(std::string_view text, int width);  // to at most `width` cells, ending in "…" if cut
std::string printable(std::string_view text);

}  // namespace provost::cli
