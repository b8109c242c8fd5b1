// SPDX-License-Identifier: Apache-2.0
// For tests: an empty root folder whose users and groups are all whoever runs the test.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>
#include <unistd.h>

#include "host/files.h"

namespace provost::host {

class TestRoot {
public:
    TestRoot()
    {
        // In memory where there is such a place: what is proved here waits for the disk at every step.
        std::filesystem::path const memory = "/dev/shm";
        auto const place = std::filesystem::is_directory(memory) ? memory : std::filesystem::temp_directory_path();
        folder_ = (place / "provost-root-XXXXXX").string();
        if (::mkdtemp(folder_.data()) == nullptr) throw std::runtime_error("no temporary folder");
        for (auto folder : {"etc/postfix", "etc/dovecot", "var/spool/postfix", "run"}) {
            std::filesystem::create_directories(folder_ + "/" + folder);
        }
        std::ofstream users(folder_ + "/etc/passwd");
        std::ofstream groups(folder_ + "/etc/group");
        for (auto name : {"provost", "vmail", "postfix", "dovenull", "sasl", "cyrus"}) {
            users << name << ":x:" << ::geteuid() << ":" << ::getegid() << "::/:/bin/false\n";
            groups << name << ":x:" << ::getegid() << ":\n";
        }
    }
    ~TestRoot() { std::filesystem::remove_all(folder_); }
    TestRoot(TestRoot const&) = delete;
    TestRoot& operator=(TestRoot const&) = delete;

    std::string const& path() const { return folder_; }
    Root root() const { return Root(folder_); }

private:
    std::string folder_;
};

}  // namespace provost::host
