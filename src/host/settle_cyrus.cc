// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <tuple>

#include <fmt/format.h>

#include "base/text.h"
#include "host/settle_parts.h"
#include "host/sockets.h"

namespace provost::host {

namespace {

struct Wished {
    char const* option;
    std::optional<std::uint16_t> port;
};

Wished wish_for(CyrusDoor const& door, SetupWishes const& wishes)
{
    std::string_view const name = door.name;
    if (name == "imap") return {"--imap-port", wishes.imap};
    if (name == "imaps") return {"--imaps-port", wishes.imaps};
    if (name == "pop3") return {"--pop3-port", wishes.pop3};
    if (name == "pop3s") return {"--pop3s-port", wishes.pop3s};
    return {"--sieve-port", wishes.sieve};
}

// As asked for, else as it is; on a fresh host the usual one. 0 where the server is not installed.
Result<std::uint16_t> settled_port(Root const& root, CyrusDoor const& door, SetupWishes const& wishes,
                                   CyrusNow const& now, bool is_fresh)
{
    auto const [option, wish] = wish_for(door, wishes);
    auto const* const entry = entry_of(door, now.conf);
    bool const is_there =
        entry != nullptr ? is_installed(root, *entry) : root.exists(std::string(cyrus_programs) + door.program);
    if (wish && *wish != 0 && !is_there) {
        return refuse(Fault::conflict, option, std::to_string(*wish),
                      fmt::format("cannot be: Cyrus's {} is not installed", door.program));
    }
    if (wish) return *wish;
    if (!is_there) return std::uint16_t{0};
    if (entry == nullptr) return is_fresh ? door.usual : std::uint16_t{0};
    auto const port = port_of(*entry);
    if (port != 0) return port;
    return refuse(Fault::conflict, std::string("cyrus.conf: ") + entry->name, entry->word("listen"),
                  fmt::format("is not a port that is known: write its number, or say {}", option));
}

Result<void> check_partition(config::Settings const& settings, CyrusNow const& now)
{
    auto const& partition = settings.cyrus.partition;
    if (partition.empty() || now.options.count("partition-" + partition) != 0) return {};
    return refuse(Fault::conflict, "cyrus.partition", partition,
                  "is not a partition of " + settings.cyrus.imapd_conf + ", which has no partition-" + partition);
}

Result<std::string> lmtp_elsewhere(config::Settings const& settings)
{
    auto const server = TRY(config::parse_host_port(settings.cyrus.server, "cyrus.server"));
    // A number is no name to look up.
    bool const is_name = server.host.find_first_not_of("0123456789.:") != std::string::npos &&
                         server.host.find(':') == std::string::npos;
    return is_name ? server.host + ":24" : "[" + server.host + "]:24";
}

}  // namespace

Pair cyrus_pair(CyrusNow const& now)
{
    auto const either = [&](auto name, auto old) {
        auto value = now.value(name);
        return value.empty() ? now.value(old) : value;
    };
    auto certificate = either("tls_server_cert", "tls_cert_file");
    auto key = either("tls_server_key", "tls_key_file");
    return {certificate, key.empty() ? certificate : key};
}

Result<void> settle_cyrus(Root const& root, config::Settings const& settings, SetupWishes const& wishes,
                          ImapNow const& imap, Pair const& other, ServerOptions& options)
{
    auto const& delimiter = settings.mail.recipient_delimiter;
    if (!delimiter.empty() && delimiter != "+") {
        return refuse(Fault::conflict, "mail.recipient_delimiter", delimiter, "is not what Cyrus goes by, which is +");
    }
    if (!imap.cyrus) {
        options.postfix.lmtp_inet = TRY(lmtp_elsewhere(settings));
        return {};
    }
    auto const& now = *imap.cyrus;
    auto& cyrus = options.cyrus;
    CHECK_OK(check_partition(settings, now));
    cyrus.is_fresh = !now.has_mail && now.value("sasl_saslauthd_path") != settings.sockets.saslauthd;
    auto const pair = TRY(find_pair(root, wishes, cyrus_pair(now), other));
    std::tie(cyrus.certificate, cyrus.key) = std::tie(pair.certificate, pair.key);
    for (auto const& door : cyrus_doors()) {
        cyrus.*door.port = TRY(settled_port(root, door, wishes, now, cyrus.is_fresh));
    }
    cyrus.lmtp_socket = options.postfix.lmtp_socket = cyrus_lmtp_socket(settings);
    return {};
}

}  // namespace provost::host
