// SPDX-License-Identifier: Apache-2.0
// The command line as a plain tree, for completions and manuals. What is hidden from help is not in it.
#pragma once

#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace provost::cli {

struct ShapeOption {
    std::vector<std::string> names;  // "-n", "--dry-run"
    std::string takes;               // "SIZE", "yes|no"; empty for a flag
    std::string help;
};

struct ShapeOperand {
    std::string name;  // "ADDRESS"
    std::string help;
    bool required = false;
    bool several = false;
};

struct Shape {
    std::string name;
    std::vector<std::string> aliases = {};
    std::string help = {};
    std::string example = {};
    std::vector<ShapeOption> options = {};
    std::vector<ShapeOperand> operands = {};
    std::vector<Shape> parts = {};
};

Shape shape_of(CLI::App const& app);

// Of the whole command.
Shape command_shape();

// The words of "yes|no"; none where anything may be said.
std::vector<std::string> choices_of(ShapeOption const& option);

}  // namespace provost::cli
