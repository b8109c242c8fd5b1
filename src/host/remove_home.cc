// SPDX-License-Identifier: Apache-2.0
#include "host/remove_home.h"

#include <cerrno>
#include <cstring>
#include <dirent.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <memory>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <vector>

#include "base/text.h"
#include "base/time.h"
#include "host/acting_as.h"
#include "mail/home.h"
#include "net/fd.h"

namespace provost::host {

namespace {

constexpr int deepest = 100;  // folders within each other, each with an open descriptor; Maildir has 4

tl::unexpected<Error> not_done(std::string const& what, std::string const& path)
{
    auto const begin = "cannot " + what + " '" + escaped(path) + "': ";
    switch (errno) {
        case ELOOP:
        case ENOTDIR:
            return fail(Fault::denied, begin + "it is a link or a file");
        case EXDEV:
            return fail(Fault::denied, begin + "another file system is mounted there");
        case EACCES:
        case EPERM:
            return fail(Fault::denied, begin + std::strerror(errno));
        default:
            return fail(Fault::unavailable, begin + std::strerror(errno));
    }
}

// A folder right below another one: neither through a link, nor in another file system (openat2(2), Linux 5.6).
net::Fd open_folder(net::Fd const& parent, std::string const& name)
{
    open_how how{};
    how.flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
    how.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_XDEV;
    return net::Fd(static_cast<int>(::syscall(SYS_openat2, parent.get(), name.c_str(), &how, sizeof how)));
}

class Removal {
public:
    explicit Removal(std::chrono::milliseconds patience) : patience_(patience) {}

    // `path` is what errors call it.
    Result<void> folder(net::Fd const& parent, std::string const& name, std::string const& path, int depth = 0)
    {
        auto const inside = open_folder(parent, name);
        if (!inside && errno == ENOENT) return {};
        if (!inside) return not_done("open", path);
        if (depth == deepest) return fail(Fault::denied, "'" + escaped(path) + "' is too deep");
        CHECK_OK(contents(inside, path, depth));
        if (::unlinkat(parent.get(), name.c_str(), AT_REMOVEDIR) != 0) return not_done("remove", path);
        return {};
    }

private:
    Result<void> contents(net::Fd const& folder_in, std::string const& path, int depth)
    {
        std::unique_ptr<DIR, int (*)(DIR*)> const listing(::fdopendir(::fcntl(folder_in.get(), F_DUPFD_CLOEXEC, 0)),
                                                          ::closedir);
        if (!listing) return not_done("list", path);
        while (auto const* const entry = ::readdir(listing.get())) {
            std::string const name = entry->d_name;
            if (name == "." || name == "..") continue;
            if (watch_.elapsed() >= patience_)
                return fail(Fault::unavailable, "still removing '" + escaped(path) + "'");
            CHECK_OK(one(folder_in, name, path + "/" + name, depth));
        }
        return {};
    }

    Result<void> one(net::Fd const& parent, std::string const& name, std::string const& path, int depth)
    {
        struct stat status {};
        if (::fstatat(parent.get(), name.c_str(), &status, AT_SYMLINK_NOFOLLOW) != 0) {
            if (errno == ENOENT) return {};
            return not_done("look at", path);
        }
        if (S_ISDIR(status.st_mode)) return folder(parent, name, path, depth + 1);
        if (::unlinkat(parent.get(), name.c_str(), 0) != 0 && errno != ENOENT) return not_done("remove", path);
        return {};
    }

    Stopwatch watch_;
    std::chrono::milliseconds patience_;
};

Result<net::Fd> open_root(MailStore const& store)
{
    net::Fd root(::open(store.root.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    struct stat status {};
    if (!root || ::fstat(root.get(), &status) != 0) {
        return fail(Fault::unavailable, "cannot open '" + escaped(store.root) + "': " + std::strerror(errno));
    }
    // An empty place to mount on would make every home look removed.
    if (status.st_uid != store.uid) {
        return fail(Fault::unavailable,
                    "'" + escaped(store.root) + "' does not belong to the mail user: is it not mounted?");
    }
    return root;
}

}  // namespace

Result<void> remove_home(MailStore const& store, MailboxId const& mailbox, std::chrono::milliseconds patience)
{
    ActingAs const mail_user(store.uid, store.gid);
    if (!mail_user.is_so())
        return fail(Fault::unavailable, std::string("cannot become the mail user: ") + std::strerror(errno));
    auto const root = TRY(open_root(store));

    auto const home = mail::home_of(mailbox);
    auto const slash = home.find('/');
    auto const shelf_name = home.substr(0, slash);
    auto const name = home.substr(slash + 1);
    auto const removed = name + ".removed";
    auto const shelf = open_folder(root, shelf_name);
    if (!shelf && errno == ENOENT) return {};
    if (!shelf) return not_done("open", shelf_name);

    Removal removal(patience);
    CHECK_OK(removal.folder(shelf, removed, shelf_name + "/" + removed));  // what an earlier time has left
    auto const there = open_folder(shelf, name);
    if (!there && errno == ENOENT) return {};
    if (!there) return not_done("open", home);
    if (::renameat(shelf.get(), name.c_str(), shelf.get(), removed.c_str()) != 0) return not_done("rename", home);
    if (::fsync(shelf.get()) != 0) return not_done("rename", home);
    return removal.folder(shelf, removed, shelf_name + "/" + removed);
}

}  // namespace provost::host
