// SPDX-License-Identifier: Apache-2.0
#include "provost/objects.h"

#include <memory>

#include <CLI/CLI.hpp>

#include "base/text.h"
#include "base/time.h"
#include "provost/options.h"

namespace provost::cli {
namespace {

constexpr std::chrono::milliseconds quiet_time{2'000};  // what is done sooner needs no progress shown

std::string member_of(json::value const& item, std::string_view name)
{
    if (!item.is_object()) return {};
    auto const* member = item.get_object().if_contains(name);
    return member && member->is_string() ? std::string(member->get_string()) : std::string();
}

std::string counted(Noun const& noun, std::size_t count)
{
    return std::to_string(count) + ' ' + (count == 1 ? noun.one : noun.many);
}

Result<json::object> do_change(Session& session, Noun const& noun, std::string const& name, WriteOptions const& options,
                               Change const& change)
{
    auto const body = change.body ? change.body() : json::object();
    auto query = change.query;
    query.merge(query_of(options.dry_run));
    return session.client.send(change.method, path_of(noun, name, change.path_verb), query, body);
}

Result<std::vector<Named>> names_matching(Session& session, Noun const& noun, std::string const& list,
                                          std::string const& mask)
{
    auto const items = TRY(session.client.all('/' + (list.empty() ? noun.many : list), {{"mask", mask}}));
    auto names = names_of(noun, items);
    if (names.empty()) return refuse(Fault::not_found, noun.one, mask, "fits none");
    return names;
}

struct Tally {
    json::array outcomes;  // for -o json: what the API said of each
    Table table;
    std::size_t failed = 0;
    Exit first_failure = Exit::done;
    bool unproved = false;
};

void add_outcome(Tally& tally, std::string const& name, Result<json::object> const& outcome, std::string const& word)
{
    if (!outcome) {
        ++tally.failed;
        if (tally.first_failure == Exit::done) tally.first_failure = exit_of(outcome.error().fault);
        tally.outcomes.push_back(json::object{
            {"subject", name}, {"fault", name_of(outcome.error().fault)}, {"detail", outcome.error().message}});
        tally.table.rows.push_back({name, "FAILED", "", outcome.error().message});
        return;
    }
    auto const proved = exit_of_done(*outcome) == Exit::done;
    tally.unproved = tally.unproved || !proved;
    tally.outcomes.push_back(*outcome);
    auto const* notes = outcome->if_contains("notes");
    auto text = notes && notes->is_array() && !notes->get_array().empty() ? cell_of("notes", *notes) : std::string();
    if (!proved) text = "NOT PROVED" + (text.empty() ? "" : "; " + text);
    tally.table.rows.push_back({name, word, cell_of("revision", outcome->at("revision"), Output::csv), text});
}

Exit report(Session& session, Tally const& tally)
{
    if (session.output == Output::json) {
        print_json(session, json::object{{"items", tally.outcomes}, {"next", nullptr}});
    } else {
        print_table(session, tally.table);
    }
    if (tally.failed == tally.table.rows.size()) return tally.first_failure;
    if (tally.failed > 0) return Exit::in_part;
    return tally.unproved ? Exit::temporary : Exit::done;
}

}  // namespace

std::vector<Named> names_of(Noun const& noun, json::array const& items)
{
    std::vector<Named> names;
    for (auto const& item : items) {
        auto id = member_of(item, noun.id);
        auto name = member_of(item, "name");
        if (names.empty() || names.back().id != id) names.push_back({id, name.empty() ? id : std::move(name)});
    }
    return names;
}

bool is_mask(std::string_view name) { return name.find_first_of("*?") != std::string_view::npos; }

std::string path_of(Noun const& noun, std::string const& name, std::string const& verb)
{
    return '/' + noun.many + '/' + url_escaped(name) + (verb.empty() ? "" : '/' + verb);
}

Query query_of(bool dry_run)
{
    if (dry_run) return {{"dry_run", "true"}};
    return {};
}

void WriteOptions::declare(CLI::App& app, bool bulk)
{
    app.add_flag("-n,--dry-run", dry_run, "Say what would happen, and change nothing");
    if (bulk) app.add_flag("-y,--yes", yes, "Do not ask before changing several");
}

Exit list(Session& session, Noun const& noun, std::string const& mask)
{
    auto const items = session.client.all('/' + noun.many, {{"mask", mask}});
    if (!items) return complain(session, items.error());
    print_items(session, *items, noun.columns);
    return Exit::done;
}

Verb list_verb(Noun const& noun, std::string example)
{
    return {{"list"}, "List " + noun.many, std::move(example), [noun](CLI::App& app) -> Action {
                auto mask = std::make_shared<std::string>("*");
                app.add_option("MASK", *mask, "Which, such as " + noun.mask + "; all when nothing is said");
                return [noun, mask](Session& session) { return list(session, noun, *mask); };
            }};
}

Verb show_verb(Noun const& noun, std::string example)
{
    return {{"show", "view"}, "Show one " + noun.one, std::move(example), [noun](CLI::App& app) -> Action {
                auto name = std::make_shared<std::string>();
                app.add_option("NAME", *name)->required();
                return [noun, name](Session& session) {
                    auto const object = session.client.get(path_of(noun, *name));
                    if (!object) return complain(session, object.error());
                    print_object(session, *object);
                    return Exit::done;
                };
            }};
}

Verb set_verb(Noun const& noun, std::string example)
{
    return {{"set", "update"},
            "Change what is said of one " + noun.one,
            std::move(example),
            [noun](CLI::App& app) -> Action {
                auto name = std::make_shared<std::string>();
                auto fields = std::make_shared<FieldOptions>(noun.fields);
                auto options = std::make_shared<WriteOptions>();
                app.add_option("NAME", *name)->required();
                fields->declare(app, false);
                options->declare(app, false);
                return [noun, name, fields, options](Session& session) {
                    auto const body = fields->body();
                    if (!body) return complain(session, body.error());
                    if (body->empty()) return complain(session, {Fault::invalid, "nothing to change was said", {}});
                    auto const done =
                        session.client.send("PATCH", path_of(noun, *name), query_of(options->dry_run), *body);
                    if (!done) return complain(session, done.error());
                    return print_done(session, noun.one, "changed", *done);
                };
            }};
}

Exit change_each(Session& session, Noun const& noun, std::string const& name, WriteOptions const& options,
                 Change const& change)
{
    if (!is_mask(name)) {
        if (change.always_asks) {
            auto const agreement = agreed(session, options.dry_run || options.yes,
                                          noun.one + ' ' + name + " will be " + change.done_word + "?");
            if (!agreement) return complain(session, agreement.error());
        }
        auto const done = do_change(session, noun, name, options, change);
        if (!done) return complain(session, done.error());
        return print_done(session, noun.one, change.done_word, *done);
    }
    auto const names = names_matching(session, noun, change.list, name);
    if (!names) return complain(session, names.error());
    auto const question = counted(noun, names->size()) + " will be " + change.done_word + "?";
    if (auto const agreement = agreed(session, options.dry_run || options.yes, question); !agreement)
        return complain(session, agreement.error());
    return change_these(session, noun, *names, options, change);
}

Exit change_these(Session& session, Noun const& noun, std::vector<Named> const& these, WriteOptions const& options,
                  Change const& change)
{
    Tally tally;
    tally.table.header = {"NAME", "OUTCOME", "REVISION", "NOTE"};
    Stopwatch const watch;
    auto const& progress = session.around.progress;
    auto const shows = [&] { return progress && watch.elapsed() > quiet_time; };
    for (auto const& one : these) {
        if (shows()) progress(std::to_string(tally.table.rows.size()) + " of " + counted(noun, these.size()));
        add_outcome(tally, one.name, do_change(session, noun, one.id, options, change),
                    (options.dry_run ? "would be " : "") + change.done_word);
    }
    if (shows()) progress("");
    return report(session, tally);
}

Verb change_verb(Noun const& noun, std::vector<std::string> names, std::string summary, std::string example,
                 Change change)
{
    return {std::move(names), std::move(summary), std::move(example), [noun, change](CLI::App& app) -> Action {
                auto name = std::make_shared<std::string>();
                auto options = std::make_shared<WriteOptions>();
                app.add_option("NAME", *name, "Or a mask such as " + noun.mask)->required();
                options->declare(app, true);
                return [noun, change, name, options](Session& session) {
                    return change_each(session, noun, *name, *options, change);
                };
            }};
}

}  // namespace provost::cli
