// SPDX-License-Identifier: Apache-2.0
#include "targets/doveadm.h"

#include <sysexits.h>

#include <boost/json.hpp>

#include "base/text.h"

namespace provost::targets {
namespace {

namespace json = boost::json;

// One command a request, so its tag never has to be told from another's.
constexpr auto tag = "provost";

// A row of `who` is about 120 bytes; this is room for half a million connections.
constexpr std::size_t longest_answer = 64 << 20;

std::string request(std::string_view command, json::object parameters)
{
    return json::serialize(json::array{json::array{json::string(command), std::move(parameters), tag}});
}

std::string text_of(json::value const& value)
{
    return value.is_string() ? std::string(value.get_string()) : json::serialize(value);
}

// Objects at any depth of arrays are rows: 2.3 closes the array of rows after the first one.
void take_rows(json::value const& value, std::vector<DoveadmRow>& rows)
{
    if (auto const* array = value.if_array()) {
        for (auto const& element : *array) take_rows(element, rows);
    } else if (auto const* object = value.if_object()) {
        DoveadmRow row;
        for (auto const& [name, field] : *object) row.emplace(name, text_of(field));
        rows.push_back(std::move(row));
    }
}

tl::unexpected<Error> no_answer(std::string_view body)
{
    return refuse(Fault::unavailable, "doveadm", body, "is no answer of the doveadm API");
}

Result<DoveadmAnswer> judge_error(json::array const& answer, std::string_view body)
{
    std::vector<DoveadmRow> details;
    take_rows(answer, details);
    if (details.size() != 1) return no_answer(body);
    auto& detail = details[0];
    auto const code = to_integer(detail["exitCode"]);
    if (detail["type"] == "exitCode" && code) return DoveadmAnswer{{}, static_cast<int>(*code)};
    return fail(Fault::invalid, "doveadm refused the request: " + escaped(detail["type"]));
}

}  // namespace

std::string who_request() { return request("who", {{"separateConnections", true}}); }

std::string kick_request(std::string_view mask) { return request("kick", {{"mask", json::array{json::string(mask)}}}); }

std::string quota_request(std::string_view user) { return request("quotaGet", {{"user", json::string(user)}}); }

Result<DoveadmAnswer> parse_doveadm_answer(std::string_view body)
{
    json::parse_options options;
    options.allow_invalid_utf8 = true;  // a mailbox name may hold anything
    json::error_code trouble;
    auto const parsed = json::parse({body.data(), body.size()}, trouble, {}, options);
    if (trouble || !parsed.is_array()) return no_answer(body);
    for (auto const& element : parsed.get_array()) {
        auto const* answer = element.if_array();
        if (!answer || answer->size() < 2 || !answer->front().is_string() || answer->back() != tag) continue;
        if (answer->front() == "error") return judge_error(*answer, body);
        if (answer->front() != "doveadmResponse") continue;
        DoveadmAnswer read;
        take_rows(*answer, read.rows);
        return read;
    }
    return no_answer(body);
}

Result<void> judge_exit_code(std::string_view command, int exit_code)
{
    if (exit_code == EX_OK) return {};
    auto const said = "doveadm " + std::string(command) + " ended with exit code " + std::to_string(exit_code);
    switch (exit_code) {
        case EX_USAGE:
        case EX_DATAERR:
        case EX_NOUSER:
        case doveadm_nobody:
            return fail(Fault::not_found, said);
        case EX_NOPERM:
            return fail(Fault::denied, said);
        default:
            return fail(Fault::unavailable, said);
    }
}

Doveadm::Doveadm(Settings settings, Call call) : settings_(std::move(settings)), call_(std::move(call)) {}

Result<DoveadmAnswer> Doveadm::ask(std::string const& body) const
{
    net::HttpCall request;
    request.method = "POST";
    request.url = settings_.url;
    request.headers = {{"Authorization", "X-Dovecot-API " + to_base64(settings_.api_key.reveal())},
                       {"Content-Type", "application/json"}};
    request.body = body;
    request.connect_time = settings_.connect_time;
    request.total_time = settings_.total_time;
    request.longest_body = longest_answer;
    auto const response = TRY(call_(request));
    auto const where = "doveadm at " + escaped(settings_.url);
    switch (response.status) {
        case 200:
            return parse_doveadm_answer(response.body);
        case 400:
            return fail(Fault::invalid, where + " does not understand the request (400)");
        case 401:
            return fail(Fault::denied, where + " does not take our doveadm_api_key (401)");
        case 404:
            return fail(Fault::invalid, where + " has no doveadm API there (404)");
        default:
            return fail(Fault::unavailable, where + " answered " + std::to_string(response.status));
    }
}

}  // namespace provost::targets
