// SPDX-License-Identifier: Apache-2.0
#include "host/write_servers.h"

#include <algorithm>

#include <gtest/gtest.h>

#include "host/init.h"
#include "host/test_root.h"

using namespace provost;
using namespace provost::host;

namespace {

// Stands in for postconf and dovecot: keeps what it is told, and shows it in postconf's own form.
class Servers {
public:
    Result<std::string> run(std::vector<std::string> words)
    {
        if (words[0] == "dovecot") return "2.3.19.1 (9b53102964)\n";
        if (words[1] == "-dh") return "3.7.11\n";
        ++runs_;
        auto const flag = words.at(3);  // after -c FOLDER
        words.erase(words.begin(), words.begin() + 4);
        auto& kept = flag == "-M" ? services_ : flag == "-P" ? options_ : main_;
        for (auto const& word : words) {
            if (flag == "-X") {
                kept.erase(word);
            } else {
                kept[word.substr(0, word.find('='))] = word.substr(word.find('=') + 1);
            }
        }
        return words.empty() ? shown(flag, kept) : "";
    }
    std::map<std::string, std::string> main_{{"smtpd_tls_cert_file", "/etc/snakeoil.pem"}};
    std::map<std::string, std::string> services_{
        {"smtp/inet", "smtp       inet  n       -       y       -       -       smtpd"}};
    std::map<std::string, std::string> options_;
    int runs_ = 0;

private:
    static std::string shown(std::string const& flag, std::map<std::string, std::string> const& kept)
    {
        std::string text;
        for (auto const& [key, value] : kept) {
            text += flag == "-M" ? value + "\n    -o syslog_name=x\n" : key + " = " + value + "\n";
        }
        return text;
    }
};

class WriteServers : public ::testing::Test {
protected:
    void SetUp() override
    {
        if (::geteuid() != 0) GTEST_SKIP() << "needs root: it gives files to root";
        ASSERT_TRUE(init(test_.root(), {}, run_));
    }
    Result<Changes> write() { return write_servers(test_.root(), config::default_settings(), options_, run_); }

    TestRoot test_;
    Servers servers_;
    ServerOptions options_;
    Runner run_ = [this](auto const& words) { return servers_.run(words); };
};

bool has(Changes const& changes, std::string const& one)
{
    return std::find(changes.begin(), changes.end(), one) != changes.end();
}

}  // namespace

TEST_F(WriteServers, ASecondTimeThereIsNothingToChange)
{
    auto const first = write();
    ASSERT_TRUE(first) << first.error().message;
    EXPECT_TRUE(has(*first, "wrote /etc/dovecot/local.conf"));
    EXPECT_TRUE(has(*first, "postfix: virtual_alias_maps = ${provost}:aliases"));
    EXPECT_TRUE(has(*first, "postfix: removed smtpd_tls_cert_file"));
    EXPECT_FALSE(has(*first, "postfix: removed smtpd_tls_key_file"));  // it was not there
    EXPECT_TRUE(has(*first, "postfix: service submission inet n - y - - smtpd"));
    servers_.runs_ = 0;
    auto const second = write();
    ASSERT_TRUE(second) << second.error().message;
    EXPECT_TRUE(second->empty()) << second->front();
    EXPECT_EQ(servers_.runs_, 3);  // looked, and edited nothing
}

TEST_F(WriteServers, WhatSomebodyChangedByHandIsPutRightAndNothingElse)
{
    ASSERT_TRUE(write());
    servers_.main_["virtual_alias_maps"] = "hash:/etc/postfix/virtual";
    servers_.options_.erase("submission/inet/smtpd_sasl_auth_enable");
    auto const changes = write();
    ASSERT_TRUE(changes);
    EXPECT_EQ(*changes, (Changes{"postfix: virtual_alias_maps = ${provost}:aliases",
                                 "postfix: service option submission/inet/smtpd_sasl_auth_enable = yes"}));
}

TEST_F(WriteServers, TheKeyIsInAFileOfItsOwnAndNotInLocalConf)
{
    ASSERT_TRUE(write());
    auto key = *test_.root().read("/etc/provost/doveadm.key");
    key.pop_back();
    EXPECT_EQ(*test_.root().read("/etc/dovecot/provost-secrets.conf"), "doveadm_api_key = " + key + "\n");
    EXPECT_EQ(test_.root().read("/etc/dovecot/local.conf")->find(key), std::string::npos);
}

TEST_F(WriteServers, AServerThatIsUnknownOrAnOptionThatIsWrongChangesNothing)
{
    options_.postfix.log_file = "/home/mail.log";
    EXPECT_EQ(write().error().field, "log_file");
    EXPECT_FALSE(test_.root().exists("/etc/dovecot/local.conf"));
    EXPECT_EQ(servers_.services_.size(), 1U);
}
