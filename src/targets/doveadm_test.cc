// SPDX-License-Identifier: Apache-2.0
#include "targets/doveadm.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

using namespace provost;
using namespace provost::targets;

namespace {

std::string users(DoveadmAnswer const& answer)
{
    std::string names;
    for (auto const& row : answer.rows) names += row.at("username") + ";";
    return names;
}

}  // namespace

TEST(Doveadm, RequestsAreWhatDovecotExpects)
{
    EXPECT_EQ(who_request(), R"([["who",{"separateConnections":true},"provost"]])");
    EXPECT_EQ(quota_request("a@x"), R"([["quotaGet",{"user":"a@x"},"provost"]])");
    EXPECT_EQ(kick_request("a\"b@example.org"), R"([["kick",{"mask":["a\"b@example.org"]},"provost"]])");
}

TEST(Doveadm, RowsAreFoundWhereverDovecotPutsThem)
{
    struct {
        char const* body;
        char const* names;
    } const cases[] = {
        {R"([["doveadmResponse",[],"provost"]])", ""},
        {R"([["doveadmResponse",[{"username":"a@x","service":"imap","pid":"46","ip":"::1"}],"provost"]])", "a@x;"},
        // Dovecot 2.3 ends the array after its first row.
        {R"([["doveadmResponse",[{"username":"a@x"}],{"username":"b@x"},{"username":"c@x"},"provost"]])",
         "a@x;b@x;c@x;"},
        {"[[\"doveadmResponse\",[{\"username\":\"\xff@x\"}],\"provost\"]]", "\xff@x;"},
    };
    for (auto const& c : cases) {
        SCOPED_TRACE(c.body);
        auto const answer = parse_doveadm_answer(c.body);
        ASSERT_TRUE(answer) << answer.error().message;
        EXPECT_EQ(users(*answer), c.names);
        EXPECT_EQ(answer->exit_code, 0);
    }
}

TEST(Doveadm, NumbersMayBeNumbersOrText)
{
    for (auto const* body :
         {R"([["doveadmResponse",[{"count":"2"}],"provost"]])", R"([["doveadmResponse",[{"count":2}],"provost"]])"}) {
        EXPECT_EQ(parse_doveadm_answer(body)->rows.at(0).at("count"), "2");
    }
    for (auto const* body : {R"([["error",{"type":"exitCode","exitCode":68},"provost"]])",
                             R"([["error",{"type":"exitCode","exitCode":"68"},"provost"]])"}) {
        EXPECT_EQ(parse_doveadm_answer(body)->exit_code, doveadm_nobody);
    }
}

TEST(Doveadm, WhatIsNoAnswerIsNeverReadAsNobody)
{
    struct {
        char const* body;
        Fault fault;
    } const cases[] = {
        {"", Fault::unavailable},
        {"<html>", Fault::unavailable},
        {"[]", Fault::unavailable},
        {"{}", Fault::unavailable},
        {"[[]]", Fault::unavailable},
        {R"([["doveadmResponse",[],"another"]])", Fault::unavailable},
        {R"([["doveadmResponse",[{"username":"a@x"}])", Fault::unavailable},
        {R"([["error",{"type":"exitCode"},"provost"]])", Fault::invalid},
        {R"([["error","provost"]])", Fault::unavailable},
        {R"([["error",{"type":"unknownMethod"},"provost"]])", Fault::invalid},
        {R"([["error",{"type":"invalidRequest"},"provost"]])", Fault::invalid},
    };
    for (auto const& c : cases) {
        SCOPED_TRACE(c.body);
        auto const answer = parse_doveadm_answer(c.body);
        ASSERT_FALSE(answer);
        EXPECT_EQ(answer.error().fault, c.fault);
    }
}

TEST(Doveadm, AnyBytesAreReadWithoutHarm)
{
    rc::check([](std::string const& bytes) { static_cast<void>(parse_doveadm_answer(bytes)); });
    EXPECT_FALSE(parse_doveadm_answer(std::string(100'000, '[')));
}

TEST(Doveadm, ExitCodesSayWhetherTryingAgainHelps)
{
    EXPECT_TRUE(judge_exit_code("kick", 0));
    EXPECT_EQ(judge_exit_code("who", 75).error().fault, Fault::unavailable);
    EXPECT_EQ(judge_exit_code("who", 77).error().fault, Fault::denied);
    EXPECT_EQ(judge_exit_code("quotaGet", 67).error().fault, Fault::not_found);
    EXPECT_EQ(judge_exit_code("who", 75).error().message, "doveadm who ended with exit code 75");
}

TEST(Doveadm, AsksWithItsKeyAndADeadline)
{
    net::HttpCall asked;
    Doveadm const doveadm(
        {.url = "http://127.0.0.1:8080/doveadm/v1", .api_key = Secret("key123")},
        [&](net::HttpCall const& call) -> Result<net::HttpResponse> {
            asked = call;
            return net::HttpResponse{200, "application/json", R"([["doveadmResponse",[],"provost"]])"};
        });
    ASSERT_TRUE(doveadm.ask(who_request()));
    EXPECT_EQ(asked.method, "POST");
    EXPECT_EQ(asked.url, "http://127.0.0.1:8080/doveadm/v1");
    EXPECT_EQ(asked.headers.at(0).second, "X-Dovecot-API a2V5MTIz");
    EXPECT_EQ(asked.body, who_request());
    EXPECT_EQ(asked.total_time, std::chrono::seconds(5));
}

TEST(Doveadm, StatusesOtherThan200AreTrouble)
{
    struct {
        int status;
        Fault fault;
    } const cases[] = {{400, Fault::invalid},     {401, Fault::denied},      {404, Fault::invalid},
                       {500, Fault::unavailable}, {503, Fault::unavailable}, {302, Fault::unavailable}};
    for (auto const& c : cases) {
        SCOPED_TRACE(c.status);
        Doveadm const doveadm({.url = "http://x/", .api_key = Secret("hush")},
                              [&](net::HttpCall const&) -> Result<net::HttpResponse> {
                                  return net::HttpResponse{c.status, "text/html", "[]"};
                              });
        auto const answer = doveadm.ask(who_request());
        ASSERT_FALSE(answer);
        EXPECT_EQ(answer.error().fault, c.fault);
        EXPECT_EQ(answer.error().message.find("hush"), std::string::npos);
    }
}
