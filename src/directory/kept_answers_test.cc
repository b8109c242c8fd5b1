// SPDX-License-Identifier: Apache-2.0
#include "directory/kept_answers.h"

#include <gtest/gtest.h>

using namespace provost;
using namespace provost::directory;

namespace {

using mail::Map;

struct KeptAnswersTest : testing::Test {
    KeptAnswersTest() { kept.use(1, 1); }
    // What is known of a key; "-" for nothing, "no" for not found.
    std::string known(std::string_view key, Map map = Map::aliases)
    {
        std::string text = "before";
        auto const found = kept.find(map, key, text);
        if (!found) return "-";
        return *found == Found::found ? text : "no";
    }
    void keep(std::string_view key, std::string_view text, mail::Validity validity = {})
    {
        kept.keep(Map::aliases, key, Found::found, text, validity);
    }
    KeptAnswers kept;
};

std::int64_t this_moment() { return to_millis(now()); }
constexpr std::int64_t an_hour = 3'600'000;

}  // namespace

TEST_F(KeptAnswersTest, AreKnownByMapAndKey)
{
    keep("a@example.test", "b@example.test");
    EXPECT_EQ(known("a@example.test"), "b@example.test");
    EXPECT_EQ(known("a@example.test", Map::mailboxes), "-");
    EXPECT_EQ(known("A@example.test"), "-");
    EXPECT_EQ(known("a@example.tes"), "-");
    EXPECT_EQ(known(""), "-");
}

TEST_F(KeptAnswersTest, KnowAlsoWhatIsNotThere)
{
    kept.keep(Map::aliases, "nobody@example.test", Found::not_found, "left over", {});
    EXPECT_EQ(known("nobody@example.test"), "no");
}

TEST_F(KeptAnswersTest, AreForgottenWhenTheContentOrTheDirectoryIsAnother)
{
    keep("a@example.test", "b@example.test");
    kept.use(1, 1);
    EXPECT_EQ(known("a@example.test"), "b@example.test");
    kept.use(1, 2);
    EXPECT_EQ(known("a@example.test"), "-");
    keep("a@example.test", "c@example.test");
    kept.use(2, 2);
    EXPECT_EQ(known("a@example.test"), "-");
    kept.use(1, 1);
    EXPECT_EQ(known("a@example.test"), "-") << "it may have changed and changed back, and is asked for anew";
}

TEST_F(KeptAnswersTest, HoldForTheirMomentsOnly)
{
    auto const now = this_moment();
    keep("coming@example.test", "x", {.from = now + an_hour});
    keep("past@example.test", "x", {.until = now});
    keep("now@example.test", "x", {.from = now - an_hour, .until = now + an_hour});
    EXPECT_EQ(known("coming@example.test"), "-");
    EXPECT_EQ(known("past@example.test"), "-");
    EXPECT_EQ(known("now@example.test"), "x");
}

TEST_F(KeptAnswersTest, TakeThePlaceOfWhatWasKeptForAnotherMoment)
{
    keep("a@example.test", "old", {.until = this_moment()});
    keep("a@example.test", "new");
    EXPECT_EQ(known("a@example.test"), "new");
}

TEST_F(KeptAnswersTest, OfAnyBytesStay)
{
    std::string const key("\0\xff @", 4);
    keep(key, "x");
    EXPECT_EQ(known(key), "x");
    EXPECT_EQ(known(std::string_view(key).substr(0, 3)), "-");
}

TEST_F(KeptAnswersTest, AreNotKeptWhereTheyAreLong)
{
    keep(std::string(KeptAnswers::longest, 'k'), "");
    keep("a@example.test", std::string(KeptAnswers::longest, 'v'));
    EXPECT_EQ(known(std::string(KeptAnswers::longest, 'k')), "");
    EXPECT_EQ(known("a@example.test"), "-");
}

TEST_F(KeptAnswersTest, AreBoundedAndNeverMixedUp)
{
    auto const name = [](std::size_t i) { return "user-" + std::to_string(i) + "@example.test"; };
    for (std::size_t i = 0; i < 4 * KeptAnswers::most; ++i) keep(name(i), name(i + 1));
    std::size_t count = 0;
    for (std::size_t i = 0; i < 4 * KeptAnswers::most; ++i) {
        auto const text = known(name(i));
        if (text == "-") continue;
        ++count;
        EXPECT_EQ(text, name(i + 1));
    }
    EXPECT_LE(count, KeptAnswers::most);
    EXPECT_GT(count, KeptAnswers::most / 2);
}
