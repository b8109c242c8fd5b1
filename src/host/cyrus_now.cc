// SPDX-License-Identifier: Apache-2.0
#include "host/cyrus_now.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <set>

#include "base/text.h"

namespace provost::host {

namespace {

namespace fs = std::filesystem;

tl::unexpected<Error> as_it_is(Error error)
{
    if (error.fault == Fault::invalid) {
        error.fault = Fault::conflict;
        error.message = "Cyrus cannot start with its configuration as it is: " + error.message;
    }
    return tl::make_unexpected(std::move(error));
}

// Of a file, and of those that it includes.
Result<void> read_options(Root const& root, std::string const& file, std::string const& text, bool is_main,
                          std::set<std::string>& seen, CyrusNow& now)
{
    if (!seen.insert(file).second) return fail(Fault::conflict, "Cyrus's " + file + " is included twice", file);
    auto const options = TRY(parse_imapd_conf(text, file));
    for (auto const& option : options) {
        if (option.name == "@include") {
            auto const included = TRY(root.read(option.value));
            CHECK_OK(read_options(root, option.value, included, false, seen, now));
        } else if (!now.options.emplace(option.name, option.value).second) {
            return refuse(Fault::invalid, file, option.name, "is set a second time");
        } else if (!is_main) {
            now.elsewhere[option.name] = file;
        }
    }
    return {};
}

// Every mailbox has this file. Where there is mail, one is soon found; where there is none, there is little to look at.
bool has_mailbox(std::string const& folder)
{
    std::error_code error;
    fs::recursive_directory_iterator each(folder, fs::directory_options::skip_permission_denied, error);
    for (; !error && each != fs::end(each); each.increment(error)) {
        if (each->path().filename() == "cyrus.header") return true;
    }
    return false;
}

struct Named {
    std::string_view name;
    std::uint16_t port;
};
constexpr std::array ports{Named{"imap", 143},  Named{"imap2", 143}, Named{"imaps", 993}, Named{"pop3", 110},
                           Named{"pop-3", 110}, Named{"pop3s", 995}, Named{"sieve", 4190}};

}  // namespace

std::string CyrusNow::value(std::string_view name) const
{
    auto const found = options.find(name);
    return found == options.end() ? std::string() : found->second;
}

Result<CyrusNow> read_cyrus(Root const& root, config::Settings const& settings)
{
    CyrusNow now;
    auto const& file = settings.cyrus.imapd_conf;
    now.imapd_text = TRY(root.read(file));
    now.cyrus_text = TRY(root.read(cyrus_conf_file));
    std::set<std::string> seen;
    auto const read = read_options(root, file, now.imapd_text, true, seen, now);
    if (!read) return as_it_is(read.error());
    auto conf = parse_cyrus_conf(now.cyrus_text);
    if (!conf) return as_it_is(conf.error());
    now.conf = std::move(*conf);
    for (auto const& [name, value] : now.options) {
        if (name.starts_with("partition-") && !now.has_mail) now.has_mail = has_mailbox(root.at(value));
    }
    return now;
}

bool is_installed(Root const& root, CyrusEntry const& entry)
{
    auto const program = entry.program();
    return root.exists(program.starts_with('/') ? program : cyrus_programs + program);
}

std::uint16_t port_of(CyrusEntry const& entry)
{
    auto const listen = entry.word("listen");
    if (listen.starts_with('/')) return 0;
    auto const name = std::string_view(listen).substr(listen.rfind(':') + 1);
    auto const number = to_integer(name).value_or(0);
    if (number > 0 && number <= 65535) return static_cast<std::uint16_t>(number);
    auto const* const found =
        std::find_if(ports.begin(), ports.end(), [&](auto const& each) { return each.name == name; });
    return found == ports.end() ? std::uint16_t{0} : found->port;
}

Result<CyrusNow::Known> ask_cyrus(Root const& root, config::Settings const& settings, Runner const& run)
{
    auto const told = run({std::string(cyrus_programs) + "cyr_info", "-C", root.at(settings.cyrus.imapd_conf), "conf"});
    if (!told) return as_it_is(told.error());
    CyrusNow::Known known;
    for (auto const line : split(*told, '\n')) {
        auto const colon = line.find(": ");
        if (colon != std::string_view::npos) known.emplace(line.substr(0, colon), trimmed(line.substr(colon + 2)));
    }
    return known;
}

}  // namespace provost::host
