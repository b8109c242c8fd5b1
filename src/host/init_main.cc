// SPDX-License-Identifier: Apache-2.0
// provost-init: makes this host ready for the daemon, and its Postfix and Dovecot ask it.
#include <filesystem>
#include <iostream>
#include <string>
#include <string_view>
#include <unistd.h>

#include "config/file.h"
#include "host/command.h"
#include "host/init.h"
#include "host/units.h"
#include "host/write_servers.h"

namespace {

using namespace provost;

constexpr int usage_error = 2;
constexpr int not_permitted = 77;
constexpr char const* usage =
    "Usage: provost-init [--config FILE] [--servers] [--host-name NAME] [--networks LIST] [--logs FOLDER]\n"
    "\n"
    "Makes users, folders and settings for provostd on this host. With --servers also makes the installed Postfix\n"
    "and Dovecot ask it, and checks that they understand what was written. A second time nothing changes.\n"
    "--config FILE      the settings' file; /etc/provost/provost.toml\n"
    "--host-name NAME   what Postfix calls this host\n"
    "--networks LIST    who may relay by port 25 without signing in; \"\" for nobody\n"
    "--logs FOLDER      the servers write mail.log and dovecot.log there, rather than to syslog\n";

struct Wanted {
    host::InitOptions init;
    host::ServerOptions servers;
    bool with_servers = false;
};

int complain(std::string const& words, int code)
{
    std::cerr << "provost-init: " << words << "\n";
    return code;
}

// What the words ask for; or the word that is wrong.
tl::expected<Wanted, std::string> read_words(int argc, char** argv)
{
    Wanted wanted;
    for (int i = 1; i < argc; ++i) {
        std::string_view const word = argv[i];
        if (word == "--servers") {
            wanted.with_servers = true;
            continue;
        }
        if (i + 1 == argc) return tl::unexpected(std::string(word));
        std::string const value = argv[++i];
        if (word == "--config") {
            wanted.init.settings_file = value;
        } else if (word == "--host-name") {
            wanted.servers.postfix.host_name = value;
            wanted.servers.dovecot.postmaster = "postmaster@" + value;
        } else if (word == "--networks") {
            wanted.servers.postfix.networks = value;
        } else if (word == "--logs") {
            wanted.servers.postfix.log_file = value + "/mail.log";
            wanted.servers.dovecot.log_path = value + "/dovecot.log";
        } else {
            return tl::unexpected(std::string(word));
        }
    }
    return wanted;
}

Result<host::Changes> make_ready(Wanted const& wanted)
{
    host::Root const here;
    auto const run = host::host_commands();
    auto changes = TRY(host::init(here, wanted.init, run));
    if (!wanted.with_servers) return changes;
    auto const settings = TRY(config::read_settings(wanted.init.settings_file));
    auto const more = TRY(host::write_servers(here, settings, wanted.servers, run));
    changes.insert(changes.end(), more.begin(), more.end());
    CHECK_OK(host::start_server_sockets(here, settings, wanted.init.settings_file, run, changes));
    CHECK_OK(host::check_servers(run));
    return changes;
}

}  // namespace

int main(int argc, char** argv)
{
    if (argc == 2 && std::string_view(argv[1]) == "--help") {
        std::cout << usage;
        return 0;
    }
    auto const wanted = read_words(argc, argv);
    if (!wanted)
        return complain("cannot make sense of '" + wanted.error() + "'; --help says what there is", usage_error);
    if (geteuid() != 0) return complain("this changes the host: run it as root", not_permitted);
    auto const changes = make_ready(*wanted);
    if (!changes) return complain(changes.error().message, 1);
    for (auto const& change : *changes) std::cout << change << "\n";
    return 0;
}
