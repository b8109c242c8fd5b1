// SPDX-License-Identifier: Apache-2.0
#include "host/init.h"

#include <algorithm>
#include <sys/stat.h>

#include <gtest/gtest.h>

#include "config/file.h"
#include "host/test_root.h"

using namespace provost;
using namespace provost::host;

namespace {

// In another root no program is run.
Result<std::string> nothing(std::vector<std::string> const& words)
{
    ADD_FAILURE() << "ran " << words.front();
    return fail(Fault::unavailable, "nothing is run here");
}

class Init : public ::testing::Test {
protected:
    void SetUp() override
    {
        if (::geteuid() != 0) GTEST_SKIP() << "needs root: it gives files to root";
    }
    unsigned mode_of(std::string const& path)
    {
        struct stat status {};
        return ::stat((test_.path() + path).c_str(), &status) == 0 ? status.st_mode & 07777U : 0;
    }
    TestRoot test_;
};

}  // namespace

TEST_F(Init, ASecondTimeThereIsNothingToChange)
{
    auto const first = init(test_.root(), {}, nothing);
    ASSERT_TRUE(first) << first.error().message;
    EXPECT_FALSE(first->empty());
    auto const key = *test_.root().read("/etc/provost/doveadm.key");
    auto const second = init(test_.root(), {}, nothing);
    ASSERT_TRUE(second) << second.error().message;
    EXPECT_TRUE(second->empty()) << second->front();
    EXPECT_EQ(*test_.root().read("/etc/provost/doveadm.key"), key);
}

TEST_F(Init, SecretsAndStateAreNotForEverybody)
{
    ASSERT_TRUE(init(test_.root(), {}, nothing));
    EXPECT_EQ(mode_of("/etc/provost"), 0750U);
    EXPECT_EQ(mode_of("/etc/provost/doveadm.key"), 0640U);
    EXPECT_EQ(mode_of("/etc/provost/provost.toml"), 0640U);
    EXPECT_EQ(mode_of("/var/lib/provost"), 0750U);
    EXPECT_EQ(mode_of("/run/provost"), 0755U);
    EXPECT_EQ(mode_of("/var/vmail"), 0750U);
    EXPECT_GE(test_.root().read("/etc/provost/doveadm.key")->size(), 43U);  // 32 bytes in base64
}

TEST_F(Init, ChosenSettingsAreWrittenAndSettingsThatAreThereAreObeyedAndLeft)
{
    InitOptions options;
    options.settings.mail.mail_root = "/srv/mail";
    ASSERT_TRUE(init(test_.root(), options, nothing));
    EXPECT_EQ(config::read_settings(test_.path() + "/etc/provost/provost.toml")->mail.mail_root, "/srv/mail");
    EXPECT_TRUE(test_.root().exists("/srv/mail"));

    std::ofstream(test_.path() + "/etc/provost/provost.toml") << "[mail]\nmail_root = \"/srv/other\"\n";
    auto const again = init(test_.root(), options, nothing);
    ASSERT_TRUE(again);
    EXPECT_EQ(*again, Changes{"made the folder /srv/other"});
    EXPECT_EQ(*test_.root().read("/etc/provost/provost.toml"), "[mail]\nmail_root = \"/srv/other\"\n");
}

TEST_F(Init, SettingsThatWereWrittenBeforeItAreNotForEverybodyEither)
{
    std::filesystem::create_directories(test_.path() + "/etc/provost");
    std::ofstream(test_.path() + "/etc/provost/provost.toml") << "[mail]\n";
    ::chmod((test_.path() + "/etc/provost/provost.toml").c_str(), 0644);
    auto const made = init(test_.root(), {}, nothing);
    ASSERT_TRUE(made) << made.error().message;
    EXPECT_EQ(mode_of("/etc/provost/provost.toml"), 0640U);
    EXPECT_EQ(std::count(made->begin(), made->end(), "set owner and mode of /etc/provost/provost.toml"), 1);
    EXPECT_EQ(*test_.root().read("/etc/provost/provost.toml"), "[mail]\n");
}

TEST_F(Init, SettingsThatCannotBeReadChangeNothing)
{
    std::filesystem::create_directories(test_.path() + "/etc/provost");
    std::ofstream(test_.path() + "/etc/provost/provost.toml") << "[mial]\n";
    auto const outcome = init(test_.root(), {}, nothing);
    ASSERT_FALSE(outcome);
    EXPECT_NE(outcome.error().message.find("did you mean 'mail'?"), std::string::npos);
    EXPECT_FALSE(test_.root().exists("/var/lib/provost"));
}

TEST_F(Init, AUserThatIsMissingInAnotherRootIsNamed)
{
    InitOptions options;
    options.settings.mail.user = "mailstore";
    auto const outcome = init(test_.root(), options, nothing);
    ASSERT_FALSE(outcome);
    EXPECT_EQ(outcome.error().fault, Fault::not_found);
    EXPECT_NE(outcome.error().message.find("mailstore"), std::string::npos);
}

TEST_F(Init, AFolderThatIsAnothersIsNotTakenForTheSettings)
{
    for (auto file : {"/etc/provost.toml", "/run/x.toml"}) {
        InitOptions options;
        options.settings_file = file;
        auto const before = mode_of(std::filesystem::path(file).parent_path());
        auto const refused = init(test_.root(), options, nothing);
        ASSERT_FALSE(refused) << file;
        EXPECT_EQ(refused.error().fault, Fault::conflict);
        EXPECT_EQ(mode_of(std::filesystem::path(file).parent_path()), before);
        EXPECT_FALSE(test_.root().exists("/var/lib/provost")) << file;
    }
    InitOptions options;
    options.settings_file = "x.toml";
    EXPECT_EQ(init(test_.root(), options, nothing).error().field, "--config");
    // One that it makes itself is its own, and stays so.
    options.settings_file = "/etc/site/mail/x.toml";
    options.settings.dovecot.doveadm_key_file = "/etc/site/mail/doveadm.key";
    ASSERT_TRUE(init(test_.root(), options, nothing));
    EXPECT_EQ(mode_of("/etc/site/mail"), 0750U);
    EXPECT_NE(mode_of("/etc/site"), 0750U);
    EXPECT_TRUE(init(test_.root(), options, nothing)->empty());
}
