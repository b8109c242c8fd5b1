// SPDX-License-Identifier: Apache-2.0
// The one target of this program, as libFuzzer calls it.
#include "base/log.h"
#include "fuzz/target.h"

extern "C" int LLVMFuzzerInitialize(int*, char***)
{
    provost::log::start(provost::log::Level::error, "/dev/null");
    return 0;
}

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* bytes, std::size_t size)
{
    provost::fuzz::targets().front().run({reinterpret_cast<char const*>(bytes), size});
    return 0;
}
