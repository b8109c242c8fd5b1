// SPDX-License-Identifier: Apache-2.0
#include <exception>
#include <iostream>

#include "base/process.h"
#include "provost/run.h"

int main(int argc, char** argv)
try {
    provost::keep_memory_private();
    auto around = provost::cli::real_surroundings();
    return static_cast<int>(provost::cli::run({argv + 1, argv + argc}, around));
} catch (std::exception const& trouble) {
    std::cerr << "provost: " << trouble.what() << '\n';
    return static_cast<int>(provost::cli::Exit::temporary);
}
