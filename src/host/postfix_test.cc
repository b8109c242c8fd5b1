// SPDX-License-Identifier: Apache-2.0
#include "host/postfix.h"

#include <map>
#include <set>

#include <gtest/gtest.h>

#include "mail/resolver.h"

using namespace provost;
using namespace provost::host;

namespace {

using Kind = PostfixEdit::Kind;

// What the edits come to, by key.
std::map<std::string, std::string> outcome(PostfixFamily family, PostfixOptions const& options = {})
{
    std::map<std::string, std::string> values;
    auto const edits = postfix_settings(family, config::default_settings(), options);
    if (!edits) return {{"error", edits.error().message}};
    for (auto const& edit : *edits) {
        switch (edit.kind) {
            case Kind::remove:
            case Kind::remove_service:
            case Kind::remove_option:
                values.erase(edit.key);
                break;
            case Kind::set:
            case Kind::first:
            case Kind::service:
            case Kind::option:
                values[edit.key] = edit.value;
        }
    }
    return values;
}

}  // namespace

TEST(Postfix, EveryMapComesFromOurSocket)
{
    auto const values = outcome(PostfixFamily::v3_7);
    EXPECT_EQ(values.at("provost"), "socketmap:unix:provost/map");
    for (auto const& [parameter, map] : std::map<std::string, std::string>{{"virtual_mailbox_domains", "domains"},
                                                                           {"virtual_alias_domains", "aliasdomains"},
                                                                           {"virtual_mailbox_maps", "mailboxes"},
                                                                           {"virtual_alias_maps", "aliases"},
                                                                           {"transport_maps", "transport"},
                                                                           {"relay_domains", "relaydomains"},
                                                                           {"relay_recipient_maps", "relayrecipients"},
                                                                           {"smtpd_sender_login_maps", "senders"}}) {
        EXPECT_EQ(values.at(parameter), "${provost}:" + map);
    }
    EXPECT_EQ(values.at("virtual_transport"), "lmtp:unix:private/dovecot-lmtp");
    EXPECT_EQ(values.at("smtpd_sasl_path"), "provost/auth");
}

TEST(Postfix, ALetterThatDovecotDidNotTakeHoldsNoOtherUp)
{
    EXPECT_EQ(outcome(PostfixFamily::v3_7).at("lmtp_destination_concurrency_failed_cohort_limit"), "0");
}

TEST(Postfix, SignInsComeByEitherOfOurSockets)
{
    auto const usual = outcome(PostfixFamily::v3_7);
    EXPECT_EQ(usual.at("smtpd_sasl_type") + " " + usual.at("smtpd_sasl_path"), "dovecot provost/auth");
    EXPECT_EQ(usual.count("smtpd_sasl_local_domain"), 0U);
    PostfixOptions options;
    options.sasl_type = "cyrus";
    auto const other = outcome(PostfixFamily::v3_7, options);
    EXPECT_EQ(other.at("smtpd_sasl_type") + " " + other.at("smtpd_sasl_path"), "cyrus smtpd");
    EXPECT_EQ(other.at("smtpd_sasl_local_domain"), "");
}

TEST(Postfix, LettersMayGoToAnotherHost)
{
    PostfixOptions options;
    options.lmtp_inet = "imap.example.org:24";
    EXPECT_EQ(outcome(PostfixFamily::v3_7, options).at("virtual_transport"), "lmtp:inet:imap.example.org:24");
    options.lmtp_inet = "a, b";
    EXPECT_EQ(outcome(PostfixFamily::v3_7, options).count("virtual_transport"), 0U);
}

TEST(Postfix, WhetherARecipientIsOffIsAskedBeforeWhetherItIsKnown)
{
    auto const values = outcome(PostfixFamily::v3_7);
    auto const first = std::string("check_recipient_access ${provost}:access");
    EXPECT_EQ(values.at("smtpd_recipient_restrictions"), "$provost_recipients");
    EXPECT_EQ(values.at("provost_recipients").rfind(first, 0), 0U);
    auto const& submitted = values.at("provost_submission_recipients");
    EXPECT_EQ(submitted.rfind("check_sasl_access ${provost}:sasl_access, " + first, 0), 0U);
    EXPECT_LT(submitted.find(first), submitted.find("reject_unlisted_recipient"));
    EXPECT_EQ(values.at("provost_submission_senders").rfind("check_sasl_access ${provost}:sasl_access, ", 0), 0U);
}

TEST(Postfix, WhetherARecipientHasRoomIsAskedLastAndSilenceRefusesNobody)
{
    auto const values = outcome(PostfixFamily::v3_10);
    EXPECT_EQ(values.at("provost_policy"),
              "check_policy_service { unix:provost/policy, timeout=10s, default_action=DUNNO }");
    for (auto const* list : {"provost_recipients", "provost_submission_recipients"})
        EXPECT_TRUE(values.at(list).ends_with(", reject_unlisted_recipient, $provost_policy")) << list;
}

TEST(Postfix, ASessionThatIsSignedInIsAskedAtEachOfItsSteps)
{
    auto const values = outcome(PostfixFamily::v3_7);
    for (std::string const service : {"submission", "submissions"}) {
        EXPECT_EQ(values.at(service + "/inet/smtpd_recipient_restrictions"), "$provost_submission_recipients");
        for (auto step : {"smtpd_data_restrictions", "smtpd_end_of_data_restrictions"}) {
            EXPECT_EQ(values.at(service + "/inet/" + step), "$provost_submission_data");
        }
        EXPECT_EQ(values.at(service + "/inet/smtpd_relay_restrictions"), "permit_sasl_authenticated,reject");
        EXPECT_EQ(values.at(service + "/inet/smtpd_tls_security_level"), "encrypt");
    }
    EXPECT_EQ(values.at("provost_submission_data"), "check_sasl_access ${provost}:sasl_access");
    EXPECT_EQ(values.at("submissions/inet/smtpd_tls_wrappermode"), "yes");
    EXPECT_EQ(values.count("submission/inet/smtpd_tls_wrappermode"), 0U);
    EXPECT_EQ(values.at("smtpd_sasl_auth_enable"), "no");
}

TEST(Postfix, WhatMasterCfHoldsHasNoBlanks)
{
    for (auto family : {PostfixFamily::v3_7, PostfixFamily::v3_10}) {
        auto const edits = postfix_settings(family, config::default_settings(), {});
        ASSERT_TRUE(edits);
        for (auto const& edit : *edits) {
            if (edit.kind != Kind::option) continue;
            EXPECT_EQ(edit.value.find_first_of(" \t"), std::string::npos) << edit.key;
        }
    }
}

TEST(Postfix, EachFamilyGetsWhatItsDefaultsLack)
{
    auto const old = outcome(PostfixFamily::v3_7);
    EXPECT_EQ(old.at("smtpd_forbid_bare_newline"), "yes");
    EXPECT_EQ(old.count("submission/inet/smtpd_hide_client_session"), 0U);
    auto const fresh = outcome(PostfixFamily::v3_10);
    EXPECT_EQ(fresh.count("smtpd_forbid_bare_newline"), 0U);
    EXPECT_EQ(fresh.at("submission/inet/smtpd_hide_client_session"), "yes");
}

TEST(Postfix, OptionsArriveWhereTheyBelong)
{
    PostfixOptions options;
    options.submission = "127.0.0.1:2587";
    options.log_file = "/var/log/mail.log";
    options.networks = "";
    options.key = "/etc/k.pem";
    options.certificate = "/etc/c.pem";
    auto const values = outcome(PostfixFamily::v3_7, options);
    EXPECT_EQ(values.at("127.0.0.1:2587/inet"), "127.0.0.1:2587 inet n - y - - smtpd");
    EXPECT_EQ(values.at("maillog_file"), "/var/log/mail.log");
    EXPECT_EQ(values.at("mynetworks"), "");
    EXPECT_EQ(values.at("smtpd_tls_chain_files"), "/etc/k.pem, /etc/c.pem");
    EXPECT_EQ(outcome(PostfixFamily::v3_7).count("maillog_file"), 0U);
}

TEST(Postfix, AnExpansionMayBeAsLargeAsTheDirectoryAllows)
{
    auto const values = outcome(PostfixFamily::v3_7);
    EXPECT_EQ(values.at("virtual_alias_expansion_limit"), std::to_string(mail::most_expanded));
    EXPECT_EQ(values.at("virtual_alias_recursion_limit"), std::to_string(mail::most_expanded));
}

TEST(Postfix, WhatAnEntryForSubmissionOrPort25HadOfItsOwnIsTakenOutWhereItMatters)
{
    std::set<std::string> removed;
    auto const edits = postfix_settings(PostfixFamily::v3_7, config::default_settings(), {});
    ASSERT_TRUE(edits);
    for (auto const& edit : *edits) {
        if (edit.kind == Kind::remove_option) removed.insert(edit.key);
    }
    for (auto key : {"submission/inet/smtpd_sasl_path", "submission/inet/smtpd_tls_wrappermode",
                     "submissions/inet/smtpd_sasl_type", "smtp/inet/smtpd_sasl_auth_enable",
                     "smtp/inet/smtpd_relay_restrictions", "smtpd/pass/smtpd_recipient_restrictions"}) {
        EXPECT_EQ(removed.count(key), 1U) << key;
    }
    EXPECT_EQ(removed.count("submissions/inet/smtpd_tls_wrappermode"), 0U);
}

TEST(Postfix, EverybodyIsFoundAmongNetworks)
{
    EXPECT_TRUE(has_everybody("127.0.0.0/8 0.0.0.0/0"));
    EXPECT_TRUE(has_everybody("127.0.0.0/8,[::]/0"));
    EXPECT_FALSE(has_everybody("127.0.0.0/8, [::1]/128, 10.0.0.0/10"));
    EXPECT_FALSE(has_everybody(""));
}

TEST(Postfix, WhatCouldBreakOutOfItsPlaceIsRefusedByName)
{
    struct Case {
        char const* field;
        PostfixOptions options;
    };
    std::vector<Case> cases(7);
    cases[0].field = "host_name", cases[0].options.host_name = "mx\nsmtpd_relay_restrictions = permit";
    cases[1].field = "networks", cases[1].options.networks = "$mydestination";
    cases[2].field = "submission", cases[2].options.submission = "a b";
    cases[3].field = "log_file", cases[3].options.log_file = "/home/x.log";
    cases[4].field = "message_size", cases[4].options.message_size = 0;
    cases[5].field = "sockets.postfix_dir", cases[5].options.queue_directory = "/srv/postfix";
    cases[6].field = "networks", cases[6].options.networks = "127.0.0.0/8, ::/0";
    for (auto const& c : cases) {
        auto const edits = postfix_settings(PostfixFamily::v3_7, config::default_settings(), c.options);
        ASSERT_FALSE(edits) << c.field;
        EXPECT_EQ(edits.error().field, c.field);
    }
}
