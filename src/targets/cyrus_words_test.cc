// SPDX-License-Identifier: Apache-2.0
#include "targets/cyrus_words.h"

#include <cstdint>
#include <limits>

#include <gtest/gtest.h>

#include "net/test_imap.h"

namespace provost::targets {
namespace {

using net::ImapCommand;
using net::ImapReply;
using Names = std::map<std::string, std::string>;

constexpr auto alice = "user/alice@example.org";
constexpr auto ids = "(/shared/vendor/cmu/cyrus-imapd/uniqueid)";

std::string id_of(std::string const& mailbox, std::string const& value)
{
    return "* METADATA " + mailbox + " (\"/shared/vendor/cmu/cyrus-imapd/uniqueid\" " + value + ")\r\n";
}

// A conversation in which these commands are heard, and this is said to all of them.
class Conversation {
public:
    Conversation(std::vector<std::string> heard, std::string said)
        : server_([heard = std::move(heard), said = std::move(said)](net::TestTalk& talk) {
              talk.say(net::can);
              for (std::size_t i = 0; i < heard.size(); ++i) talk.expect("p" + std::to_string(i + 1) + " " + heard[i]);
              talk.say(said);
          }),
          cyrus(admin_, {std::move(server_.client).value(), {}})
    {
    }

private:
    net::Scripted server_;
    CyrusAdmin admin_{CyrusAdmin::Settings{}};

public:
    CyrusAdmin::Lease cyrus;
};

template <class T>
void expect_unavailable(Result<T> const& result, std::string const& words)
{
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().fault, Fault::unavailable);
    EXPECT_EQ(result.error().message, words);
}

TEST(CyrusWords, IdsAreFoundByTheNamesThatAPatternMatches)
{
    Conversation with({"GETMETADATA \"user/alice/*@example.org\" " + std::string(ids)},
                      id_of("user/alice/Sent@example.org", "\"s1\"") +
                          id_of("{27}\r\nuser/alice/Junk@example.org", "{2}\r\nj1") + "p1 OK Completed\r\n");
    auto const found = cyrus_ids(with.cyrus, "user/alice/*@example.org");
    ASSERT_TRUE(found) << found.error().message;
    EXPECT_EQ(*found, (Names{{"user/alice/Sent@example.org", "s1"}, {"user/alice/Junk@example.org", "j1"}}));
}

TEST(CyrusWords, WhatHasNoIdIsNotAmongThem)
{
    Conversation with({"GETMETADATA \"user/*\" " + std::string(ids)},
                      id_of("user/a", "NIL") + "* METADATA user/b (\"/shared/comment\" \"hello\")\r\n* METADATA\r\n" +
                          "* METADATA user/c\r\n* METADATA user/d \"no list\"\r\n* 3 EXISTS\r\np1 OK Completed\r\n");
    auto const found = cyrus_ids(with.cyrus, "user/*");
    ASSERT_TRUE(found) << found.error().message;
    EXPECT_EQ(*found, Names{});
}

TEST(CyrusWords, ThatThereIsNoSuchMailboxIsAnAnswer)
{
    for (auto const* said :
         {"p1 OK Completed\r\n", "p1 NO Mailbox does not exist\r\n", "p1 NO [NONEXISTENT] Nothing there\r\n"}) {
        Conversation with({"GETMETADATA \"user/alice@example.org\" " + std::string(ids)}, said);
        auto const found = cyrus_id(with.cyrus, alice);
        ASSERT_TRUE(found) << said << found.error().message;
        EXPECT_EQ(*found, std::nullopt) << said;
    }
}

TEST(CyrusWords, AnyOtherNoIsNoAnswerAndItsWordsAreKept)
{
    Conversation with({"GETMETADATA \"user/alice@example.org\" " + std::string(ids)},
                      "p1 NO [LIMIT] Too \x1b many\r\n");
    expect_unavailable(cyrus_id(with.cyrus, alice),
                       "Cyrus: GETMETADATA user/alice@example.org: [LIMIT] Too \\x1b many");
}

TEST(CyrusWords, AnIdIsFoundHoweverTheServerWritesTheName)
{
    Conversation with({"GETMETADATA \"user/alice@example.org\" " + std::string(ids)},
                      id_of("user/alice", "\"a1\"") + "p1 OK Completed\r\n");
    EXPECT_EQ(cyrus_id(with.cyrus, alice).value(), "a1");
}

TEST(CyrusWords, AServersWordsAreEscapedAndBounded)
{
    ImapReply reply{.status = ImapReply::Status::no, .code = {}, .text = std::string(5000, 'x')};
    auto const refused = cyrus_refused("CREATE", "user/a\nb", reply).value();
    EXPECT_EQ(refused.message.find("Cyrus: CREATE user/a\\x0ab: xxx"), 0U) << refused.message;
    EXPECT_LT(refused.message.size(), 300U);
}

TEST(CyrusWords, DoneIsOkAndNothingElse)
{
    Conversation done({"NOOP"}, "p1 OK Completed\r\n");
    EXPECT_TRUE(cyrus_done(done.cyrus, "NOOP", "user/a", ImapCommand("NOOP")));
    for (auto const* said : {"p1 NO Not now\r\n", "p1 BAD Not now\r\n"}) {
        Conversation refused({"NOOP"}, said);
        expect_unavailable(cyrus_done(refused.cyrus, "NOOP", "user/a", ImapCommand("NOOP")),
                           "Cyrus: NOOP user/a: Not now");
    }
}

class CyrusContentsTest : public testing::Test {
protected:
    Result<CyrusContents> contents(std::string const& inbox, std::string const& folders)
    {
        static constexpr auto status = " RETURN (STATUS (MESSAGES UIDNEXT SIZE))";
        Conversation with({"LIST \"\" \"user/alice@example.org\"" + std::string(status),
                           "LIST \"\" \"user/alice/*@example.org\"" + std::string(status)},
                          inbox + "p1 OK Completed (0.000 secs)\r\n" + folders + "p2 OK Completed (0.000 secs)\r\n");
        return cyrus_contents(with.cyrus, "alice@example.org");
    }
    static std::string folder(std::string const& name, std::string const& status)
    {
        return "* LIST (\\HasNoChildren) \"/\" " + name + "\r\n* STATUS " + name + " (" + status + ")\r\n";
    }
};

TEST_F(CyrusContentsTest, AllFoldersCount)
{
    auto const found = contents(folder(alice, "MESSAGES 2 UIDNEXT 9 SIZE 1000"),
                                folder("user/alice/Sent@example.org", "MESSAGES 1 UIDNEXT 2 SIZE 24") +
                                    folder("user/alice/Junk@example.org", "MESSAGES 0 UIDNEXT 1 SIZE 0"));
    ASSERT_TRUE(found) << found.error().message;
    EXPECT_EQ(found->folders, 3);
    EXPECT_EQ(found->messages, 3);
    EXPECT_EQ(found->bytes, 1024);
    EXPECT_TRUE(found->was_used);
}

TEST_F(CyrusContentsTest, WhatWasUsedIsToldByTheNextUidAlsoWhenAllIsGone)
{
    EXPECT_FALSE(contents(folder(alice, "MESSAGES 0 UIDNEXT 1 SIZE 0"), "").value().was_used);
    EXPECT_TRUE(contents(folder(alice, "MESSAGES 0 UIDNEXT 2 SIZE 0"), "").value().was_used);
    EXPECT_TRUE(contents(folder(alice, "MESSAGES 0 UIDNEXT 1 SIZE 0"),
                         folder("user/alice/Sent@example.org", "MESSAGES 0 UIDNEXT 7 SIZE 0"))
                    .value()
                    .was_used);
}

// RFC 5819: one whose STATUS cannot be told is listed as \NoSelect. Those that only have folders are \NonExistent.
TEST_F(CyrusContentsTest, AFolderThatIsNotToldOfIsNotAnEmptyOne)
{
    expect_unavailable(contents("* LIST (\\NoSelect \\HasNoChildren) \"/\" user/alice@example.org\r\n", ""),
                       "Cyrus does not tell what is in user/alice@example.org and its folders");
    auto const found = contents(folder(alice, "MESSAGES 0 UIDNEXT 1 SIZE 0"),
                                "* LIST (\\NonExistent \\HasChildren) \"/\" user/alice/Work@example.org\r\n" +
                                    folder("user/alice/Work/2026@example.org", "MESSAGES 0 UIDNEXT 1 SIZE 0"));
    ASSERT_TRUE(found) << found.error().message;
    EXPECT_EQ(found->folders, 2);
    EXPECT_FALSE(found->was_used);
}

TEST_F(CyrusContentsTest, NumbersBeyondAllMeasureAreNotAddedUp)
{
    auto const most = std::to_string(std::numeric_limits<std::int64_t>::max());
    auto const found = contents(folder(alice, "MESSAGES " + most + " UIDNEXT " + most + " SIZE " + most),
                                folder("user/alice/Sent@example.org", "MESSAGES -5 UIDNEXT x SIZE " + most));
    ASSERT_TRUE(found) << found.error().message;
    EXPECT_GT(found->bytes, 0);
    EXPECT_TRUE(found->was_used);
}

TEST(CyrusContents, ANoIsNoAnswer)
{
    for (auto const* said : {"p1 NO System I/O error\r\np2 OK Completed\r\n", "p1 OK\r\np2 NO System I/O error\r\n"}) {
        Conversation with({"LIST \"\" \"user/alice@example.org\" RETURN (STATUS (MESSAGES UIDNEXT SIZE))",
                           "LIST \"\" \"user/alice/*@example.org\" RETURN (STATUS (MESSAGES UIDNEXT SIZE))"},
                          said);
        expect_unavailable(cyrus_contents(with.cyrus, "alice@example.org"),
                           "Cyrus: LIST user/alice@example.org: System I/O error");
    }
}

Result<CyrusQuota> quota_of(std::string const& said)
{
    Conversation with({"GETQUOTA \"user/alice@example.org\""}, said);
    return cyrus_quota(with.cyrus, alice);
}

TEST(CyrusQuota, WithoutARootThereIsNone)
{
    auto const quota = quota_of("p1 NO Quota root does not exist\r\n");
    ASSERT_TRUE(quota) << quota.error().message;
    EXPECT_FALSE(quota->has_root);
    EXPECT_FALSE(quota->counts_bytes);
    expect_unavailable(quota_of("p1 NO Permission denied\r\n"),
                       "Cyrus: GETQUOTA user/alice@example.org: Permission "
                       "denied");
}

TEST(CyrusQuota, ARootMayLimitNothing)
{
    auto const quota = quota_of("* QUOTA user/alice@example.org ()\r\np1 OK Completed\r\n");
    ASSERT_TRUE(quota) << quota.error().message;
    EXPECT_TRUE(quota->has_root);
    EXPECT_FALSE(quota->counts_bytes || quota->counts_messages);
    EXPECT_FALSE(quota->kilobytes || quota->messages);
}

TEST(CyrusQuota, EachResourceHasItsUseAndItsLimit)
{
    auto const quota = quota_of(
        "* QUOTA user/alice@example.org (X-NUM-FOLDERS 3 100 STORAGE 5 20 message 2 10)\r\np1 OK Completed\r\n");
    ASSERT_TRUE(quota) << quota.error().message;
    EXPECT_TRUE(quota->counts_bytes && quota->counts_messages);
    EXPECT_EQ(quota->used_kilobytes, 5);
    EXPECT_EQ(quota->kilobytes, 20);
    EXPECT_EQ(quota->used_messages, 2);
    EXPECT_EQ(quota->messages, 10);
}

TEST(CyrusQuota, OneResourceMayBeLimitedAlone)
{
    auto const quota = quota_of("* QUOTA user/alice@example.org (MESSAGE 2 10)\r\np1 OK Completed\r\n");
    ASSERT_TRUE(quota) << quota.error().message;
    EXPECT_FALSE(quota->counts_bytes || quota->kilobytes);
    EXPECT_EQ(quota->messages, 10);
}

TEST(CyrusWords, APartOfAKibibyteCountsAsOne)
{
    struct {
        Limit bytes, messages;
        char const* text;
    } const cases[] = {
        {Limit::of(0), {}, "(STORAGE 0)"},
        {Limit::of(1), {}, "(STORAGE 1)"},
        {Limit::of(1024), {}, "(STORAGE 1)"},
        {Limit::of(1025), {}, "(STORAGE 2)"},
        {Limit::of(std::numeric_limits<std::int64_t>::max()), {}, "(STORAGE 9007199254740992)"},
        {Limit::of(20480), Limit::of(5), "(STORAGE 20 MESSAGE 5)"},
        {{}, Limit::of(5), "(MESSAGE 5)"},
        {Limit::unlimited(), Limit::unlimited(), "()"},
        {Limit::unset(), Limit::unset(), "()"},
    };
    for (auto const& c : cases) EXPECT_EQ(cyrus_limits(c.bytes, c.messages), c.text);
}

TEST(CyrusWords, RightsAreByUser)
{
    Conversation with({"GETACL \"user/info@example.org\""},
                      "* ACL user/info@example.org info@example.org lrswipkxtecdan \"bob\" lrs anyone \"\" odd\r\n"
                      "p1 OK Completed\r\n");
    auto const found = cyrus_acl(with.cyrus, "user/info@example.org");
    ASSERT_TRUE(found) << found.error().message;
    EXPECT_EQ(*found, (Names{{"info@example.org", "lrswipkxtecdan"}, {"bob", "lrs"}, {"anyone", ""}}));

    Conversation refused({"GETACL \"user/info@example.org\""}, "p1 NO Mailbox does not exist\r\n");
    expect_unavailable(cyrus_acl(refused.cyrus, "user/info@example.org"),
                       "Cyrus: GETACL user/info@example.org: Mailbox does not exist");
}

TEST(CyrusWords, AMembersRightsAreThoseOfReadingOrOfAllUse)
{
    auto const bits = [](auto... rights) { return static_cast<std::uint8_t>((0 | ... | static_cast<int>(rights))); };
    using enum mail::Right;
    EXPECT_EQ(cyrus_rights(0), "");
    EXPECT_EQ(cyrus_rights(bits(send_as)), "");
    EXPECT_EQ(cyrus_rights(bits(read)), "lrs");
    EXPECT_EQ(cyrus_rights(bits(read, send_as)), "lrs");
    EXPECT_EQ(cyrus_rights(bits(write)), "lrswipkxte");
    EXPECT_EQ(cyrus_rights(bits(read, write, send_as)), "lrswipkxte");
}

TEST(CyrusWords, RightsAreASet)
{
    EXPECT_TRUE(has_rights("srl", "lrs"));
    EXPECT_TRUE(has_rights("lrs", ""));
    EXPECT_FALSE(has_rights("lr", "lrs"));
    EXPECT_FALSE(has_rights("", "l"));
}

TEST(CyrusWords, FoldersOfSpecialUseAreKnownByName)
{
    for (std::string const folder : {"Archive", "Drafts", "Junk", "Sent", "Trash"})
        EXPECT_EQ(special_use(folder), "\\" + folder);
    for (auto const* folder : {"sent", "Sent Items", "Work", "All", "Flagged", ""}) EXPECT_EQ(special_use(folder), "");
}

}  // namespace
}  // namespace provost::targets
