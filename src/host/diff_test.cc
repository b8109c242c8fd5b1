// SPDX-License-Identifier: Apache-2.0
#include "host/diff.h"

#include <sstream>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "base/text.h"

using namespace provost;
using namespace provost::host;

namespace {

std::string diff(std::string_view old, std::string_view fresh) { return unified_diff("a", "b", old, fresh); }

std::string numbered(int from, int to)
{
    std::string text;
    for (int i = from; i <= to; ++i) text += std::to_string(i) + "\n";
    return text;
}

std::string joined_lines(std::vector<std::string> const& lines)
{
    std::string text;
    for (auto const& line : lines) text += line + "\n";
    return text;
}

// What patch(1) would make of it: the old text with each hunk's lines in the place of those that it names.
std::string patched(std::string_view old, std::string const& diff)
{
    auto lines = split(old, '\n');
    if (!lines.empty() && lines.back().empty()) lines.pop_back();
    std::string out;
    std::size_t at = 0;
    std::istringstream in(diff);
    std::string line;
    while (std::getline(in, line)) {
        if (line.starts_with("@@ -")) {
            auto const comma = line.find_first_of(", ", 4);
            auto start = static_cast<std::size_t>(*to_integer(line.substr(4, comma - 4)));
            // An empty range comes after the line that it names.
            if (line.substr(comma, 3) != ",0 ") --start;
            for (; at < start; ++at) out += std::string(lines[at]) + "\n";
        } else if (line[0] == ' ') {
            out += std::string(lines[at++]) + "\n";
        } else if (line.starts_with("-") && !line.starts_with("---")) {
            ++at;
        } else if (line.starts_with("+") && !line.starts_with("+++")) {
            out += line.substr(1) + "\n";
        }
    }
    for (; at < lines.size(); ++at) out += std::string(lines[at]) + "\n";
    return out;
}

}  // namespace

TEST(Diff, EqualTextsHaveNone) { EXPECT_EQ(diff("a\nb\n", "a\nb\n"), ""); }

TEST(Diff, AChangeIsShownWithThreeLinesAroundIt)
{
    auto changed = numbered(1, 20);
    changed.replace(changed.find("10\n"), 3, "ten\n");
    EXPECT_EQ(diff(numbered(1, 20), changed), "--- a\n+++ b\n@@ -7,7 +7,7 @@\n 7\n 8\n 9\n-10\n+ten\n 11\n 12\n 13\n");
}

TEST(Diff, ChangesThatAreFarApartAreTwoHunks)
{
    auto const old = numbered(1, 30);
    EXPECT_EQ(diff(old, "0\n" + numbered(1, 29)),
              "--- a\n+++ b\n@@ -1,3 +1,4 @@\n+0\n 1\n 2\n 3\n@@ -27,4 +28,3 @@\n 27\n 28\n 29\n-30\n");
}

TEST(Diff, AFileThatWasNotThereIsNewFromItsFirstLine)
{
    EXPECT_EQ(unified_diff("/dev/null", "/etc/x", "", "a\n"), "--- /dev/null\n+++ /etc/x\n@@ -0,0 +1 @@\n+a\n");
}

TEST(Diff, AMissingEndOfLineIsSaid)
{
    EXPECT_EQ(diff("a", "a\nb\n"), "--- a\n+++ b\n@@ -1 +1,2 @@\n-a\n\\ No newline at end of file\n+a\n+b\n");
}

TEST(Diff, PasswordsAreNotShown)
{
    for (auto [line, shown] :
         {std::pair("doveadm_api_key = abc", "doveadm_api_key = (hidden)"),
          std::pair("  doveadm_password=abc", "  doveadm_password= (hidden)"),
          std::pair("connect = host=x user=y password=abc z", "connect = host=x user=y password=(hidden)"),
          std::pair("smtp_sasl_password_maps = static:user:abc", "smtp_sasl_password_maps = (hidden)"),
          std::pair("smtp_sasl_password_maps = hash:/etc/p", "smtp_sasl_password_maps = hash:/etc/p"),
          std::pair("  static:user:abc", "  static:(hidden)"),
          std::pair("x_maps = inline:{ a=abc }", "x_maps = inline:(hidden)"),
          std::pair("virtual_uid_maps = static:5000", "virtual_uid_maps = static:5000"),
          std::pair("mysql_pass = abc", "mysql_pass = (hidden)"),
          std::pair("ssl_key = </etc/k.pem", "ssl_key = </etc/k.pem"),
          std::pair("smtpd_tls_chain_files = /k", "smtpd_tls_chain_files = /k")}) {
        EXPECT_EQ(without_secret(line), shown);
    }
    EXPECT_EQ(diff("", "x_secret = abc\n").find("abc"), std::string::npos);
}

RC_GTEST_PROP(Diff, ItLeadsFromTheOldTextToTheNewOne, ())
{
    auto const line = rc::gen::elementOf(std::vector<std::string>{"a", "b", "c", ""});
    auto const lines = rc::gen::container<std::vector<std::string>>(line);
    auto const old = joined_lines(*lines);
    auto const fresh = joined_lines(*lines);
    RC_ASSERT(patched(old, diff(old, fresh)) == fresh);
}
