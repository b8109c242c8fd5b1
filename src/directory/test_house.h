// SPDX-License-Identifier: Apache-2.0
// Acts over a real record in a folder of its own, for tests.
#pragma once

#include <filesystem>
#include <string>
#include <unistd.h>

#include "base/id.h"
#include "base/test_source.h"
#include "directory/acts.h"
#include "password/scheme.h"
#include "store/store.h"

namespace provost::directory {

class TestHouse {
public:
    TestHouse()
        : folder_(std::filesystem::temp_directory_path() / ("provost-test-" + new_uuid())),
          record(open(folder_)),
          acts(make_house())
    {
    }
    ~TestHouse()
    {
        record.reset();
        std::filesystem::remove_all(folder_);
    }
    TestHouse(TestHouse const&) = delete;
    TestHouse& operator=(TestHouse const&) = delete;

    // What the clock on the wall says to the acts, beside the true time.
    std::chrono::milliseconds clock_is_ahead{0};
    // Whoever does the work that acts leave.
    std::function<void()> on_work = [] {};

    // Who keeps the mail of new mailboxes.
    std::string keeper = "dovecot";

    // The same record, by acts that prove what they take away.
    Acts proving(ProofOfOff& proof)
    {
        auto house = make_house();
        house.proof = &proof;
        return Acts(std::move(house));
    }

    static Caller root() { return {{"root", "local"}, Authority::site_admin()}; }
    static Request request() { return {.by = root(), .dry_run = false, .if_revision = {}}; }

private:
    std::filesystem::path folder_;

    static std::unique_ptr<store::Store> open(std::filesystem::path const& folder)
    {
        std::filesystem::create_directories(folder);
        return std::move(store::open_store("sqlite:" + (folder / "record.db").string(), in_source("schema")).value());
    }
    Acts::House make_house()
    {
        Acts::House house;
        house.clock = [this] { return now() + clock_is_ahead; };
        house.wake_work = [this] { on_work(); };
        house.record = [this]() -> Result<store::Store*> { return record.get(); };
        house.answer_from = [](store::Revision, std::chrono::milliseconds) { return true; };
        house.hash = [](Secret const& password) { return password::make(password, password::Scheme::sha512_crypt); };
        house.accept_hash = [](std::string_view hash) { return password::accept_hash(hash, "hash"); };
        house.strength = [](Secret const&, std::vector<std::string> const&) -> Result<void> { return {}; };
        house.forgive = [this](std::string_view name) { forgiven.emplace_back(name); };
        house.new_store = [this](mail::Mailbox const& mailbox) -> Result<mail::Store> {
            if (keeper != "dovecot") return mail::Store{keeper, {}, {}, mail::StoreState::preparing, {}};
            return mail::Store{.target = "dovecot",
                               .name = mailbox.id.text(),
                               .generation = "",
                               .state = mail::StoreState::ready,
                               .reason = ""};
        };
        return house;
    }

public:
    std::unique_ptr<store::Store> record;
    std::vector<std::string> forgiven;
    Acts acts;
};

}  // namespace provost::directory
