// SPDX-License-Identifier: Apache-2.0
#include "host/inbox.h"

#include <gtest/gtest.h>

#include "base/text.h"
#include "net/test_imap.h"

using namespace provost;
using namespace provost::host;
using namespace std::string_literals;

TEST(Inbox, HasALetterWhenASearchFindsIt)
{
    net::Scripted server([](net::TestTalk& talk) {
        talk.say(net::can);
        talk.expect("p1 AUTHENTICATE PLAIN " + to_base64("\0jane@x\0secret"s));
        talk.say("p1 OK [CAPABILITY IMAP4rev1] in\r\n");
        talk.expect("p2 EXAMINE INBOX");
        talk.say("* 3 EXISTS\r\np2 OK [READ-ONLY]\r\n");
        talk.expect(R"(p3 SEARCH HEADER "X-Provost-Doctor" "ab12")");
        talk.say("* SEARCH\r\np3 OK done\r\n");
        talk.expect("p4 EXAMINE INBOX");
        talk.say("* 4 EXISTS\r\np4 OK [READ-ONLY]\r\n");
        talk.line();
        talk.say("* SEARCH 4\r\np5 OK done\r\n");
        talk.expect("p6 EXAMINE INBOX");
        talk.say("p6 NO [SERVERBUG] it is locked\r\n");
    });
    ASSERT_TRUE(server.client) << server.client.error().message;
    auto inbox = Inbox::of(*std::move(server.client), "jane@x", Secret("secret"));
    ASSERT_TRUE(inbox) << inbox.error().message;
    EXPECT_FALSE(*inbox->has_letter("X-Provost-Doctor", "ab12"));
    EXPECT_TRUE(*inbox->has_letter("X-Provost-Doctor", "ab12"));
    auto const locked = inbox->has_letter("X-Provost-Doctor", "ab12");
    ASSERT_FALSE(locked);
    EXPECT_EQ(locked.error().message, "it is locked");
}

TEST(Inbox, IsNotOpenedToWhomTheServerRefuses)
{
    net::Scripted server([](net::TestTalk& talk) {
        talk.say(net::can);
        talk.line();
        talk.say("p1 NO [AUTHENTICATIONFAILED] no\r\n");
    });
    ASSERT_TRUE(server.client) << server.client.error().message;
    auto const inbox = Inbox::of(*std::move(server.client), "jane@x", Secret("secret"));
    ASSERT_FALSE(inbox);
    EXPECT_EQ(inbox.error().fault, Fault::denied);
}
