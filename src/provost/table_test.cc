// SPDX-License-Identifier: Apache-2.0
#include "provost/table.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include "base/text.h"

namespace provost::cli {
namespace {

TEST(Table, ColumnsAreAlignedAndLinesHaveNoBlanksAtTheirEnd)
{
    Table const table{{"NAME", "QUOTA", "NOTE"}, {{"alice", "10G", ""}, {"bob@example.test", "-", "x"}}};
    EXPECT_EQ(laid_out(table, 0),
              "NAME              QUOTA  NOTE\n"
              "alice             10G\n"
              "bob@example.test  -      x\n");
}

TEST(Table, TheWidestColumnIsShortenedToFit)
{
    Table const table{{"NAME", "TARGETS"},
                      {{"info@example.test", "alice@example.test, bob@example.test, joe@example.org"}}};
    EXPECT_EQ(laid_out(table, 40),
              "NAME               TARGETS\n"
              "info@example.test  alice@example.test, …\n");
}

TEST(Table, CellsAreCountedAsTheTerminalShowsThem)
{
    struct {
        char const* text;
        int cells;
    } const cases[] = {{"abc", 3}, {"Jürgen", 6}, {"e\xCC\x81", 1}, {"日本", 4}, {"", 0},
                       {"ที่", 1},   {"مَ", 1},      {"कु", 1},         {"✅", 2},    {"\u200B", 0}};
    for (auto const& c : cases) EXPECT_EQ(cells(c.text), c.cells) << c.text;
    EXPECT_EQ(shortened("日本語", 5), "日本…");
    EXPECT_EQ(shortened("日本語", 4), "日…");
}

TEST(Table, NothingInTheDirectoryDrivesTheTerminal)
{
    EXPECT_EQ(printable("a\x1b[31mb"), "a\\x1b[31mb");
    EXPECT_EQ(printable("a\nb\x7f"), "a\\x0ab\\x7f");
    EXPECT_EQ(printable("\xC2\x9B"), "\\xc2\\x9b");
    EXPECT_EQ(printable("\xE2\x80\xAE"), "\\xe2\\x80\\xae");
    EXPECT_EQ(printable("O'Brien \"Bob\" Zoë"), "O'Brien \"Bob\" Zoë");
    EXPECT_EQ(printable("\xff"), "\\xff");
}

TEST(Table, CsvQuotesWhatNeedsIt)
{
    EXPECT_EQ(as_csv({{"name", "note"}, {{"a,b", "say \"hi\""}, {"c", "two\nlines"}}}),
              "name,note\n\"a,b\",\"say \"\"hi\"\"\"\nc,\"two\nlines\"\n");
}

RC_GTEST_PROP(Table, NoLineIsWiderThanTheTerminal, (std::vector<std::string> words))
{
    Table table{{"A", "B", "C"}, {}};
    for (auto const& word : words) table.rows.push_back({word, word + word, "x"});
    for (auto width : {20, 40, 80}) {
        auto const text = laid_out(table, width);
        for (auto line : split(text, '\n')) RC_ASSERT(cells(line) <= width);
    }
}

}  // namespace
}  // namespace provost::cli
