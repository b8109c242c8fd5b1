// SPDX-License-Identifier: Apache-2.0
// Single values as administrators write them: what was understood can be written and understood again.
#include "base/size.h"
#include "base/text.h"
#include "base/time.h"
#include "config/duration.h"
#include "config/rules.h"
#include "directory/network.h"
#include "fuzz/target.h"

using namespace provost;

FUZZ_TARGET(values, input)
{
    if (auto const size = parse_size(input, "size")) HOLDS(parse_size(size_text(*size), "size") == *size);
    else HOLDS(is_utf8(size.error().message));
    if (auto const count = parse_count(input, "count")) HOLDS(parse_count(count_text(*count), "count") == *count);
    if (auto const time = parse_time(input, "time")) HOLDS(parse_time(to_rfc3339(*time), "time") == *time);
    if (auto const span = config::parse_duration(input, "span")) {
        HOLDS(span->count() >= 0);
        HOLDS(config::parse_duration(config::duration_text(*span), "span") == *span);
    }

    fuzz::Input parts(input);
    auto const network = parts.until(' ');
    auto const address = parts.rest();
    if (directory::network_has(network, address)) {
        HOLDS(directory::check_network(network, "network"));
        HOLDS(directory::is_address(address));
    }
    if (directory::is_address(input)) {
        HOLDS(directory::network_has(input, input));
        HOLDS(input.find('\0') == std::string_view::npos);
    }

    if (config::is_plain_path(input)) HOLDS(input.find_first_of(" \"'\\\n$;") == std::string_view::npos);
    if (auto const place = config::parse_host_port(std::string(input), "place")) HOLDS(place->port != 0);
}
