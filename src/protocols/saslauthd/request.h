// SPDX-License-Identifier: Apache-2.0
// What libsasl2 asks of saslauthd (cyrus-sasl 2.1.28, lib/checkpw.c): four strings, each after a count of its bytes of
// two bytes, the high one first: login, password, service, realm. The answer is one such string.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "mail/model.h"

namespace provost::protocols {

struct SaslauthdRequest {
    enum class Kind : std::uint8_t {
        whole,
        unfinished,  // more bytes may complete it
        too_long,    // by its counts; libsasl2 sends none such
    };
    Kind kind = Kind::unfinished;
    std::size_t size = 0;  // bytes of all of it, where it is whole
    std::string_view login = {};
    std::string_view password = {};
    std::string_view service = {};
    std::string_view realm = {};

    // With the counts. libsasl2 refuses a longer one by itself (lib/checkpw.c: 8192 less some bytes of its own).
    static constexpr std::size_t longest = 8192;
};

// Looks at the request that `input` begins with.
SaslauthdRequest read_saslauthd_request(std::string_view input);

// The account's name. libsasl2 cuts alice@example.org into login and realm; others leave it as it is.
std::string saslauthd_account(SaslauthdRequest const& request);

// The names that Postfix ("smtp") and Cyrus give to the services people sign in to; nullopt for what they do not. In
// any case: Cyrus says "HTTP". They are Dovecot's, and two of its own.
std::optional<mail::Service> saslauthd_service(std::string_view name);

// `text` as one answer.
std::string saslauthd_answer(std::string_view text);

}  // namespace provost::protocols
