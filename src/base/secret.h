// SPDX-License-Identifier: Apache-2.0
// A password on its way through the house: never printed, never copied by accident, wiped at the end.
#pragma once

#include <string>
#include <string_view>
#include <utility>

#include <sodium/utils.h>

namespace provost {

class Secret {
public:
    Secret() = default;
    explicit Secret(std::string const& text) : text_(text) {}
    // What it is made from is wiped too: of a short text, moving leaves the bytes where they were.
    explicit Secret(std::string&& text) : text_(std::move(text)) { wipe(text); }
    Secret(Secret&& other) noexcept : text_(std::move(other.text_)) { other.wipe(); }
    Secret& operator=(Secret&& other) noexcept
    {
        if (this != &other) {
            wipe();
            text_ = std::move(other.text_);
            other.wipe();
        }
        return *this;
    }
    Secret(Secret const&) = delete;
    Secret& operator=(Secret const&) = delete;
    ~Secret() { wipe(); }

    Secret copy() const { return Secret(text_); }
    bool empty() const { return text_.empty(); }

    // For the few who must see it: hashing, and protocols that pass it on.
    std::string_view reveal() const { return text_; }

private:
    void wipe() { wipe(text_); }
    static void wipe(std::string& text)
    {
        // A moved-from short string still holds its bytes in place, so the capacity is wiped and not the size.
        text.resize(text.capacity());
        sodium_memzero(text.data(), text.size());
        text.clear();
    }

    std::string text_;
};

}  // namespace provost
