// SPDX-License-Identifier: Apache-2.0
// Netstrings, "4:OK 1,": how Postfix's socketmap frames both requests and replies (socketmap_table(5)).
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace provost::protocols {

struct Netstring {
    enum class Kind : std::uint8_t {
        whole,
        unfinished,  // more bytes may complete it; `header` tells whether the length is known yet
        malformed,   // no bytes can
    };
    Kind kind = Kind::unfinished;
    std::size_t header = 0;         // bytes before the payload; 0 while the length is not complete
    std::size_t length = 0;         // of the payload, as announced
    std::string_view payload = {};  // whole only

    std::size_t size() const { return header + length + 1; }  // with the comma
};

// Looks at the netstring that `input` begins with. Leading zeros count as Postfix counts them, up to nine digits.
Netstring read_netstring(std::string_view input);

void append_netstring(std::string& to, std::string_view payload);

}  // namespace provost::protocols
