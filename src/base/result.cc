// SPDX-License-Identifier: Apache-2.0
#include "base/result.h"

#include "base/text.h"

namespace provost {

tl::unexpected<Error> refuse(Fault fault, std::string_view field, std::string_view value, std::string_view rule)
{
    std::string message(field);
    message += ": '";
    message += escaped(value);
    message += "' ";
    message += rule;
    return tl::make_unexpected(Error{fault, std::move(message), std::string(field)});
}

char const* name_of(Fault fault)
{
    switch (fault) {
        case Fault::invalid:
            return "invalid";
        case Fault::not_found:
            return "not_found";
        case Fault::conflict:
            return "conflict";
        case Fault::denied:
            return "denied";
        case Fault::unavailable:
            return "unavailable";
    }
    return "unavailable";
}

}  // namespace provost
