// SPDX-License-Identifier: Apache-2.0
#include "host/settings_file.h"

#include <gtest/gtest.h>

#include "config/file.h"

using namespace provost;
using namespace provost::host;

namespace {

std::string changed(std::string const& text)
{
    auto const done = with_target(text, "cyrus", "provost.toml");
    return done ? *done : done.error().message;
}

}  // namespace

TEST(SettingsText, TheTargetIsSaidWhereItStood)
{
    EXPECT_EQ(changed("[mail]\n# What?\ntarget = \"dovecot\" # now\nuid = 7\n"),
              "[mail]\n# What?\ntarget = \"cyrus\"\nuid = 7\n");
    EXPECT_EQ(changed("[mail]\n# target = \"dovecot\"\n[log]\n"), "[mail]\ntarget = \"cyrus\"\n[log]\n");
    EXPECT_EQ(changed("[mail]\nuid = 7\n[doors]\n# target = 1\n"),
              "[mail]\ntarget = \"cyrus\"\nuid = 7\n[doors]\n# target = 1\n");
    EXPECT_EQ(changed("[log]\nlevel = \"info\""), "[log]\nlevel = \"info\"\n\n[mail]\ntarget = \"cyrus\"\n");
    EXPECT_EQ(changed(""), "\n[mail]\ntarget = \"cyrus\"\n");
    EXPECT_EQ(changed("[mail]"), "[mail]\ntarget = \"cyrus\"\n");
}

TEST(SettingsText, OfTheSampleOneLineChanges)
{
    auto const text = changed(config::sample_file());
    EXPECT_NE(text.find("\ntarget = \"cyrus\"\n"), std::string::npos);
    EXPECT_EQ(text.size(), config::sample_file().size() - 4);
}

TEST(SettingsText, WhereItCannotBeDoneThatIsSaid)
{
    EXPECT_NE(changed("mail = { uid = 7 }\n").find("by hand"), std::string::npos);
}
