// SPDX-License-Identifier: Apache-2.0
#include "api/replies.h"

namespace provost::api {
namespace {

// RFC 3986 2.1: everything but unreserved characters and @ (2.2 lets a path segment have it).
std::string url_escaped(std::string_view text)
{
    static constexpr char digits[] = "0123456789ABCDEF";
    std::string out;
    for (char c : text) {
        auto const plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
                           c == '.' || c == '_' || c == '~' || c == '@';
        if (plain) {
            out += c;
            continue;
        }
        auto const byte = static_cast<unsigned char>(c);
        out += '%';
        out += digits[byte >> 4U];
        out += digits[byte & 15U];
    }
    return out;
}

}  // namespace

Result<Reply> added(Call const& call, std::string_view folder, Result<directory::Done> outcome)
{
    auto const subject = outcome ? outcome->subject : std::string();
    auto reply = TRY(done(std::move(outcome)));
    if (call.request.dry_run) return reply;
    reply.status = 201;
    reply.location = "/api/v1" + std::string(folder) + url_escaped(subject);
    return reply;
}

}  // namespace provost::api
