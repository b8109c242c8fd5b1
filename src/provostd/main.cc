// SPDX-License-Identifier: Apache-2.0
// provostd: answers the mail servers and the provost command. See provostd --help.
#include <csignal>
#include <cstdio>
#include <optional>
#include <string>

#include <fmt/format.h>

#include "base/log.h"
#include "base/process.h"
#include "base/version.h"
#include "config/file.h"
#include "config/settings.h"
#include "host/sockets.h"
#include "net/signals.h"
#include "net/sockets.h"
#include "provostd/house.h"
#include "store/migrations.h"

namespace {

using namespace provost;

constexpr int usage_error = 2;
constexpr int temporary = 75;  // EX_TEMPFAIL of sysexits.h: starting again may help

constexpr char const* usage =
    "Usage: provostd [--config FILE] [--schema FOLDER]\n"
    "\n"
    "Answers Postfix, Dovecot and the provost command from the directory. Sockets are taken from systemd or\n"
    "provost-holder, and bound here where neither passed any.\n"
    "\n"
    "  --config FILE    settings; else $PROVOST_CONFIG, else /etc/provost/provost.toml\n"
    "  --schema FOLDER  the database's migrations; else $PROVOST_SCHEMA, else ../share/provost/schema of the program\n"
    "  --help           this, and every setting\n"
    "  --version\n"
    "\n"
    "Settings:\n";

struct Arguments {
    std::optional<std::string> config;
    std::string schema;
    bool help = false;
    bool version = false;
};

std::optional<Arguments> parse(int argc, char** argv)
{
    Arguments out;
    out.schema = store::schema_folder();
    for (int i = 1; i < argc; ++i) {
        std::string const word = argv[i];
        bool const has_value = i + 1 < argc;
        if (word == "--help" || word == "-h") out.help = true;
        else if (word == "--version") out.version = true;
        else if (word == "--config" && has_value) out.config = argv[++i];
        else if (word == "--schema" && has_value) out.schema = argv[++i];
        else return std::nullopt;
    }
    return out;
}

log::Level level_named(std::string const& name)
{
    if (name == "warning") return log::Level::warning;
    return name == "error" ? log::Level::error : log::Level::info;
}

// The API's socket is bound here where nobody holds it: who finds it gone for a moment may ask again, as no mail server
// does.
void add_api_socket(config::Settings const& settings, std::multimap<std::string, net::Fd>& sockets)
{
    if (settings.api.listen.empty() || sockets.count("api") > 0) return;
    auto const at = config::parse_host_port(settings.api.listen, "api.listen");
    auto socket = at ? net::bind_tcp(at->host, at->port) : tl::make_unexpected(at.error());
    if (socket) sockets.emplace("api", std::move(*socket));
    else log::error("API_NOT_LISTENING", {{"reason", socket.error().message}});
}

Result<std::multimap<std::string, net::Fd>> listening_sockets(config::Settings const& settings)
{
    auto sockets = TRY(net::inherited_sockets());
    if (!sockets.empty()) return sockets;
    for (auto const& socket : host::sockets_of(settings)) {
        auto fd = net::bind_unix({.path = socket.path,
                                  .owner = socket.access.owner,
                                  .group = socket.access.group,
                                  .mode = socket.access.mode});
        if (!fd) return tl::make_unexpected(fd.error());
        sockets.emplace(socket.name, std::move(*fd));
    }
    return sockets;
}

int serve(Arguments const& arguments)
{
    keep_memory_private();
    // Before any thread is made, so that all of them leave these to us.
    net::Signals signals({SIGTERM, SIGINT, SIGHUP});
    std::signal(SIGPIPE, SIG_IGN);
    auto const path = config::settings_path(arguments.config);
    auto const settings = config::read_settings(path);
    if (!settings) {
        fmt::print(stderr, "provostd: {}\n", settings.error().message);
        return usage_error;
    }
    log::start(level_named(settings->log.level), settings->log.file);
    auto sockets = listening_sockets(*settings);
    if (!sockets) {
        log::error("SOCKETS_MISSING", {{"reason", sockets.error().message}});
        fmt::print(stderr, "provostd: {}\n", sockets.error().message);
        return temporary;
    }
    add_api_socket(*settings, *sockets);
    try {
        daemon::House house(*settings, arguments.schema, std::move(*sockets));
        net::notify_ready();
        log::info("STARTED", {{"version", version}, {"settings", path}});
        for (;;) {
            auto const number = signals.wait();
            if (number != SIGHUP) break;
            log::reopen();
            house.reload();
        }
        net::notify_stopping();
        log::info("STOPPING");
    } catch (std::exception const& trouble) {
        log::error("NOT_STARTED", {{"reason", trouble.what()}});
        fmt::print(stderr, "provostd: {}\n", trouble.what());
        return temporary;
    }
    log::info("STOPPED");
    return 0;
}

}  // namespace

int main(int argc, char** argv)
{
    auto const arguments = parse(argc, argv);
    if (!arguments) {
        fmt::print(stderr, "{}", usage);
        return usage_error;
    }
    if (arguments->help) {
        fmt::print("{}{}", usage, provost::config::settings_help());
        return 0;
    }
    if (arguments->version) {
        fmt::print("provostd {}\n", version);
        return 0;
    }
    return serve(*arguments);
}
