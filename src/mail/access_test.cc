// SPDX-License-Identifier: Apache-2.0
#include "mail/access.h"

#include <gtest/gtest.h>

namespace provost::mail {
namespace {

TEST(Access, ARoleIsReadFromTheWordItIsWrittenAs)
{
    for (auto const role : {Role::owner, Role::help_desk, Role::domain_admin, Role::site_admin})
        EXPECT_EQ(*parse_role(word(role)), role) << word(role);
    EXPECT_EQ(*parse_role("Help-Desk"), Role::help_desk);
    auto const unknown = parse_role("root");
    ASSERT_FALSE(unknown);
    EXPECT_EQ(unknown.error().message, "role: 'root' is not one of owner, help-desk, domain-admin, site-admin");
}

}  // namespace
}  // namespace provost::mail
