// SPDX-License-Identifier: Apache-2.0
// The API over a real record and a replica of plain values, for tests.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json.hpp>

#include "api/routes.h"
#include "api/values.h"
#include "base/log.h"
#include "base/text.h"
#include "directory/drift.h"
#include "directory/test_house.h"
#include "directory/test_replica.h"

namespace provost::api {

// Answers with what a test lays down, and tells what it was asked.
struct TestDrift : directory::DriftFinder {
    Result<directory::DriftPage> look(std::string_view mask, std::string_view after, int limit) override
    {
        asked.push_back("look " + std::string(mask) + " after " + std::string(after) + " " + std::to_string(limit));
        return page;
    }
    Result<std::vector<directory::Drift>> repair(std::string_view id, bool dry_run) override
    {
        asked.push_back((dry_run ? "rehearse " : "repair ") + std::string(id));
        return left;
    }
    Result<std::vector<directory::Drift>> strangers() override
    {
        asked.emplace_back("strangers");
        return found;
    }
    Result<void> remove_stranger(std::string_view id, bool dry_run) override
    {
        asked.push_back((dry_run ? "rehearse removal of " : "remove ") + std::string(id));
        return removed;
    }

    Result<directory::DriftPage> page = directory::DriftPage();
    Result<std::vector<directory::Drift>> left = std::vector<directory::Drift>();
    Result<std::vector<directory::Drift>> found = std::vector<directory::Drift>();
    Result<void> removed;
    std::vector<std::string> asked;
};

class TestApi {
public:
    TestApi()
        : lookups(replica, directory::Site{}, metrics),
          logins(
              lookups, replica, pool, remembered, admission, directory::Logins::Settings{},
              [](std::chrono::milliseconds, std::function<void()> work) { work(); }, metrics),
          house_{.acts = directory.acts,
                 .lookups = lookups,
                 .logins = logins,
                 .replica = replica,
                 .metrics = metrics,
                 .version = "0.0.1",
                 .started = now(),
                 .verify = [this] { return verified; },
                 .drift = &drift},
          router_(house_)
    {
        log::start(log::Level::error);  // refusals are logged, and tested by the hundred
    }

    House& house() { return house_; }

    // `target`: "/mailboxes?mask=a*", below /api/v1, not escaped.
    net::HttpResponse ask(std::string const& method, std::string const& target, std::string const& body = {},
                          directory::Caller const& caller = directory::TestHouse::root())
    {
        auto request = request_for(method, target);
        request.body = body;
        if (!body.empty()) request.headers.emplace("content-type", "application/json");
        return router_.answer(request, caller);
    }
    net::HttpResponse ask(net::HttpRequest const& request)
    {
        return router_.answer(request, directory::TestHouse::root());
    }

    static net::HttpRequest request_for(std::string const& method, std::string const& target)
    {
        net::HttpRequest request;
        request.method = method;
        request.segments = {"api", "v1"};
        auto const mark = target.find('?');
        for (auto part : split(std::string_view(target).substr(1, mark == std::string::npos ? mark : mark - 1), '/'))
            request.segments.emplace_back(part);
        if (mark == std::string::npos) return request;
        for (auto pair : split(std::string_view(target).substr(mark + 1), '&')) {
            auto const equals = pair.find('=');
            request.query.emplace(std::string(pair.substr(0, equals)), std::string(pair.substr(equals + 1)));
        }
        return request;
    }

    static boost::json::object object(net::HttpResponse const& response)
    {
        return boost::json::parse(response.body).as_object();
    }

    directory::TestHouse directory;
    directory::TestReplica replica;
    TestDrift drift;
    Result<std::vector<std::string>> verified = std::vector<std::string>{};

private:
    Metrics metrics;
    password::Pool pool{{}};
    password::Remembered remembered;
    password::Admission admission{{}};

public:
    directory::Lookups lookups;
    directory::Logins logins;

private:
    House house_;
    Router router_;
};

}  // namespace provost::api
