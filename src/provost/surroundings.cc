// SPDX-License-Identifier: Apache-2.0
#include "provost/surroundings.h"

#include <algorithm>
#include <array>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <sys/ioctl.h>
#include <termios.h>
#include <thread>
#include <unistd.h>

#include "base/text.h"
#include "config/file.h"
#include "host/command.h"
#include "host/init.h"
#include "host/units.h"
#include "mail/home.h"
#include "store/migrations.h"

namespace provost::cli {
namespace {

constexpr int widest = 10'000;
constexpr int usual_width = 80;

int terminal_width()
{
    if (isatty(STDOUT_FILENO) == 0) return 0;
    if (auto const* columns = std::getenv("COLUMNS")) {
        auto const number = to_integer(columns);
        if (number && *number > 0 && *number <= widest) return static_cast<int>(*number);
    }
    winsize size{};
    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) return size.ws_col;
    return usual_width;
}

termios shown;  // the terminal as it was before echo was turned off

void show_and_end(int signal)
{
    tcsetattr(STDIN_FILENO, TCSAFLUSH, &shown);
    std::signal(signal, SIG_DFL);
    static_cast<void>(raise(signal));
}

// Turns echo off for the length of a scope, which Ctrl-C may end early.
class Quiet {
public:
    Quiet()
    {
        if (tcgetattr(STDIN_FILENO, &shown) != 0) return;
        for (std::size_t i = 0; i < signals.size(); ++i) before_[i] = std::signal(signals[i], show_and_end);
        auto quiet = shown;
        quiet.c_lflag &= ~static_cast<tcflag_t>(ECHO);
        is_quiet_ = tcsetattr(STDIN_FILENO, TCSAFLUSH, &quiet) == 0;
        handles_ = true;
    }
    ~Quiet()
    {
        if (is_quiet_) tcsetattr(STDIN_FILENO, TCSAFLUSH, &shown);
        if (!handles_) return;
        for (std::size_t i = 0; i < signals.size(); ++i) std::signal(signals[i], before_[i]);
    }
    Quiet(Quiet const&) = delete;
    Quiet& operator=(Quiet const&) = delete;
    bool is_quiet() const { return is_quiet_; }

private:
    static constexpr std::array signals{SIGINT, SIGTERM, SIGHUP};
    std::array<void (*)(int), signals.size()> before_{};
    bool is_quiet_ = false;
    bool handles_ = false;
};

Result<Secret> line_of_input()
{
    std::string line;
    if (!std::getline(std::cin, line)) return fail(Fault::invalid, "there is nothing on standard input");
    if (!line.empty() && line.back() == '\r') line.pop_back();
    if (line.empty()) return fail(Fault::invalid, "the first line of standard input is empty");
    return Secret(std::move(line));
}

Result<Secret> secret_from_terminal(std::string const& prompt)
{
    Quiet const quiet;
    if (!quiet.is_quiet()) return fail(Fault::invalid, "the terminal cannot hide what is typed");
    std::cerr << prompt << std::flush;
    auto secret = line_of_input();
    std::cerr << '\n';
    return secret;
}

std::string text_from_terminal(std::string const& prompt)
{
    std::cerr << prompt << std::flush;
    std::string line;
    std::getline(std::cin, line);
    return std::string(trimmed(line));
}

bool answer_from_terminal(std::string const& question)
{
    auto const answer = folded(text_from_terminal(question + " [y/N] "));
    return answer == "y" || answer == "yes";
}

Result<std::vector<std::string>> init_this_host(std::string const& settings_file)
{
    if (geteuid() != 0) return fail(Fault::denied, "only root may make this host ready: sudo provost init");
    host::InitOptions options;
    options.settings_file = settings_file;
    return host::init(host::Root(), options, host::host_commands());
}

Result<config::Settings> settings_for_root(std::string const& settings_file, std::string const& verb)
{
    if (geteuid() != 0) return fail(Fault::denied, "only root may do that: sudo provost " + verb);
    return config::read_settings(settings_file);
}

Result<store::Manifest> back_up(std::string const& settings_file, std::string const& file, bool overwrite)
{
    auto const settings = TRY(settings_for_root(settings_file, "backup"));
    return store::back_up({settings.database.url, settings.database.busy_timeout}, file, overwrite);
}

// Homes are folders as mail::home_of names them.
std::vector<std::string> homes_of_nobody(std::string const& mail_root, std::set<std::string> const& mailbox_ids)
{
    std::vector<std::string> found;
    std::error_code ignored;
    for (auto const& part : std::filesystem::directory_iterator(mail_root, ignored)) {
        if (!part.is_directory(ignored)) continue;
        for (auto const& home : std::filesystem::directory_iterator(part.path(), ignored)) {
            auto const id = home.path().filename().string();
            if (!is_uuid(id) || mailbox_ids.contains(id)) continue;
            if (home.path() == std::filesystem::path(mail_root) / mail::home_of(MailboxId(id)))
                found.push_back(home.path().string());
        }
    }
    std::ranges::sort(found);
    return found;
}

Result<RestoreReport> restore(std::string const& settings_file, std::string const& file, RestoreWish wish)
{
    auto const settings = TRY(settings_for_root(settings_file, "restore"));
    auto restored = TRY(store::restore({settings.database.url, settings.database.busy_timeout}, file,
                                       {store::schema_folder(), wish.may_lose, wish.dry_run}));
    auto homes = homes_of_nobody(settings.mail.mail_root, restored.mailbox_ids);
    return RestoreReport{std::move(restored), std::move(homes)};
}

Result<std::vector<std::string>> write_units(std::string const& folder, std::string const& programs,
                                             std::string const& settings_file)
{
    auto settings = config::read_settings(settings_file);
    if (!settings && settings.error().fault == Fault::not_found) settings = config::default_settings();
    if (!settings) return tl::make_unexpected(settings.error());
    auto const units = host::systemd_units(*settings, {programs, settings_file});
    host::Changes changes;
    CHECK_OK(host::write_units(host::Root(), folder, units, changes));
    std::vector<std::string> files;
    for (auto const& unit : units) files.push_back(folder + "/" + unit.name);
    return files;
}

void show_progress(std::string const& line)
{
    std::cerr << "\r\x1b[K" << line << std::flush;  // ECMA-48 EL: erases to the end of the line
}

}  // namespace

Surroundings real_surroundings()
{
    Surroundings around{std::cout, std::cerr};
    around.width = terminal_width();
    auto const* no_colour = std::getenv("NO_COLOR");
    around.colour = around.width > 0 && !(no_colour && *no_colour);
    around.can_ask = isatty(STDIN_FILENO) != 0;
    around.ask_secret = secret_from_terminal;
    around.ask = answer_from_terminal;
    around.ask_text = text_from_terminal;
    around.read_secret = line_of_input;
    if (isatty(STDERR_FILENO) != 0) around.progress = show_progress;
    around.call = net::call;
    around.back_up = back_up;
    around.restore = restore;
    around.pause = [] { std::this_thread::sleep_for(std::chrono::milliseconds(100)); };
    around.init = init_this_host;
    around.write_units = write_units;
    around.host_acts = acts_on_this_host;
    around.examine = examine_this_host;
    return around;
}

}  // namespace provost::cli
