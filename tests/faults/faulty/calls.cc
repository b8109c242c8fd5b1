// SPDX-License-Identifier: Apache-2.0
// The calls that fail when they are told to. All others go on to whoever would have had them.
#include <dlfcn.h>
#include <sys/time.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#include <lmdb.h>

#include "faults/faulty/control.h"

namespace {

using namespace provost::faulty;

template <class Function>
Function* next(char const* name)
{
    return reinterpret_cast<Function*>(::dlsym(RTLD_NEXT, name));
}

constexpr std::int64_t second = 1'000'000'000;

std::int64_t shift()
{
    auto* const all = control();
    return all != nullptr ? all->shift.load() : 0;
}

// What LMDB asks for first, unless it is told another size: replica::Options.
constexpr std::size_t usual_map = std::size_t{1} << 28U;

}  // namespace

extern "C" {

int fsync(int fd)
{
    static auto* const real = next<int(int)>("fsync");
    return fails(sync_call, fd) ? -1 : real(fd);
}

int fdatasync(int fd)
{
    static auto* const real = next<int(int)>("fdatasync");
    return fails(sync_call, fd) ? -1 : real(fd);
}

ssize_t write(int fd, void const* bytes, size_t size)
{
    static auto* const real = next<ssize_t(int, void const*, size_t)>("write");
    return fails(write_call, fd) ? -1 : real(fd, bytes, size);
}

ssize_t pwrite(int fd, void const* bytes, size_t size, off_t at)
{
    static auto* const real = next<ssize_t(int, void const*, size_t, off_t)>("pwrite");
    return fails(write_call, fd) ? -1 : real(fd, bytes, size, at);
}

ssize_t pwrite64(int fd, void const* bytes, size_t size, off64_t at)
{
    static auto* const real = next<ssize_t(int, void const*, size_t, off64_t)>("pwrite64");
    return fails(write_call, fd) ? -1 : real(fd, bytes, size, at);
}

ssize_t writev(int fd, iovec const* pieces, int count)
{
    static auto* const real = next<ssize_t(int, iovec const*, int)>("writev");
    return fails(write_call, fd) ? -1 : real(fd, pieces, count);
}

int clock_gettime(clockid_t clock, timespec* time) noexcept
{
    static auto* const real = next<int(clockid_t, timespec*)>("clock_gettime");
    auto const code = real(clock, time);
    auto const by = shift();
    if (code != 0 || by == 0 || (clock != CLOCK_REALTIME && clock != CLOCK_REALTIME_COARSE)) return code;
    auto const moved = time->tv_sec * second + time->tv_nsec + by;
    *time = {.tv_sec = moved / second, .tv_nsec = moved % second};
    return code;
}

int gettimeofday(timeval* time, void* zone) noexcept
{
    static auto* const real = next<int(timeval*, void*)>("gettimeofday");
    auto const code = real(time, zone);
    if (code == 0) time->tv_sec += shift() / second;
    return code;
}

time_t time(time_t* into) noexcept
{
    timespec now = {};
    clock_gettime(CLOCK_REALTIME, &now);
    if (into != nullptr) *into = now.tv_sec;
    return now.tv_sec;
}

int mdb_env_set_mapsize(MDB_env* env, size_t size)
{
    static auto* const real = next<int(MDB_env*, size_t)>("mdb_env_set_mapsize");
    auto* const all = control();
    auto const small = all != nullptr ? all->map_bytes.load() : 0;
    return real(env, small != 0 && size == usual_map ? small : size);
}

}  // extern "C"
