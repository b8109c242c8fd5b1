// SPDX-License-Identifier: Apache-2.0
// Who may take which route: every route for every role, against a table written by hand. A new route needs a row.
#include <map>
#include <sstream>

#include <gtest/gtest.h>

#include "api/test_api.h"

namespace provost::api {
namespace {

using directory::Authority;
using directory::Caller;
using mail::Role;

// + taken   3 denied (403)   4 not there for him (404)
struct Row {
    char const* route;
    char const* may;    // in the order of `askers`
    char const* query;  // {at} is the domain asked about
    char const* body;
};

// clang-format off
constexpr Row rows[] = {
    //                            site  domain admin  help desk  read-only  owner's        nobody
    //                                  in    out     in  out    site       own  others'
    {"GET /domains", "               +     +     +      +   +      +          +    +         3", "", ""},
    {"POST /domains", "              +     3     3      3   3      3          3    3         3", "",
     R"({"name":"new.test"})"},
    {"GET /domains/{name}", "        +     +     4      +   4      +          4    4         3", "", ""},
    {"PATCH /domains/{name}", "      +     +     4      3   3      3          3    3         3", "",
     R"({"description":"ours"})"},
    {"DELETE /domains/{name}", "     +     3     3      3   3      3          3    3         3", "", ""},
    {"POST /domains/{name}/rename", "+     3     3      3   3      3          3    3         3", "",
     R"({"to":"new.test"})"},
    {"POST /domains/{name}/disable", "+    3     3      3   3      3          3    3         3", "", "{}"},
    {"POST /domains/{name}/enable", "+     3     3      3   3      3          3    3         3", "", "{}"},

    {"GET /mailboxes", "             +     +     +      +   +      +          +    +         3", "", ""},
    {"POST /mailboxes", "            +     +     4      3   3      3          3    3         3", "",
     R"({"name":"new@{at}"})"},
    {"GET /mailboxes/{name}", "      +     +     4      +   4      +          +    4         3", "", ""},
    {"PATCH /mailboxes/{name}", "    +     +     4      3   3      3          3    3         3", "",
     R"({"display_name":"P"})"},
    {"DELETE /mailboxes/{name}", "   +     +     4      3   3      3          3    3         3", "", ""},
    {"POST /mailboxes/{name}/disable", "+  +     4      3   3      3          3    3         3", "", "{}"},
    {"POST /mailboxes/{name}/enable", "+   +     4      3   3      3          3    3         3", "", "{}"},
    {"POST /mailboxes/{name}/rename", "+   +     4      3   3      3          3    3         3", "",
     R"({"to":"new@{at}"})"},
    {"POST /mailboxes/{name}/restore", "+  +     4      3   3      3          3    3         3", "", "{}"},
    {"POST /mailboxes/{name}/purge", "+    +     4      3   3      3          3    3         3", "", "{}"},
    {"GET /deleted-mailboxes", "     +     +     +      +   +      +          +    +         3", "", ""},
    {"DELETE /deleted-mailboxes/{name}", "+ +    4      3   3      3          3    3         3", "", ""},
    {"POST /mailboxes/{name}/password", "+ +     4      +   4      3          +    4         3", "",
     R"({"password":"open sesame"})"},
    {"POST /mailboxes/{name}/kick", "+     +     4      +   4      3          +    4         3", "", "{}"},
    {"POST /mailboxes/{name}/unlock", "+   +     4      +   4      3          +    4         3", "", "{}"},

    {"GET /aliases", "               +     +     +      +   +      +          +    +         3", "", ""},
    {"POST /aliases", "              +     +     4      3   3      3          3    3         3", "",
     R"({"address":"new@{at}","targets":["person@a.test"]})"},
    {"GET /aliases/{name}", "        +     +     4      +   4      +          4    4         3", "", ""},
    {"PATCH /aliases/{name}", "      +     +     4      3   3      3          3    3         3", "",
     R"({"description":"ours"})"},
    {"DELETE /aliases/{name}", "     +     +     4      3   3      3          3    3         3", "", ""},
    {"POST /aliases/{name}/disable", "+    +     4      3   3      3          3    3         3", "", "{}"},
    {"POST /aliases/{name}/enable", "+     +     4      3   3      3          3    3         3", "", "{}"},

    {"GET /admins", "                +     3     3      3   3      +          3    3         3", "", ""},
    {"POST /admins", "               +     3     3      3   3      3          3    3         3", "",
     R"({"name":"new","role":"site-admin"})"},
    {"GET /admins/{name}", "         +     3     3      3   3      +          3    3         3", "", ""},
    {"PATCH /admins/{name}", "       +     3     3      3   3      3          3    3         3", "",
     R"({"role":"site-admin"})"},
    {"DELETE /admins/{name}", "      +     3     3      3   3      3          3    3         3", "", ""},
    {"POST /admins/{name}/disable", "+     3     3      3   3      3          3    3         3", "", "{}"},
    {"POST /admins/{name}/enable", " +     3     3      3   3      3          3    3         3", "", "{}"},
    {"GET /tokens", "                +     3     3      3   3      +          3    3         3", "", ""},
    {"POST /tokens", "               +     3     3      3   3      3          3    3         3", "",
     R"({"admin":"root@a.test","label":"x"})"},
    {"DELETE /tokens/{name}", "      +     3     3      3   3      3          3    3         3", "", ""},

    {"GET /explain", "               +     +     4      +   4      +          +    4         3", "address={box}", ""},
    {"GET /lookup", "                +     +     4      +   4      +          4    4         3",
     "map=mailboxes&key={box}", ""},
    {"POST /auth/test", "            +     +     4      +   4      3          +    4         3", "",
     R"({"login":"{box}","password":"guess"})"},

    {"GET /status", "                +     3     3      3   3      +          3    3         3", "", ""},
    {"GET /metrics", "               +     3     3      3   3      +          3    3         3", "", ""},
    {"GET /audit", "                 +     +     +      3   3      +          3    3         3", "", ""},
    {"GET /jobs", "                  +     3     3      3   3      +          3    3         3", "", ""},
    {"POST /jobs/{name}/retry", "    +     3     3      3   3      3          3    3         3", "", "{}"},

    {"GET /drift", "                 +     3     3      3   3      +          3    3         3", "", ""},
    {"POST /drift/{name}/repair", "  +     3     3      3   3      3          3    3         3", "", "{}"},
    {"GET /strangers", "             +     3     3      3   3      +          3    3         3", "", ""},
    {"DELETE /strangers/{name}", "   +     3     3      3   3      3          3    3         3", "", ""},
};
// clang-format on

struct Asker {
    char const* who;
    Authority authority;
    char const* at;   // the domain asked about
    char const* box;  // the mailbox asked about
    std::string token;
};

std::vector<Asker> askers(std::string const& token)
{
    auto const of_a = [](Role role) { return Authority(role, {.domains = {"a.test"}}, false); };
    Authority const owner(Role::owner, {.mailbox = "person@a.test"}, false);
    return {
        {"site admin", Authority::site_admin(), "a.test", "person@a.test", token},
        {"domain admin, inside", of_a(Role::domain_admin), "a.test", "person@a.test", token},
        {"domain admin, outside", of_a(Role::domain_admin), "b.test", "person@b.test", token},
        {"help desk, inside", of_a(Role::help_desk), "a.test", "person@a.test", token},
        {"help desk, outside", of_a(Role::help_desk), "b.test", "person@b.test", token},
        {"read-only site admin", Authority(Role::site_admin, {}, true), "a.test", "person@a.test", token},
        {"owner, his own", owner, "a.test", "person@a.test", token},
        {"owner, another's", owner, "a.test", "other@a.test", token},
        {"nobody", Authority(), "a.test", "person@a.test", token},
    };
}

std::string filled(std::string text, std::map<std::string, std::string> const& values)
{
    for (auto const& [name, value] : values)
        if (auto const at = text.find(name); at != std::string::npos) text.replace(at, name.size(), value);
    return text;
}

struct Rights : testing::Test {
    Rights()
    {
        for (std::string const domain : {"a.test", "b.test"}) {
            add("/domains", R"({"name":")" + domain + R"("})");
            for (auto const* local : {"person", "other"})
                add("/mailboxes", R"({"name":")" + (local + ("@" + domain)) + R"("})");
            add("/aliases", R"({"address":"info@)" + domain + R"(","targets":["person@)" + domain + R"("]})");
        }
        add("/admins", R"({"name":"root@a.test","role":"site-admin"})");
        token = add("/tokens", R"({"admin":"root@a.test","label":"x"})");
    }
    std::string add(std::string const& path, std::string const& body)
    {
        auto const response = api.ask("POST", path, body);
        EXPECT_EQ(response.status, 201) << response.body;
        return std::string(TestApi::object(response).at("subject").as_string());
    }
    // A deleted mailbox in each domain, which leaves work behind.
    void delete_some()
    {
        for (std::string const gone : {"gone@a.test", "gone@b.test"}) {
            add("/mailboxes", R"({"name":")" + gone + R"("})");
            EXPECT_EQ(api.ask("DELETE", "/mailboxes/" + gone).status, 200);
        }
    }
    // What {name} stands for.
    std::string name_in(std::string const& path, Asker const& asker)
    {
        auto const root = directory::TestHouse::root();
        auto const gone = "gone@" + std::string(asker.at);
        if (path.starts_with("/domains")) return asker.at;
        if (path.starts_with("/admins")) return "root@a.test";
        if (path.starts_with("/tokens")) return asker.token;
        if (path.starts_with("/aliases")) return "info@" + std::string(asker.at);
        if (path.starts_with("/jobs")) return api.directory.acts.pending_work(root, {}, 1)->at(0).id;
        if (path.starts_with("/deleted"))
            return api.directory.acts.deleted_mailboxes(root, gone, {}, 1)->at(0).id.text();
        return path.ends_with("/restore") || path.ends_with("/purge") ? gone : asker.box;
    }
    char outcome(Route const& route, Row const& row, Asker const& asker)
    {
        std::map<std::string, std::string> const values{
            {"{name}", name_in(std::string(route.path), asker)}, {"{at}", asker.at}, {"{box}", asker.box}};
        auto const query = std::string(row.query) + (route.writes ? "dry_run=true" : "");
        auto const target = std::string(route.path) + (query.empty() ? "" : "?" + query);
        auto const status = api.ask(std::string(route.method), filled(target, values), filled(row.body, values),
                                    {{asker.who, "local"}, asker.authority})
                                .status;
        return status == 403 ? '3' : status == 404 ? '4' : status == 400 || status == 405 ? '?' : '+';
    }

    TestApi api;
    std::string token;
};

TEST_F(Rights, EveryRouteIsOpenToWhomTheTableSaysAndToNobodyElse)
{
    delete_some();
    std::map<std::string, Row> expected;
    for (auto const& row : rows) EXPECT_TRUE(expected.emplace(row.route, row).second) << row.route;
    auto const standing = api.directory.acts.position()->revision;
    for (auto const& route : routes()) {
        auto const name = std::string(route.method) + ' ' + std::string(route.path);
        auto const row = expected.extract(name);
        ASSERT_FALSE(row.empty()) << "say in the table who may: " << name;
        std::istringstream wanted(row.mapped().may);
        for (auto const& asker : askers(token)) {
            char may = 0;
            ASSERT_TRUE(wanted >> may) << name;
            EXPECT_EQ(outcome(route, row.mapped(), asker), may) << name << " for " << asker.who;
        }
        EXPECT_FALSE(wanted >> std::ws && !wanted.eof()) << name;
    }
    for (auto const& [name, row] : expected) ADD_FAILURE() << "there is no route " << name;
    EXPECT_EQ(api.directory.acts.position()->revision, standing);
}

TEST_F(Rights, WhoMayNothingIsNotToldWhatThereIs)
{
    Caller const nobody{{"nobody", "local"}, {}};
    EXPECT_EQ(api.ask("GET", "/nothing", "", nobody).status, 403);
    EXPECT_EQ(api.ask("PUT", "/domains", "", nobody).status, 403);
}

TEST_F(Rights, WhatOneMayNotSeeAndWhatIsNotThereAreRefusedInTheSameWords)
{
    Caller const admin{{"admin", "local"}, Authority(Role::domain_admin, {.domains = {"a.test"}}, false)};
    struct {
        char const* method;
        char const* there;
        char const* missing;
        char const* body;
    } const cases[] = {
        {"GET", "/domains/b.test", "/domains/c.test", ""},
        {"PATCH", "/domains/b.test", "/domains/c.test", R"({"description":"x"})"},
        {"GET", "/mailboxes/person@b.test", "/mailboxes/person@c.test", ""},
        {"POST", "/mailboxes/person@b.test/kick", "/mailboxes/person@c.test/kick", "{}"},
        {"DELETE", "/mailboxes/person@b.test", "/mailboxes/person@c.test", ""},
        {"POST", "/mailboxes/person@b.test/rename", "/mailboxes/person@c.test/rename", R"({"to":"x@a.test"})"},
        {"POST", "/mailboxes/gone@b.test/restore", "/mailboxes/gone@c.test/restore", "{}"},
        {"POST", "/mailboxes/gone@b.test/purge", "/mailboxes/gone@c.test/purge", "{}"},
        {"GET", "/aliases/info@b.test", "/aliases/info@c.test", ""},
        {"GET", "/explain?address=person@b.test", "/explain?address=person@c.test", ""},
        {"GET", "/lookup?map=mailboxes&key=person@b.test", "/lookup?map=mailboxes&key=person@c.test", ""},
    };
    for (auto const& c : cases) {
        SCOPED_TRACE(c.there);
        auto const there = api.ask(c.method, c.there, c.body, admin);
        auto const missing = api.ask(c.method, c.missing, c.body, admin);
        EXPECT_EQ(there.status, 404);
        EXPECT_EQ(missing.status, 404);
        EXPECT_EQ(filled(there.body, {{"b.test", "c.test"}}), missing.body);
    }
}

TEST_F(Rights, ListsHoldWhatOneMaySee)
{
    auto const seen = [&](char const* path, char const* name, Authority const& authority) {
        std::string names;
        auto const list = TestApi::object(api.ask("GET", path, "", {{"x", "local"}, authority}));
        for (auto const& item : list.at("items").as_array())
            names += (names.empty() ? "" : " ") + std::string(item.at(name).as_string());
        return names;
    };
    Authority const of_a(Role::help_desk, {.domains = {"a.test"}}, false);
    EXPECT_EQ(seen("/domains", "name", of_a), "a.test");
    EXPECT_EQ(seen("/mailboxes", "name", of_a), "other@a.test person@a.test");
    EXPECT_EQ(seen("/mailboxes?mask=*@b.test", "name", of_a), "");
    EXPECT_EQ(seen("/aliases", "address", of_a), "info@a.test");
    Authority const of_both(Role::help_desk, {.domains = {"b.test", "a.test"}}, false);
    EXPECT_EQ(seen("/mailboxes?limit=3", "name", of_both), "other@a.test other@b.test person@a.test");
    EXPECT_EQ(seen("/mailboxes?after=person@a.test", "name", of_both), "person@b.test");
    Authority const owner(Role::owner, {.mailbox = "person@b.test"}, false);
    EXPECT_EQ(seen("/domains", "name", owner), "");
    EXPECT_EQ(seen("/mailboxes", "name", owner), "person@b.test");
    EXPECT_EQ(seen("/aliases", "address", owner), "");
    Authority const both(Role::domain_admin, {.domains = {"a.test"}, .mailbox = "other@b.test"}, false);
    EXPECT_EQ(seen("/mailboxes", "name", both), "other@a.test other@b.test person@a.test");
    EXPECT_EQ(seen("/mailboxes?limit=1", "name", both), "other@a.test");
    EXPECT_EQ(seen("/audit", "subject", both), "info@a.test other@a.test person@a.test a.test");
}

}  // namespace
}  // namespace provost::api
