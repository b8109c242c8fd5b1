// SPDX-License-Identifier: Apache-2.0
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <map>
#include <sys/stat.h>
#include <sys/statvfs.h>

#include <fmt/format.h>

#include "host/doctor_parts.h"
#include "host/init.h"
#include "host/sockets.h"
#include "net/line_client.h"

namespace provost::host {

namespace {

// On this host an answer takes a millisecond; a daemon that starts again makes whoever connects wait.
constexpr std::chrono::milliseconds patience{5'000};
constexpr net::LineClient::Limits limits{.timeout = patience, .longest_line = 8192, .longest_literal = 8192};

// A disk this full is told of, and one that full takes no more mail soon.
constexpr std::uint64_t little = std::uint64_t{1} << 30U;     // bytes
constexpr std::uint64_t nothing = std::uint64_t{100} << 20U;  // bytes; twice the largest message
constexpr double little_share = 0.05;                         // of inodes
constexpr double nothing_share = 0.005;

std::string access_text(Access const& access)
{
    return fmt::format("{}:{} {:04o}", access.owner, access.group, access.mode);
}

// What is not as it should be with what is at the path; empty where all is.
std::string trouble_with(Root const& root, std::string const& path, mode_t kind, char const* kind_name,
                         Access const& access)
{
    struct stat status {};
    // A folder may be a link of root's, as to another disk.
    auto const is_link = ::lstat(root.at(path).c_str(), &status) == 0 && S_ISLNK(status.st_mode);
    auto const is_followed = kind == S_IFDIR && is_link && status.st_uid == 0;
    if ((is_followed ? ::stat : ::lstat)(root.at(path).c_str(), &status) != 0) {
        return errno == ENOENT ? "is not there" : std::string("cannot be looked at: ") + std::strerror(errno);
    }
    if ((status.st_mode & S_IFMT) != kind) return std::string("is not a ") + kind_name;
    auto const user = root.user(access.owner);
    auto const group = root.group(access.group);
    if (!user) return "should belong to the user " + access.owner + ", who does not exist";
    if (!group) return "should belong to the group " + access.group + ", which does not exist";
    auto const mode = status.st_mode & 07777U;
    if (status.st_uid == *user && status.st_gid == *group && mode == access.mode) return {};
    return fmt::format("is {}:{} {:04o} and not {}", status.st_uid, status.st_gid, mode, access_text(access));
}

Result<std::string> first_line(net::LineClient& client, std::string_view question)
{
    if (!question.empty()) CHECK_OK(client.write(question));
    return client.read_line();
}

// Asks as the server would that has this socket, and says what is wrong with the answer. The API is asked later, for
// its status.
std::string trouble_in_talk(std::string const& name, std::string const& path)
{
    auto client = net::LineClient::connect_unix(path, limits);
    if (!client) return "does not answer: " + client.error().message;
    if (name == "admin") return {};
    if (name == helper_socket_name) {
        // No request at all, so that it refuses: systemd would listen here too for a helper that cannot start.
        auto const answer = first_line(*client, "provost-doctor\n");
        if (!answer) return "does not answer: " + answer.error().message;
        return answer->starts_with("NO ") ? "" : "answers something else than Provost";
    }
    if (name == "map") {
        // socketmap_table(5): a netstring; ".invalid" never is a domain (RFC 6761).
        auto const sent = client->write("30:domains provost-doctor.invalid,");
        auto const answer = sent ? client->read_bytes(3) : Result<std::string>(tl::make_unexpected(sent.error()));
        if (!answer) return "does not answer: " + answer.error().message;
        auto const words = client->read_bytes(8);
        return *answer == "9:N" && words && *words == "OTFOUND " ? "" : "cannot tell: it has no copy of the directory";
    }
    if (name == "saslauthd" || name == "postfix-saslauthd") {
        // Four empty strings, which sign in nobody; the answer begins with a count of two bytes.
        auto const sent = client->write(std::string_view("\0\0\0\0\0\0\0\0", 8));
        auto const answer = sent ? client->read_bytes(4) : Result<std::string>(tl::make_unexpected(sent.error()));
        if (!answer) return "does not answer: " + answer.error().message;
        return answer->ends_with("NO") ? "" : "answers something else than Provost";
    }
    // These two wait to be asked, the others greet.
    struct Asked {
        std::string_view question;
        std::string_view answer;
    };
    static std::map<std::string, Asked, std::less<>> const asked{
        {"dovecot-dict", {"H3\t2\t0\t\tquota\nLpriv/quota/storage\t\n", "N"}},
        {"policy",
         {"request=smtpd_access_policy\nprotocol_state=RCPT\nrecipient=x@provost-doctor.invalid\n\n", "action=DUNNO"}}};
    auto const found = asked.find(name);
    auto const line = first_line(*client, found == asked.end() ? "" : found->second.question);
    if (!line) return "does not answer: " + line.error().message;
    auto const good = found == asked.end() ? line->starts_with("VERSION\t") : *line == found->second.answer;
    return good ? "" : "answers something else than Provost";
}

void examine_socket(Examination const& exam, Socket const& socket)
{
    auto const check = "socket " + socket.name;
    auto const at = exam.root.at(socket.path);
    auto const cure = exam.root.exists("/run/systemd/system")
                          ? "run `provost init` and `provost setup`, then systemctl restart provostd"
                          : "start provost-holder again, which makes the sockets anew";
    auto const place = trouble_with(exam.root, socket.path, S_IFSOCK, "socket", socket.access);
    if (!place.empty()) return exam.ill(Health::red, check, socket.path + " " + place, cure);
    auto const talk = trouble_in_talk(socket.name, at);
    if (talk.starts_with("cannot tell") && has_nothing_in_it(exam)) {
        return exam.ill(Health::yellow, check, socket.path + " cannot tell: nothing is in the directory yet",
                        "provost domain add NAME");
    }
    if (!talk.empty()) {
        auto const unit = socket.name == helper_socket_name ? "provost-helper" : "provostd";
        return exam.ill(Health::red, check, socket.path + " " + talk,
                        fmt::format("start {0}: systemctl start {0}, and see its log", unit));
    }
    exam.well(check, socket.path);
}

std::string free_text(std::uint64_t bytes)
{
    return fmt::format("{:.1f} GB", static_cast<double>(bytes) / static_cast<double>(std::uint64_t{1} << 30U));
}

}  // namespace

void examine_folders(Examination const& exam)
{
    auto const& settings = exam.site.settings;
    auto tell = [&](std::string const& path, std::string const& trouble, char const* cure) {
        if (trouble.empty()) exam.well("rights", path);
        else exam.ill(Health::red, "rights", path + " " + trouble, cure);
    };
    auto const folder_trouble = [&](Folder const& folder) {
        return trouble_with(exam.root, folder.path, S_IFDIR, "folder", folder.access);
    };
    for (auto const& folder : folders(settings, exam.site.file)) tell(folder.path, folder_trouble(folder), run_init);
    std::vector<std::string> files{exam.site.file, settings.dovecot.doveadm_key_file};
    if (is_of_cyrus(settings)) files.push_back(settings.cyrus.admin_password_file);
    for (auto const& file : files) {
        tell(file, trouble_with(exam.root, file, S_IFREG, "file", for_the_daemon()), run_init);
    }
    for (auto const& folder : socket_folders(settings)) {
        if (folder.path != settings.state.run) tell(folder.path, folder_trouble(folder), run_setup);
    }
    for (auto const& [path, target] : socket_links(settings)) {
        std::error_code error;
        auto const is = std::filesystem::read_symlink(exam.root.at(path), error);
        if (!error && is == target) exam.well("link", path);
        else exam.ill(Health::red, "link", path + " does not lead to " + target, run_setup);
    }
}

void examine_sockets(Examination const& exam)
{
    for (auto const& socket : sockets_of(exam.site.settings)) examine_socket(exam, socket);
    examine_socket(exam, helper_socket(exam.site.settings));
}

void examine_lmtp(Examination const& exam, std::string const& socket)
{
    constexpr auto check = "dovecot lmtp socket";
    auto const place = trouble_with(exam.root, socket, S_IFSOCK, "socket", {"postfix", "postfix", 0600});
    if (!place.empty()) {
        return exam.ill(Health::red, check, socket + " " + place, "run `provost setup`, and start Dovecot");
    }
    examine_greeting(exam, check, socket, "start Dovecot, and look at its log");
}

void examine_greeting(Examination const& exam, std::string const& check, std::string const& socket,
                      std::string const& cure)
{
    auto client = net::LineClient::connect_unix(exam.root.at(socket), limits);
    auto const greeting = client ? client->read_line() : Result<std::string>(tl::make_unexpected(client.error()));
    if (greeting && greeting->starts_with("220 ")) return exam.well(check, socket);
    exam.ill(Health::red, check, socket + " does not answer" + (greeting ? "" : ": " + greeting.error().message), cure);
}

void examine_disks(Examination const& exam)
{
    auto const& settings = exam.site.settings;
    for (auto const& path : {settings.mail.mail_root, settings.state.folder, std::string("/var/spool/postfix")}) {
        struct statvfs disk {};
        if (::statvfs(exam.root.at(path).c_str(), &disk) != 0) {
            exam.ill(Health::red, "disk", path + ": " + std::strerror(errno), run_init);
            continue;
        }
        auto const left = static_cast<std::uint64_t>(disk.f_bavail) * disk.f_frsize;
        auto const inodes =
            disk.f_files == 0 ? 1.0 : static_cast<double>(disk.f_favail) / static_cast<double>(disk.f_files);
        auto const what =
            fmt::format("{} free at {}{}", free_text(left), path, inodes < little_share ? ", with few inodes" : "");
        if (left < nothing || inodes < nothing_share) {
            exam.ill(Health::red, "disk", what, "make room there: mail is put off, and the directory takes no writes");
        } else if (left < little || inodes < little_share) {
            exam.ill(Health::yellow, "disk", what, "make room there before it is full");
        } else {
            exam.well("disk", what);
        }
    }
}

}  // namespace provost::host
