// SPDX-License-Identifier: Apache-2.0
// Single values between JSON and the vocabulary: absent is null, sizes are numbers or words, times are RFC 3339.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json.hpp>

#include "base/result.h"
#include "base/secret.h"
#include "base/size.h"
#include "base/time.h"
#include "directory/acts.h"
#include "mail/model.h"

namespace provost::api {

namespace json = boost::json;

// The refusal of a value of the wrong type; names the field and shows the value.
tl::unexpected<Error> wrong_type(std::string_view field, json::value const& value, std::string_view wanted);

// From<T>::read(value, field) makes a T or says what is wrong with the value. null is an empty text or list, and
// nothing for an optional.
template <class T>
struct From;

#define PROVOST_FROM(...)                                                                  \
    template <>                                                                            \
    struct From<__VA_ARGS__> {                                                             \
        static Result<__VA_ARGS__> read(json::value const& value, std::string_view field); \
    }
PROVOST_FROM(std::string);
PROVOST_FROM(bool);
PROVOST_FROM(Time);
PROVOST_FROM(mail::DomainName);
PROVOST_FROM(mail::Address);
PROVOST_FROM(mail::DomainKind);
PROVOST_FROM(mail::MailboxKind);
PROVOST_FROM(mail::MailboxState);
PROVOST_FROM(mail::Suspension);
PROVOST_FROM(mail::Posting);
PROVOST_FROM(mail::Services);
PROVOST_FROM(mail::Role);
PROVOST_FROM(directory::MemberChange);
PROVOST_FROM(directory::DomainList);
#undef PROVOST_FROM

template <class T>
struct From<std::optional<T>> {
    static Result<std::optional<T>> read(json::value const& value, std::string_view field)
    {
        if (value.is_null()) return std::optional<T>();
        return std::optional<T>(TRY(From<T>::read(value, field)));
    }
};

template <class T>
struct From<std::vector<T>> {
    static Result<std::vector<T>> read(json::value const& value, std::string_view field)
    {
        std::vector<T> out;
        if (value.is_null()) return out;
        if (!value.is_array()) return wrong_type(field, value, "is not a list");
        for (auto const& item : value.get_array()) out.push_back(TRY(From<T>::read(item, field)));
        return out;
    }
};

Result<Limit> read_size(json::value const& value, std::string_view field);
Result<Limit> read_count(json::value const& value, std::string_view field);
Result<Secret> read_secret(json::value const& value, std::string_view field);  // never shows the value

json::value shown(std::string_view text);  // null for an empty one
json::value shown(char const* word);
json::value shown(bool flag);
json::value shown(Time time);
json::value shown(Limit limit);  // a number, "unlimited", or null where unset
json::value shown(mail::Services services);
json::value shown(std::vector<std::string> const& texts);
json::value shown(std::vector<mail::Address> const& addresses);
json::value shown(std::vector<mail::Member> const& members);
json::value shown(mail::Domains const& domains);
json::value shown(std::optional<Time> const& time);
json::value shown(std::optional<mail::Address> const& address);
json::value shown(std::optional<mail::DomainName> const& domain);

}  // namespace provost::api
