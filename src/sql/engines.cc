// SPDX-License-Identifier: Apache-2.0
#include "sql/engines.h"

#include "base/text.h"

namespace provost::sql {
namespace {

struct Engine {
    std::string_view scheme;
    std::unique_ptr<Connection> (*connect)(std::string const& rest, ConnectOptions const& options);
};

constexpr Engine engines[] = {
    {"sqlite", connect_sqlite},
};

}  // namespace

Result<Connect> engine_for(std::string const& url, ConnectOptions const& options)
{
    auto const colon = url.find(':');
    auto const scheme = std::string_view(url).substr(0, colon);
    std::string known;
    for (auto const& engine : engines) {
        if (scheme == engine.scheme && colon != std::string::npos && colon + 1 < url.size())
            return Connect(
                [connect = engine.connect, rest = url.substr(colon + 1), options] { return connect(rest, options); });
        known += (known.empty() ? "" : ", ") + std::string(engine.scheme) + ":...";
    }
    // A URL may hold a password, so only its scheme is shown.
    return refuse(Fault::invalid, "database", scheme, "is not the start of a database URL; there is " + known);
}

Result<std::string> file_of(std::string const& url)
{
    CHECK_OK(engine_for(url));  // every engine there is keeps a file
    return url.substr(url.find(':') + 1);
}

}  // namespace provost::sql
