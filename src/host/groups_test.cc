// SPDX-License-Identifier: Apache-2.0
#include "host/groups.h"

#include <filesystem>
#include <fstream>
#include <sys/stat.h>

#include <gtest/gtest.h>

#include "base/text.h"
#include "host/test_root.h"

using namespace provost;
using namespace provost::host;

namespace {

class GroupsOf : public ::testing::Test {
protected:
    void SetUp() override
    {
        if (::geteuid() != 0) GTEST_SKIP() << "needs root: it gives files to others";
        std::ofstream(test_.path() + "/etc/passwd", std::ios::app) << "imap:x:9101:9108::/:/bin/false\n";
        std::ofstream(test_.path() + "/etc/group", std::ios::app)
            << "mail:x:9108:\nsasl2:x:9145:postfix,imap\nssl-cert:x:9104:\nothers:x:9105:\n";
        std::filesystem::create_directories(test_.path() + "/etc/ssl/private");
        for (auto const* folder : {"", "/etc", "/etc/ssl"}) give(folder, 0, 0, 0755);
        std::ofstream(test_.path() + key) << "key";
        give("/etc/ssl/private", 0, 9104, 0710);
        give(key, 0, 9104, 0640);
    }

    void give(std::string const& path, uid_t uid, gid_t gid, mode_t mode) const
    {
        ASSERT_EQ(::chown((test_.path() + path).c_str(), uid, gid), 0);
        ASSERT_EQ(::chmod((test_.path() + path).c_str(), mode), 0);
    }
    std::string needed() const
    {
        auto const groups = groups_to_read(test_.root(), "imap", key);
        return groups ? joined(*groups, " ") : "refused: " + groups.error().message;
    }

    static constexpr auto key = "/etc/ssl/private/mx.key";
    TestRoot test_;
};

}  // namespace

TEST_F(GroupsOf, AUserAreHisOwnAndThoseThatNameHim)
{
    EXPECT_TRUE(*is_member(test_.root(), {"imap", "mail"}));
    EXPECT_TRUE(*is_member(test_.root(), {"imap", "sasl2"}));
    EXPECT_FALSE(*is_member(test_.root(), {"imap", "ssl-cert"}));
    EXPECT_EQ(is_member(test_.root(), {"imap", "nobody-has-it"}).error().fault, Fault::not_found);
    EXPECT_EQ(is_member(test_.root(), {"nobody-is-it", "mail"}).error().fault, Fault::not_found);
}

TEST_F(GroupsOf, AFileAreTheOnesThatItAndItsFoldersAreFor)
{
    EXPECT_EQ(needed(), "ssl-cert");
    give(key, 0, 9105, 0640);
    EXPECT_EQ(needed(), "ssl-cert others");
    give(key, 9101, 0, 0600);
    EXPECT_EQ(needed(), "ssl-cert");
    give("/etc/ssl/private", 0, 0, 0755);
    EXPECT_EQ(needed(), "");
    give(key, 0, 9145, 0640);
    EXPECT_EQ(needed(), "");
}

TEST_F(GroupsOf, WhereNoGroupHelpsThatIsSaid)
{
    give(key, 0, 0, 0640);
    EXPECT_EQ(needed().substr(0, 60), "refused: /etc/ssl/private/mx.key cannot be read by the user ");
    give(key, 0, 9104, 0600);
    EXPECT_TRUE(needed().starts_with("refused: "));
    give("/etc/ssl/private", 0, 0, 0700);
    EXPECT_TRUE(needed().starts_with("refused: "));
}
