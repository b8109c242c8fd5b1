// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "host/command.h"
#include "host/doctor_parts.h"
#include "host/test_root.h"

using namespace provost;
using namespace provost::host;

namespace {

// A folder with pairs made by openssl(1).
class Certificate : public ::testing::Test {
protected:
    void make(std::string const& name, std::string const& days)
    {
        auto const at = test_.path() + "/" + name;
        for (std::vector<std::string> const& words : std::initializer_list<std::vector<std::string>>{
                 {"openssl", "req", "-new", "-newkey", "rsa:2048", "-nodes", "-keyout", at + ".key", "-out",
                  at + ".csr", "-subj", "/CN=mx.example.test"},
                 {"openssl", "x509", "-req", "-in", at + ".csr", "-signkey", at + ".key", "-days", days, "-out",
                  at + ".pem"}}) {
            auto const made = run_command(words, std::chrono::seconds(30));
            ASSERT_TRUE(made) << made.error().message;
        }
    }
    Finding judged(std::string const& certificate, std::string const& key)
    {
        Finding found;
        examine_certificate({test_.root(), {}, {}, {}, [&](Finding const& finding) { found = finding; }}, "certificate",
                            certificate, key);
        return found;
    }

    TestRoot test_;
};

TEST_F(Certificate, WithItsKeyAndTimeLeftIsWell)
{
    make("a", "90");
    EXPECT_EQ(judged("/a.pem", "/a.key").health, Health::green);
}

TEST_F(Certificate, ThatEndsWithinTwoWeeksIsYellow)
{
    make("a", "13");
    auto const found = judged("/a.pem", "/a.key");
    EXPECT_EQ(found.health, Health::yellow);
    // Whole days are counted, and the thirteenth begins to run when the certificate is made.
    EXPECT_TRUE(found.what == "/a.pem, 12 days left" || found.what == "/a.pem, 13 days left") << found.what;
}

TEST_F(Certificate, ThatHasExpiredIsRed)
{
    make("a", "-1");
    EXPECT_EQ(judged("/a.pem", "/a.key").what, "/a.pem has expired");
}

TEST_F(Certificate, WithTheKeyOfAnotherIsRed)
{
    make("a", "90");
    make("b", "90");
    EXPECT_EQ(judged("/a.pem", "/b.key").what, "/b.key is not the key of /a.pem");
}

TEST_F(Certificate, ThatIsNoneIsRed)
{
    make("a", "90");
    EXPECT_EQ(judged("/a.key", "/a.key").what, "/a.key holds no certificate in PEM");
    EXPECT_EQ(judged("/a.pem", "/a.pem").what, "/a.pem holds no key in PEM without a passphrase");
    EXPECT_EQ(judged("/c.pem", "/a.key").health, Health::red);
}

}  // namespace
