// SPDX-License-Identifier: Apache-2.0
#include "base/random.h"

#include <stdexcept>

#include <sodium/core.h>
#include <sodium/randombytes.h>
#include <sodium/utils.h>

namespace provost {

std::string random_bytes(std::size_t count)
{
    static int const ready = sodium_init();
    if (ready < 0) throw std::runtime_error("libsodium does not start: no source of randomness");
    std::string out(count, '\0');
    randombytes_buf(out.data(), out.size());
    return out;
}

std::string random_token(std::size_t bytes)
{
    auto const raw = random_bytes(bytes);
    std::string out(sodium_base64_ENCODED_LEN(raw.size(), sodium_base64_VARIANT_URLSAFE_NO_PADDING), '\0');
    sodium_bin2base64(out.data(), out.size(), reinterpret_cast<unsigned char const*>(raw.data()), raw.size(),
                      sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    out.resize(out.size() - 1);
    return out;
}

}  // namespace provost
