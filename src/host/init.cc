// SPDX-License-Identifier: Apache-2.0
#include "host/init.h"

#include <filesystem>
#include <sys/stat.h>

#include "base/random.h"
#include "base/text.h"
#include "config/file.h"
#include "host/sockets.h"
#include "host/units.h"

namespace provost::host {

namespace {

std::string parent(std::string const& path) { return std::filesystem::path(path).parent_path(); }

Result<void> make_group(Root const& root, std::string const& name, std::vector<std::string> const& options,
                        Runner const& run, Changes& changes)
{
    if (root.group(name)) return {};
    if (!root.is_host()) return refuse(Fault::not_found, "group", name, "must exist in another root");
    std::vector<std::string> words{"groupadd"};
    words.insert(words.end(), options.begin(), options.end());
    words.push_back(name);
    TRY(run(words));
    changes.push_back("made the group " + name);
    return {};
}

Result<void> make_user(Root const& root, std::string const& name, std::vector<std::string> const& options,
                       Runner const& run, Changes& changes)
{
    if (root.user(name)) return {};
    if (!root.is_host()) return refuse(Fault::not_found, "user", name, "must exist in another root");
    std::vector<std::string> words{"useradd", "--no-create-home", "--shell", "/usr/sbin/nologin"};
    words.insert(words.end(), options.begin(), options.end());
    words.push_back(name);
    TRY(run(words));
    changes.push_back("made the user " + name);
    return {};
}

Result<void> make_users(Root const& root, config::Settings const& settings, Runner const& run, Changes& changes)
{
    auto const& mail = settings.mail;
    CHECK_OK(make_group(root, "provost", {"--system"}, run, changes));
    CHECK_OK(make_user(root, "provost", {"--system", "--gid", "provost", "--home-dir", settings.state.folder}, run,
                       changes));
    CHECK_OK(make_group(root, mail.group, {"--gid", std::to_string(mail.gid)}, run, changes));
    return make_user(root, mail.user,
                     {"--uid", std::to_string(mail.uid), "--gid", mail.group, "--home-dir", mail.mail_root}, run,
                     changes);
}

// Every answer to Dovecot carries the numbers: mail would be stored for somebody else.
Result<void> check_numbers(Root const& root, config::Mail const& mail)
{
    auto const uid = TRY(root.user(mail.user));
    auto const gid = TRY(root.group(mail.group));
    if (!root.is_host()) return {};
    if (uid != mail.uid) {
        return refuse(Fault::conflict, "mail.uid", std::to_string(mail.uid),
                      "is not the number of the user " + mail.user + ", which is " + std::to_string(uid));
    }
    if (gid != mail.gid) {
        return refuse(Fault::conflict, "mail.gid", std::to_string(mail.gid),
                      "is not the number of the group " + mail.group + ", which is " + std::to_string(gid));
    }
    return {};
}

Result<void> make_key(Root const& root, std::string const& path, Changes& changes)
{
    auto const old = root.read(path);
    if (!old && old.error().fault != Fault::not_found) return tl::make_unexpected(old.error());
    auto const missing = !old || trimmed(*old).empty();
    return root.file(path, missing ? random_token(32) + "\n" : *old, for_the_daemon(), changes);
}

bool has_nothing(std::string const& folder)
{
    std::error_code error;
    for (auto const& entry : std::filesystem::directory_iterator(folder, error)) {
        if (entry.path().filename() != "lost+found") return false;  // of a disk that was just mounted
    }
    return !error;
}

bool may_be_given(Root const& root, Folder const& folder)
{
    struct stat status {};
    if (::stat(root.at(folder.path).c_str(), &status) != 0) return true;
    auto const uid = root.user(folder.access.owner);
    auto const gid = root.group(folder.access.group);
    auto const is_owners = uid && status.st_uid == *uid;
    auto const is_so = is_owners && gid && status.st_gid == *gid && (status.st_mode & 07777U) == folder.access.mode;
    auto const path = std::filesystem::path(folder.path);
    bool const is_named_so = path.filename() == "provost" || path.parent_path().filename() == "provost";
    if (is_so || is_named_so || path == config::default_settings().mail.mail_root) return true;
    // Root has folders enough that are nobody else's business.
    return folder.access.owner != "root" && (is_owners || has_nothing(root.at(folder.path)));
}

}  // namespace

Access for_the_daemon() { return {"root", "provost", 0640}; }

std::vector<Folder> folders(config::Settings const& settings, std::string const& settings_file)
{
    return {
        // The URL of a database may hold its password one day, and the key is a secret now.
        {parent(settings_file), {"root", "provost", 0750}},
        {settings.state.folder, {"provost", "provost", 0750}},
        {settings.state.run, {"root", "root", 0755}},
        {settings.mail.mail_root, {settings.mail.user, settings.mail.group, 0750}},
    };
}

Result<void> check_folders(Root const& root, std::vector<Folder> const& folders)
{
    for (auto const& folder : folders) {
        if (!folder.ours || may_be_given(root, folder)) continue;
        return fail(Fault::conflict,
                    escaped(root.at(folder.path)) +
                        " is there and is not Provost's: its owner and mode would be changed. " +
                        "Name a folder of its own in the settings or on the command line, such as one called provost",
                    folder.path);
    }
    return {};
}

Result<void> make_cyrus_password(Root const& root, config::Settings const& settings, Changes& changes)
{
    return make_key(root, settings.cyrus.admin_password_file, changes);
}

Result<Changes> init(Root const& root, InitOptions const& options, Runner const& run)
{
    Changes changes;
    auto const& file = options.settings_file;
    if (!file.starts_with('/')) return refuse(Fault::invalid, "--config", file, "must be an absolute path");
    auto const configured = root.exists(file);
    auto settings = configured ? TRY(config::read_settings(root.at(file))) : options.settings;
    config::settle(settings);
    CHECK_OK(config::check(settings));
    auto const places = folders(settings, file);
    CHECK_OK(check_folders(root, places));
    CHECK_OK(make_users(root, settings, run, changes));
    CHECK_OK(check_numbers(root, settings.mail));

    for (auto const& made : places) CHECK_OK(root.folder(made, changes));
    auto text = config::sample_file(settings);
    if (configured) text = TRY(root.read(file));  // who wrote it before may have left it open to all
    CHECK_OK(root.file(file, text, for_the_daemon(), changes));
    CHECK_OK(make_key(root, settings.dovecot.doveadm_key_file, changes));
    if (settings.mail.target == "cyrus") CHECK_OK(make_cyrus_password(root, settings, changes));
    auto const folder = parent(file);
    Access const for_holders{"root", "root", 0644};
    CHECK_OK(root.file(folder + "/" + holder_file_name, holder_file(sockets_of(settings)), for_holders, changes));
    CHECK_OK(root.file(folder + "/" + helper_holder_file_name, holder_file({helper_socket(settings)}), for_holders,
                       changes));
    CHECK_OK(start_daemon(root, settings, file, run, changes));
    return changes;
}

}  // namespace provost::host
