// SPDX-License-Identifier: Apache-2.0
// What the Resolver reads: records as they lie in a snapshot, seen without copying. Views are valid as long as the
// snapshot they came from.
#pragma once

#include <cstdint>
#include <iterator>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "mail/model.h"

namespace provost::mail {

// A list of texts in one run of bytes: for each a length (2 bytes, little endian) and the text.
class TextList {
public:
    TextList() = default;
    explicit TextList(std::string_view bytes) : bytes_(bytes) {}

    class Iterator {
    public:
        using value_type = std::string_view;
        using difference_type = std::ptrdiff_t;
        explicit Iterator(std::string_view rest) : rest_(rest) {}
        std::string_view operator*() const { return rest_.substr(2, length()); }
        Iterator& operator++()
        {
            rest_.remove_prefix(2 + length());
            return *this;
        }
        bool operator==(Iterator const& other) const { return rest_.size() == other.rest_.size(); }

    private:
        // A torn record must not be read past its end.
        std::size_t length() const
        {
            if (rest_.size() < 2) throw std::runtime_error("a list in the replica is cut short");
            auto const length = static_cast<std::size_t>(static_cast<unsigned char>(rest_[0])) |
                                static_cast<std::size_t>(static_cast<unsigned char>(rest_[1])) << 8U;
            if (rest_.size() - 2 < length) throw std::runtime_error("a list in the replica is cut short");
            return length;
        }
        std::string_view rest_;
    };
    Iterator begin() const { return Iterator(bytes_); }
    Iterator end() const { return Iterator(bytes_.substr(bytes_.size())); }
    bool empty() const { return bytes_.empty(); }
    std::string_view bytes() const { return bytes_; }

    // Adds one text (at most 65535 bytes) to an encoded list.
    static void append(std::string& bytes, std::string_view text);
    static std::string encode(std::vector<std::string> const& texts);
    static std::string encode(std::vector<Address> const& addresses);

private:
    std::string_view bytes_;
};

inline constexpr std::int64_t never = 0;  // an expiry that does not come

// An expiry as facts have it. The one moment that would read as "never" is taken a millisecond later: it is past too.
inline std::int64_t expiry_of(std::optional<Time> const& time)
{
    if (!time) return never;
    return to_millis(*time) == never ? never + 1 : to_millis(*time);
}

struct DomainFacts {
    DomainKind kind = DomainKind::hosted;
    bool enabled = true;
    std::int64_t expires = never;  // milliseconds since 1970
    std::string_view maps_to;
    std::string_view transport;
    std::string_view archive_to;
    TextList catch_all;
    std::int64_t default_quota = -1;  // bytes; -1 for unlimited
};

struct MailboxFacts {
    std::string_view id;    // the UUID's text
    std::string_view name;  // its canonical name, the key it is found under
    MailboxKind kind = MailboxKind::person;
    MailboxState state = MailboxState::active;
    Suspension suspension = Suspension::refuse;
    StoreState store = StoreState::preparing;
    bool keep_copy = true;
    Services services = Services::all();
    std::int64_t expires = never;
    std::int64_t quota_bytes = -1;  // the domain's default already applied; -1 for unlimited
    std::int64_t quota_messages = -1;
    std::uint64_t stamp = 0;  // changes with every change to the mailbox or its credentials: the revision that wrote it
    std::string_view transport;
    std::string_view home;  // Store::name
    TextList forwards;
    TextList senders;  // names of others who may send as it
};

struct AliasFacts {
    std::string_view id;
    std::string_view address;
    bool enabled = true;
    std::int64_t expires = never;
    bool targets_may_send = false;
    TextList targets;
};

// What stands under one name.
struct Entry {
    enum class Kind : std::uint8_t { none, mailbox, alias } kind = Kind::none;
    MailboxFacts mailbox;
    AliasFacts alias;
};

// One consistent snapshot of the directory. Names and addresses are given folded, as in mail/address.h. A snapshot
// that cannot be read throws; that is "cannot tell", never "not there".
class View {
public:
    virtual ~View() = default;
    virtual std::optional<DomainFacts> domain(std::string_view name) const = 0;
    virtual Entry entry(std::string_view name) const = 0;
    // Whether a mailbox of that name was deleted and can be restored. It is no entry; somebody else may be by now.
    virtual bool is_deleted(std::string_view name) const = 0;
    // The canonical name of the mailbox that signs in with `login`, and of the one that once was called `name`: mail
    // and questions may still come under it, and nobody signs in. Names of entries themselves are in neither.
    virtual std::optional<std::string_view> owner_of_login(std::string_view login) const = 0;
    virtual std::optional<std::string_view> owner_of_former_name(std::string_view name) const = 0;
};

}  // namespace provost::mail
