// SPDX-License-Identifier: Apache-2.0
// For tests: Cyrus as a target, over a made-up server.
#pragma once

#include <map>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "targets/cyrus.h"
#include "targets/test_cyrus.h"

namespace provost::targets {

class CyrusTest : public testing::Test {
protected:
    using Names = std::vector<std::string>;
    using Rights = std::map<std::string, std::string>;

    static mail::Mailbox a_mailbox(std::string const& name)
    {
        mail::Mailbox mailbox;
        mailbox.id = MailboxId("m-" + name.substr(0, name.find('@')));
        mailbox.name = name;
        mailbox.store = {"cyrus", {}, {}, mail::StoreState::preparing, {}};
        return mailbox;
    }
    // That it was made, with this id and under that name.
    static void known(mail::Mailbox& mailbox, std::string const& id, std::string const& name = {})
    {
        mailbox.store = {"cyrus", name.empty() ? mailbox.name : name, id, mail::StoreState::ready, {}};
    }

    Cyrus target() { return Cyrus(admin, settings, {}); }
    mail::Store ensure(mail::Mailbox const& mailbox)
    {
        auto const store = target().ensure(mailbox);
        EXPECT_TRUE(store) << store.error().message;
        return store.value_or(mail::Store());
    }
    template <class T>
    static void expect_unavailable(Result<T> const& result, std::string const& words)
    {
        ASSERT_FALSE(result) << "and not: " << words;
        EXPECT_EQ(result.error().fault, Fault::unavailable);
        EXPECT_NE(result.error().message.find(words), std::string::npos) << result.error().message;
    }
    int conversations()
    {
        return cyrus.state.with([](auto& s) { return s.conversations; });
    }

    TestCyrus cyrus;
    CyrusAdmin admin{cyrus.settings()};
    Cyrus::Settings settings{.folders = {"Sent", "Work"}, .partition = {}};
    mail::Mailbox alice = a_mailbox("alice@example.org");
    std::string const inbox = "user/alice@example.org";
};

}  // namespace provost::targets
