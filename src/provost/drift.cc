// SPDX-License-Identifier: Apache-2.0
// provost drift: what mail stores have otherwise than the directory says, and its repair.
#include <memory>
#include <set>

#include <CLI/CLI.hpp>

#include "provost/objects.h"
#include "provost/show.h"

namespace provost::cli {
namespace {

constexpr auto page_size = "200";  // mailboxes a request: each is asked for in the store

struct Options {
    std::string mask = "*";
    bool repair = false;
    bool delete_strangers = false;
    bool dry_run = false;
    bool yes = false;
};

struct Found {
    json::array items;
    std::int64_t looked_at = 0;
};

std::string text_of(json::value const& item, char const* name)
{
    auto const* value = item.as_object().if_contains(name);
    return value && value->is_string() ? std::string(value->get_string()) : std::string();
}

Result<void> add_page(Found& found, json::object const& page)
{
    auto const* items = page.if_contains("items");
    auto const* looked_at = page.if_contains("looked_at");
    if (!items || !items->is_array()) return fail(Fault::unavailable, "provostd answered without a list");
    for (auto const& item : items->get_array()) {
        if (!item.is_object()) return fail(Fault::unavailable, "provostd answered with what is no object");
        found.items.push_back(item);
    }
    if (looked_at && looked_at->is_int64()) found.looked_at += looked_at->get_int64();
    return {};
}

Result<Found> look(Session& session, std::string const& mask)
{
    Found found;
    Query query{{"mask", mask}, {"limit", page_size}};
    std::set<std::string> seen;
    for (;;) {
        auto const page = TRY(session.client.get("/drift", query));
        CHECK_OK(add_page(found, page));
        auto const* next = page.if_contains("next");
        if (!next || !next->is_string()) break;
        std::string const after(next->get_string());
        if (!seen.insert(after).second)
            return fail(Fault::unavailable, "provostd answered with a list that never ends");
        query["after"] = after;
    }
    // Whoever looks at some names does not ask for what has none here.
    if (mask == "*") CHECK_OK(add_page(found, TRY(session.client.get("/strangers"))));
    return found;
}

void show(Session& session, Found const& found)
{
    if (session.output == Output::json) return;
    print_items(session, found.items,
                {{"MAILBOX", "mailbox"}, {"KIND", "kind"}, {"WHAT", "what"}, {"REPAIR", "repair"}, {"ID", "id"}});
}

// What is mended, or deleted, and could not be.
struct Mended {
    json::array left;
    json::array failed;
    std::size_t count = 0;
};

Result<json::object> mend(Session& session, std::string const& id, bool is_stranger)
{
    static Noun const stranger{"stranger", "strangers", "id", {}, {}};
    static Noun const mailbox{"mailbox", "drift", "id", {}, {}};
    if (is_stranger) return session.client.send("DELETE", path_of(stranger, id), {}, {});
    return session.client.send("POST", path_of(mailbox, id, "repair"), {}, {});
}

void mend_one(Session& session, json::value const& item, Options const& options, Mended& mended)
{
    auto const id = text_of(item, "id");
    bool const is_stranger = text_of(item, "kind") == "stranger";
    if (is_stranger ? !options.delete_strangers : !options.repair) {
        mended.left.push_back(item);
        return;
    }
    auto const done = mend(session, id, is_stranger);
    if (!done) {
        json::object failed;
        failed["mailbox"] = text_of(item, "mailbox");
        failed["reason"] = done.error().message;
        mended.failed.push_back(std::move(failed));
        return;
    }
    ++mended.count;
    auto const* left = done->if_contains("left");
    if (left && left->is_array())
        for (auto const& one : left->get_array()) mended.left.push_back(one);
}

Mended mend(Session& session, Found const& found, Options const& options)
{
    Mended mended;
    std::set<std::string> tried;
    for (auto const& item : found.items)
        if (tried.insert(text_of(item, "id")).second) mend_one(session, item, options, mended);
    return mended;
}

Exit end(Session& session, Found const& found, Mended const& mended)
{
    if (session.output == Output::json) {
        print_json(session, json::object{{"looked_at", found.looked_at},
                                         {"found", found.items},
                                         {"repaired", mended.count},
                                         {"left", mended.left},
                                         {"failed", mended.failed}});
    } else if (session.output == Output::table) {
        auto& out = session.around.out;
        out << found.looked_at << " mailboxes looked at, " << found.items.size() << " differences";
        if (mended.count > 0) out << ", " << mended.count << " mended";
        out << '\n';
        for (auto const& one : mended.failed)
            out << text_of(one, "mailbox") << ": not mended: " << text_of(one, "reason") << '\n';
    }
    if (!mended.failed.empty()) return Exit::in_part;
    return mended.left.empty() ? Exit::done : Exit::drift;
}

char const* question(Options const& options)
{
    if (!options.delete_strangers) return "Do what REPAIR says?";
    return options.repair ? "Do what REPAIR says, and delete the strangers' mailboxes with their mail?"
                          : "Delete the strangers' mailboxes with their mail?";
}

Exit act(Session& session, Options const& options)
{
    auto const found = look(session, options.mask);
    if (!found) return complain(session, found.error());
    show(session, *found);
    Mended mended;
    mended.left = found->items;
    bool const mends = (options.repair || options.delete_strangers) && !options.dry_run && !found->items.empty();
    if (mends) {
        auto const answer = agreed(session, options.yes, question(options));
        if (!answer) return complain(session, answer.error());
        mended = mend(session, *found, options);
    }
    return end(session, *found, mended);
}

}  // namespace

Verb drift_verb()
{
    return {{"drift"},
            "What mail stores have otherwise than the directory says; 5 where there is any",
            "provost drift --repair",
            [](CLI::App& app) -> Action {
                auto options = std::make_shared<Options>();
                app.add_option("MASK", options->mask, "Of the mailboxes, such as '*@example.org'");
                app.add_flag("--repair", options->repair, "Make them as the directory says; no mail is deleted");
                app.add_flag("--delete-strangers", options->delete_strangers,
                             "Delete the mailboxes that are nobody's here, with their mail");
                app.add_flag("-n,--dry-run", options->dry_run, "Show what would be done, and do nothing");
                app.add_flag("-y,--yes", options->yes, "Do not ask");
                return [options](Session& session) { return act(session, *options); };
            }};
}

}  // namespace provost::cli
