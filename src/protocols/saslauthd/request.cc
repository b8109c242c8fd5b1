// SPDX-License-Identifier: Apache-2.0
#include "protocols/saslauthd/request.h"

#include <array>

#include "base/text.h"
#include "protocols/dovecot/service.h"

namespace provost::protocols {
namespace {

constexpr std::size_t count_size = 2;

std::size_t byte(char c) { return static_cast<unsigned char>(c); }

}  // namespace

SaslauthdRequest read_saslauthd_request(std::string_view input)
{
    SaslauthdRequest request;
    std::size_t at = 0;
    for (auto* field : std::array{&request.login, &request.password, &request.service, &request.realm}) {
        if (input.size() < at + count_size) return request;
        auto const count = byte(input[at]) << 8U | byte(input[at + 1]);
        at += count_size;
        if (at + count > SaslauthdRequest::longest) return {.kind = SaslauthdRequest::Kind::too_long};
        if (input.size() < at + count) return request;
        *field = input.substr(at, count);
        at += count;
    }
    request.kind = SaslauthdRequest::Kind::whole;
    request.size = at;
    return request;
}

std::string saslauthd_account(SaslauthdRequest const& request)
{
    std::string account(request.login);
    if (request.realm.empty() || account.find('@') != std::string::npos) return account;
    account += '@';
    account += request.realm;
    return account;
}

std::optional<mail::Service> saslauthd_service(std::string_view name)
{
    auto const service = folded(name);
    if (service == "pop") return mail::Service::pop3;
    if (service == "http") return mail::Service::web;
    return service_named(service);
}

std::string saslauthd_answer(std::string_view text)
{
    std::string answer;
    answer += static_cast<char>(text.size() >> 8U & 0xFFU);
    answer += static_cast<char>(text.size() & 0xFFU);
    answer += text;
    return answer;
}

}  // namespace provost::protocols
