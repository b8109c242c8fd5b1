// SPDX-License-Identifier: Apache-2.0
#include "store/backup_file.h"

#include <array>
#include <fcntl.h>
#include <functional>
#include <system_error>
#include <vector>

#include <sodium/crypto_hash_sha256.h>

#include "base/text.h"

namespace provost::store {
namespace {

constexpr std::string_view begins_with = "Provost backup 1 sha256 ";
constexpr std::size_t digest_digits = 64;
constexpr std::size_t first_line = begins_with.size() + digest_digits + 1;
constexpr std::size_t longest_head = 4096;  // eight short lines
constexpr std::size_t one_read = 1U << 18U;
constexpr std::array names{"schema", "epoch", "revision", "nonce", "last-act", "made", "bytes"};

class Sha256 {
public:
    Sha256() { crypto_hash_sha256_init(&state_); }
    void add(std::string_view bytes)
    {
        crypto_hash_sha256_update(&state_, reinterpret_cast<unsigned char const*>(bytes.data()), bytes.size());
    }
    std::string hex()
    {
        std::array<unsigned char, crypto_hash_sha256_BYTES> digest{};
        crypto_hash_sha256_final(&state_, digest.data());
        return to_hex({reinterpret_cast<char const*>(digest.data()), digest.size()});
    }

private:
    crypto_hash_sha256_state state_{};
};

// From where the file is read to its end.
void every_piece(File& file, std::function<void(std::string_view)> const& use)
{
    std::vector<char> piece(one_read);
    while (auto const count = file.read(piece.data(), piece.size())) use({piece.data(), count});
}

std::string rest_of_head(Manifest const& manifest)
{
    std::array const values{
        std::to_string(manifest.schema), manifest.position.epoch,       std::to_string(manifest.position.revision),
        manifest.position.nonce,         to_rfc3339(manifest.last_act), to_rfc3339(manifest.made),
        std::to_string(manifest.bytes)};
    std::string out;
    for (std::size_t i = 0; i < names.size(); ++i) out += std::string(names[i]) + " " + values[i] + "\n";
    return out;
}

struct Head {
    Manifest manifest;
    std::size_t bytes = 0;
};

// nullopt where these are not the lines.
std::optional<Head> read_head(std::string_view text)
{
    std::array<std::string_view, names.size()> values;
    Head head;
    for (std::size_t i = 0; i < names.size(); ++i) {
        if (head.bytes > text.size()) return std::nullopt;
        auto const line = text.substr(head.bytes, text.find('\n', head.bytes) - head.bytes);
        if (!line.starts_with(std::string(names[i]) + " ")) return std::nullopt;
        values[i] = line.substr(std::string_view(names[i]).size() + 1);
        head.bytes += line.size() + 1;
    }
    auto const schema = to_integer(values[0]);
    auto const revision = to_integer(values[2]);
    auto const last_act = parse_time(values[4], names[4]);
    auto const made = parse_time(values[5], names[5]);
    auto const bytes = to_integer(values[6]);
    if (!schema || *schema < 1 || *schema > 9999 || !revision || *revision < 0 || !last_act || !made || !bytes ||
        *bytes < 0)
        return std::nullopt;
    head.manifest = {static_cast<int>(*schema),
                     {std::string(values[1]), static_cast<Revision>(*revision), std::string(values[3])},
                     *last_act,
                     *made,
                     static_cast<std::uint64_t>(*bytes)};
    return head;
}

}  // namespace

void write_backup_file(Manifest const& manifest, std::string const& database, std::string const& file)
{
    auto const head = rest_of_head(manifest);
    File in(database, O_RDONLY);
    Sha256 digest;
    digest.add(head);
    every_piece(in, [&](std::string_view piece) { digest.add(piece); });
    in.go_to(0);
    File out(file, O_WRONLY | O_CREAT | O_EXCL);
    out.write(std::string(begins_with) + digest.hex() + "\n" + head);
    every_piece(in, [&](std::string_view piece) { out.write(piece); });
    out.sync();
}

Result<BackupFile> BackupFile::open(std::string const& name)
{
    std::unique_ptr<File> file;
    std::string head;
    try {
        file = std::make_unique<File>(name, O_RDONLY);
        head.resize(longest_head);
        head.resize(file->read(head.data(), head.size()));
        if (!head.starts_with(begins_with) || head.size() < first_line || head[first_line - 1] != '\n')
            return refuse(Fault::invalid, "FILE", name, "is not a backup made by provost backup");
        auto const said = head.substr(begins_with.size(), digest_digits);
        file->go_to(first_line);
        Sha256 digest;
        every_piece(*file, [&](std::string_view piece) { digest.add(piece); });
        auto const read = read_head(std::string_view(head).substr(first_line));
        if (digest.hex() != said || !read || first_line + read->bytes + read->manifest.bytes != file->bytes())
            return refuse(Fault::invalid, "FILE", name,
                          "is damaged: it is not as it was written, by its own SHA-256; take another backup");
        return BackupFile(std::move(file), read->manifest, first_line + read->bytes);
    } catch (std::system_error const& refused) {
        auto const missing = refused.code() == std::errc::no_such_file_or_directory;
        return refuse(missing ? Fault::not_found : Fault::unavailable, "FILE", name,
                      "cannot be read: " + refused.code().message());
    }
}

void BackupFile::extract(std::string const& to) const
{
    file_->go_to(begins_);
    File out(to, O_WRONLY | O_CREAT | O_EXCL);
    every_piece(*file_, [&](std::string_view piece) { out.write(piece); });
    out.sync();
}

}  // namespace provost::store
