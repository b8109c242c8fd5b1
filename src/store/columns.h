// SPDX-License-Identifier: Apache-2.0
// From columns to the values of mail/: what does not parse was not written by us, and is sql::Broken.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/size.h"
#include "mail/model.h"
#include "sql/connection.h"

namespace provost::store {

template <class T>
T stored(Result<T> parsed)
{
    if (!parsed) throw sql::Broken("the database holds what it should not: " + parsed.error().message);
    return *std::move(parsed);
}

inline mail::Address stored_address(std::string const& text) { return stored(mail::Address::parse(text)); }

inline std::optional<mail::Address> stored_address_or_null(sql::Row const& row, std::size_t column)
{
    if (row.is_null(column)) return std::nullopt;
    return stored_address(row.text(column));
}

inline Limit stored_limit(sql::Row const& row, std::size_t column)
{
    return Limit::from_stored(row.integer_or_null(column));
}

inline std::optional<std::string> text_of(std::optional<mail::Address> const& address)
{
    return address ? std::optional(address->text()) : std::nullopt;
}

// Empty for a bare name.
inline std::string_view domain_part(std::string_view name)
{
    auto const at = name.rfind('@');
    return at == std::string_view::npos ? std::string_view() : name.substr(at + 1);
}

}  // namespace provost::store
