// SPDX-License-Identifier: Apache-2.0
// A database of its own for each test, of the engine that PROVOST_TEST_DATABASE names ("sqlite:" where it is not set).
#pragma once

#include <cstdlib>
#include <filesystem>
#include <string>
#include <unistd.h>

#include "base/id.h"
#include "sql/engines.h"

namespace provost::sql {

class TestFolder {
public:
    TestFolder() : path_(std::filesystem::temp_directory_path() / ("provost-test-" + new_uuid()))
    {
        std::filesystem::create_directories(path_);
    }
    ~TestFolder()
    {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    TestFolder(TestFolder const&) = delete;
    TestFolder& operator=(TestFolder const&) = delete;
    std::string file(std::string const& name) const { return (path_ / name).string(); }
    std::string path() const { return path_.string(); }

private:
    std::filesystem::path path_;
};

class TestDatabase {
public:
    TestDatabase()
    {
        auto const* engine = std::getenv("PROVOST_TEST_DATABASE");
        url_ = engine == nullptr ? "sqlite:" : engine;
        if (url_ == "sqlite:") url_ += folder_.file("test.db");
    }
    std::string const& url() const { return url_; }
    bool is_sqlite() const { return url_.starts_with("sqlite:"); }
    std::string file() const { return url_.substr(url_.find(':') + 1); }  // SQLite only
    std::unique_ptr<Connection> connect() const { return engine_for(url_, {.create = true}).value()(); }

private:
    TestFolder folder_;
    std::string url_;
};

}  // namespace provost::sql
