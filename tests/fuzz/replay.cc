// SPDX-License-Identifier: Apache-2.0
// A test for each kept input of each target: those we began with, and all that ever broke something.
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

#include <gtest/gtest.h>

#include "base/log.h"
#include "fuzz/target.h"

namespace {

using namespace provost;

std::string content_of(std::filesystem::path const& file)
{
    std::ostringstream text;
    text << std::ifstream(file, std::ios::binary).rdbuf();
    return text.str();
}

class Replay : public testing::Test {
public:
    Replay(fuzz::Target target, std::filesystem::path file) : target_(target), file_(std::move(file)) {}
    void TestBody() override { target_.run(content_of(file_)); }

private:
    fuzz::Target target_;
    std::filesystem::path file_;
};

// Nothing at all is an input too, and the one that no folder is needed for.
class Nothing : public testing::Test {
public:
    explicit Nothing(fuzz::Target target) : target_(target) {}
    void TestBody() override { target_.run({}); }

private:
    fuzz::Target target_;
};

void add_tests(fuzz::Target target, std::filesystem::path const& folder)
{
    testing::RegisterTest(target.name, "nothing", nullptr, nullptr, __FILE__, __LINE__,
                          [target]() -> testing::Test* { return new Nothing(target); });
    for (auto const& file : std::filesystem::directory_iterator(folder)) {
        auto const name = file.path().filename().string();
        testing::RegisterTest(target.name, name.c_str(), nullptr, nullptr, __FILE__, __LINE__,
                              [target, path = file.path()]() -> testing::Test* { return new Replay(target, path); });
    }
}

}  // namespace

int main(int argc, char** argv)
{
    testing::InitGoogleTest(&argc, argv);
    log::start(log::Level::error, "/dev/null");
    // A target without a corpus fails here, and so is not forgotten.
    for (auto const& target : fuzz::targets()) add_tests(target, std::filesystem::path(PROVOST_CORPUS) / target.name);
    return RUN_ALL_TESTS();
}
