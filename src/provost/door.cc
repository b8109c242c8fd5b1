// SPDX-License-Identifier: Apache-2.0
#include "provost/door.h"

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <fstream>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

#include "base/text.h"
#include "config/rules.h"
#include "net/fd.h"

namespace provost::cli {
namespace {

bool stays_on_this_host(std::string_view authority)
{
    auto host = authority.substr(0, authority.find_last_of(':') == std::string_view::npos || authority.ends_with(']')
                                        ? authority.size()
                                        : authority.find_last_of(':'));
    if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
    return folded(host) == "localhost" || config::is_loopback(std::string(host));
}

Result<void> check_url(std::string_view url)
{
    bool const in_clear = url.starts_with("http://");
    if (!in_clear && !url.starts_with("https://"))
        return refuse(Fault::invalid, "--url", url, "must be https://HOST:PORT, or http:// on this host");
    auto const rest = url.substr(url.find("//") + 2);
    if (rest.empty() || rest.find_first_of("?#@ ") != std::string_view::npos)
        return refuse(Fault::invalid, "--url", url, "must be https://HOST:PORT, or http:// on this host");
    if (in_clear && !stays_on_this_host(rest.substr(0, rest.find('/'))))
        return refuse(Fault::invalid, "--url", url, "would send the token unencrypted; use https");
    return {};
}

Result<std::string> token_in(std::string const& path)
{
    struct stat found {};
    std::ifstream file(path);
    std::string line;
    if (::stat(path.c_str(), &found) != 0 || !file || !std::getline(file, line) || trimmed(line).empty())
        return refuse(Fault::invalid, "--token-file", path, "is not a file with a token in its first line");
    if ((found.st_mode & (S_IROTH | S_IWOTH)) != 0)
        return refuse(Fault::invalid, "--token-file", path, "can be read by everybody on this host: chmod 600");
    return std::string(trimmed(line));
}

}  // namespace

std::optional<std::string> said_or_set(std::optional<std::string> const& said, char const* variable)
{
    if (said) return said;
    auto const* const set = std::getenv(variable);
    return set != nullptr && *set != '\0' ? std::optional<std::string>(set) : std::nullopt;
}

Result<Door> door_at(std::string url, std::optional<std::string> const& token_file,
                     std::optional<std::string> const& ca_file)
{
    CHECK_OK(check_url(url));
    while (url.ends_with('/')) url.pop_back();
    if (!token_file)
        return fail(Fault::invalid, "--url needs --token-file or $PROVOST_TOKEN_FILE: the file with your token");
    Door door;
    door.url = std::move(url);
    auto const token = TRY(token_in(*token_file));
    door.authorization = "Bearer " + token;
    door.ca_file = ca_file.value_or("");
    return door;
}

Result<SecretFile> SecretFile::make(std::string const& path)
{
    net::Fd const file(::open(path.c_str(), O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0600));
    if (!file)
        return refuse(Fault::invalid, "--secret-file", path, std::string("cannot be made: ") + std::strerror(errno));
    return SecretFile(path);
}

SecretFile::SecretFile(SecretFile&& other) noexcept : path_(std::exchange(other.path_, {})) {}

SecretFile::~SecretFile()
{
    if (!path_.empty()) ::unlink(path_.c_str());
}

Result<void> SecretFile::write(std::string_view secret)
{
    std::ofstream out(path_);
    out << secret << '\n';
    out.close();
    if (!out) return refuse(Fault::unavailable, "--secret-file", path_, "cannot be written");
    path_.clear();
    return {};
}

}  // namespace provost::cli
