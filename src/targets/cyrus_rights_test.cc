// SPDX-License-Identifier: Apache-2.0
// Who may use a shared mailbox; and a Cyrus that breaks off in the middle of anything.
#include <cstdint>
#include <initializer_list>

#include <gtest/gtest.h>

#include "targets/cyrus.h"
#include "targets/cyrus_words.h"
#include "targets/test_cyrus_target.h"

namespace provost::targets {
namespace {

class CyrusRightsTest : public CyrusTest {
protected:
    CyrusRightsTest()
    {
        info.kind = mail::MailboxKind::shared;
        settings.folders = {"Sent"};
        let_in("bob@example.org", {mail::Right::read});
        let_in("carol@example.org", {mail::Right::read, mail::Right::write, mail::Right::send_as});
    }
    void let_in(std::string const& name, std::initializer_list<mail::Right> rights)
    {
        std::uint8_t bits = 0;
        for (auto const right : rights) bits = static_cast<std::uint8_t>(bits | static_cast<std::uint8_t>(right));
        info.members.push_back({MailboxId("m-" + name), name, bits});
    }
    void make()
    {
        info.store = ensure(info);
        cyrus.take_heard("");
    }

    mail::Mailbox info = a_mailbox("info@example.org");
    std::string const shared_inbox = "user/info@example.org";
    std::string const shared_sent = "user/info/Sent@example.org";
    Rights const wanted{{"info@example.org", std::string(cyrus_owner_rights)},
                        {"bob@example.org", "lrs"},
                        {"carol@example.org", "lrswipkxte"}};
};

TEST_F(CyrusRightsTest, MembersHaveTheirRightsInEveryFolderOfANewOne)
{
    make();
    EXPECT_EQ(cyrus.at(shared_inbox).acl, wanted);
    EXPECT_EQ(cyrus.at(shared_sent).acl, wanted);
}

TEST_F(CyrusRightsTest, NobodySubscribesAsASharedOne)
{
    EXPECT_TRUE(target().ensure(info));
    EXPECT_EQ(cyrus.take_heard("SUBSCRIBE"), Names{});
}

TEST_F(CyrusRightsTest, WhoMayOnlySendAsItHasNoRightsToItsMail)
{
    let_in("dave@example.org", {mail::Right::send_as});
    let_in("", {mail::Right::read});
    make();
    EXPECT_EQ(cyrus.at(shared_inbox).acl, wanted);
}

TEST_F(CyrusRightsTest, WhatIsAsItShouldBeIsLeftAlone)
{
    make();
    // Cyrus shows the rights of RFC 2086 beside those that they stand for.
    cyrus.add(shared_inbox, {.id = info.store.generation,
                             .acl = {{"info@example.org", "lrswipkxtecdan"},
                                     {"bob@example.org", "lrs"},
                                     {"carol@example.org", "lrswipkxtecd"}}});
    ensure(info);
    EXPECT_EQ(cyrus.take_heard("SETACL"), Names{});
}

TEST_F(CyrusRightsTest, AStrangersRightsAreTakenAway)
{
    make();
    cyrus.state.with([&](auto& s) {
        s.mailboxes[shared_inbox].acl["mallory@example.org"] = "lrs";
        s.mailboxes[shared_sent].acl["mallory@example.org"] = "lrswipkxtecdan";
    });
    ensure(info);
    EXPECT_EQ(cyrus.at(shared_inbox).acl, wanted);
    EXPECT_EQ(cyrus.at(shared_sent).acl, wanted);
}

TEST_F(CyrusRightsTest, TheAdministratorsAndEverybodysStay)
{
    make();
    auto more = wanted;
    more["anyone"] = "p";
    more["cyrus"] = "lca";
    cyrus.state.with([&](auto& s) { s.mailboxes[shared_inbox].acl = more; });
    ensure(info);
    EXPECT_EQ(cyrus.at(shared_inbox).acl, more);
}

TEST_F(CyrusRightsTest, AMemberHasNoMoreThanWasGiven)
{
    make();
    cyrus.state.with([&](auto& s) {
        s.mailboxes[shared_inbox].acl["bob@example.org"] = "lrswi";
        s.mailboxes[shared_sent].acl["carol@example.org"] = "lrs";
    });
    ensure(info);
    EXPECT_EQ(cyrus.at(shared_inbox).acl, wanted);
    EXPECT_EQ(cyrus.at(shared_sent).acl, wanted);
}

TEST_F(CyrusRightsTest, WhoIsNoMemberAnyMoreHasNoRights)
{
    make();
    info.members.pop_back();
    ensure(info);
    auto fewer = wanted;
    fewer.erase("carol@example.org");
    EXPECT_EQ(cyrus.at(shared_inbox).acl, fewer);
    EXPECT_EQ(cyrus.at(shared_sent).acl, fewer);
}

TEST_F(CyrusRightsTest, OfAPersonsMailboxNobodysRightsAreTakenAway)
{
    cyrus.add(inbox, {.id = "a1", .acl = {{"bob@example.org", "lrs"}}});
    known(alice, "a1");
    ensure(alice);
    EXPECT_EQ(cyrus.at(inbox).acl,
              (Rights{{"alice@example.org", std::string(cyrus_owner_rights)}, {"bob@example.org", "lrs"}}));
}

TEST_F(CyrusRightsTest, ARefusalNamesTheFolder)
{
    make();
    cyrus.state.with([&](auto& s) { s.mailboxes[shared_sent].acl["mallory@example.org"] = "l"; });
    cyrus.answer("DELETEACL", "NO Invalid identifier");
    expect_unavailable(target().ensure(info), "Cyrus: DELETEACL user/info/Sent@example.org: Invalid identifier");
    cyrus.state.with([&](auto& s) { s.mailboxes[shared_sent].acl.clear(); });
    cyrus.answer("SETACL", "NO Permission denied");
    expect_unavailable(target().ensure(info), "Cyrus: SETACL user/info/Sent@example.org: Permission denied");
    cyrus.answer("GETACL", "NO Permission denied");
    expect_unavailable(target().ensure(info), "Cyrus: GETACL user/info@example.org: Permission denied");
}

// Whatever it was doing: it cannot tell, and the next attempt makes it so.
TEST_F(CyrusRightsTest, ACyrusThatBreaksOffIsUnavailable)
{
    std::initializer_list<std::string> const breaks{"",
                                                    "* BYE Server shutting down\r\n",
                                                    "HTTP/1.1 400 Bad Request\r\n\r\n",
                                                    "* METADATA {100}\r\nuser/in",
                                                    "* ACL (\r\n",
                                                    std::string("\0\xff\x1b[2J\r\n", 8)};
    info.quota_bytes = Limit::of(1024);
    for (auto const* verb : {"AUTHENTICATE", "NAMESPACE", "CREATE \"user/info@", "GETQUOTA", "SETQUOTA",
                             "CREATE \"user/info/Sent", "GETMETADATA", "GETACL", "SETACL"})
        for (auto const& bytes : breaks) {
            SCOPED_TRACE(verb + (": " + bytes));
            cyrus.state.with([](auto& s) {
                s.mailboxes.clear();
                s.heard.clear();
            });
            cyrus.end_at(verb, bytes);
            CyrusAdmin anew(cyrus.settings());
            auto const made = Cyrus(anew, settings, {}).ensure(info);
            cyrus.state.with([](auto& s) { s.last_words.clear(); });
            ASSERT_FALSE(made);
            EXPECT_EQ(made.error().fault, Fault::unavailable);
            EXPECT_EQ(made.error().message.find('\x1b'), std::string::npos);
            EXPECT_EQ(made.error().message.find("secret-of-cyrus"), std::string::npos);
            ensure(info);
            EXPECT_EQ(cyrus.at(shared_inbox).acl, wanted);
            EXPECT_EQ(cyrus.at(shared_inbox).quota, "STORAGE 0 1");
            EXPECT_EQ(cyrus.at(shared_sent).acl, wanted);
        }
}

TEST_F(CyrusRightsTest, SoIsOneThatBreaksOffWhileItIsAskedOrTakesAway)
{
    cyrus.add(inbox, {.id = "a1", .quota = "STORAGE 1 2"});
    known(alice, "a1");
    for (auto const* bytes : {"* BYE Server shutting down\r\n", "* QUOTA {100}\r\nuser/al", "nonsense\r\n"}) {
        for (auto const* verb : {"GETQUOTA", "LIST"}) {
            cyrus.end_at(verb, bytes);
            EXPECT_EQ(target().usage("alice@example.org").error().fault, Fault::unavailable);
            cyrus.state.with([](auto& s) { s.last_words.clear(); });
        }
        for (auto const* verb : {"GETMETADATA", "RENAME"}) {
            cyrus.end_at(verb, bytes);
            EXPECT_EQ(target().set_aside(alice).error().fault, Fault::unavailable);
            cyrus.state.with([](auto& s) { s.last_words.clear(); });
        }
        for (auto const* verb : {"GETMETADATA", "SETACL", "DELETE"}) {
            cyrus.end_at(verb, bytes);
            EXPECT_EQ(target().retire(alice).error().fault, Fault::unavailable);
            cyrus.state.with([](auto& s) { s.last_words.clear(); });
        }
    }
    EXPECT_EQ(cyrus.names(), Names{inbox});
}

}  // namespace
}  // namespace provost::targets
