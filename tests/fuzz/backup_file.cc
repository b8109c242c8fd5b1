// SPDX-License-Identifier: Apache-2.0
// The file of a backup. Every other input gets the digest that makes its bytes count, so that they are read.
#include "store/backup_file.h"

#include <array>
#include <sys/mman.h>
#include <unistd.h>

#include <sodium/crypto_hash_sha256.h>

#include "base/text.h"
#include "fuzz/target.h"

using namespace provost;

namespace {

std::string sealed(std::string_view rest)
{
    std::array<unsigned char, crypto_hash_sha256_BYTES> digest{};
    crypto_hash_sha256(digest.data(), reinterpret_cast<unsigned char const*>(rest.data()), rest.size());
    return "Provost backup 1 sha256 " + to_hex({reinterpret_cast<char const*>(digest.data()), digest.size()}) + "\n" +
           std::string(rest);
}

}  // namespace

FUZZ_TARGET(backup_file, input)
{
    static int const memory = ::memfd_create("backup", MFD_CLOEXEC);
    static auto const name = "/proc/self/fd/" + std::to_string(memory);
    fuzz::Input from(input);
    auto const file = from.flag() ? sealed(from.rest()) : std::string(from.rest());
    HOLDS(::ftruncate(memory, 0) == 0);
    HOLDS(::pwrite(memory, file.data(), file.size(), 0) == static_cast<ssize_t>(file.size()));

    auto const backup = store::BackupFile::open(name);
    if (!backup) {
        HOLDS(backup.error().fault == Fault::invalid);
        return;
    }
    HOLDS(backup->manifest().bytes <= file.size());
    HOLDS(backup->manifest().schema >= 1);
    HOLDS(parse_time(to_rfc3339(backup->manifest().made), "made") == backup->manifest().made);
}
