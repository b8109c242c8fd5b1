// SPDX-License-Identifier: Apache-2.0
#include "base/log.h"

#include <memory>

#include <spdlog/sinks/basic_file_sink.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include "base/guarded.h"
#include "base/text.h"

namespace provost::log {
namespace {

std::shared_ptr<spdlog::logger> logger_to(spdlog::sink_ptr sink)
{
    auto logger = std::make_shared<spdlog::logger>("", std::move(sink));
    logger->set_pattern("%Y-%m-%dT%H:%M:%S.%e%z %v");
    logger->set_level(spdlog::level::trace);
    logger->flush_on(spdlog::level::trace);
    return logger;
}

// Throws spdlog::spdlog_ex where the file cannot be opened.
std::shared_ptr<spdlog::logger> logger_to(std::string const& file)
{
    if (file.empty()) return logger_to(std::make_shared<spdlog::sinks::stderr_sink_mt>());
    return logger_to(std::make_shared<spdlog::sinks::basic_file_sink_mt>(file));
}

struct Output {
    std::shared_ptr<spdlog::logger> logger = logger_to(std::string());
    Level least = Level::info;
    std::string file;
};

Guarded<Output>& output()
{
    static Guarded<Output> instance;
    return instance;
}

char const* word(Level level)
{
    switch (level) {
        case Level::info:
            return "info";
        case Level::warning:
            return "warning";
        case Level::error:
            return "error";
    }
    return "error";
}

}  // namespace

void start(Level least, std::string const& file)
{
    output().with([&](Output& out) {
        out.least = least;
        out.file = file;
    });
    try {
        auto logger = logger_to(file);
        output().with([&](Output& out) { out.logger = std::move(logger); });
    } catch (spdlog::spdlog_ex const& trouble) {
        error("LOG_NOT_OPENED", {{"file", file}, {"reason", trouble.what()}});
    }
}

void write(Level level, std::string_view id, std::initializer_list<Field> fields)
{
    std::string line = word(level);
    line += ' ';
    line += id;
    for (auto const& [name, value] : fields) {
        line += ' ';
        line += name;
        line += "=\"";
        line += escaped(value, 1000);
        line += '"';
    }
    auto const logger = output().with([&](Output& out) { return level >= out.least ? out.logger : nullptr; });
    if (logger) logger->log(spdlog::level::info, "{}", line);
}

void reopen()
{
    auto const [least, file] = output().with([](Output& out) { return std::pair(out.least, out.file); });
    start(least, file);
}

}  // namespace provost::log
