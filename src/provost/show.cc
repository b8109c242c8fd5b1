// SPDX-License-Identifier: Apache-2.0
#include "provost/show.h"

#include <algorithm>

#include "base/size.h"
#include "base/text.h"

namespace provost::cli {
namespace {

constexpr std::string_view green = "\x1b[32m";
constexpr std::string_view red = "\x1b[31m";
constexpr std::string_view plain = "\x1b[0m";

bool is_size(std::string_view field)
{
    auto const dot = field.rfind('.');
    auto const last = dot == std::string_view::npos ? field : field.substr(dot + 1);
    for (auto const* size :
         {"quota", "max_quota", "default_quota", "total_quota", "effective_quota", "quota_sum", "bytes"})
        if (last == size) return true;
    return false;
}

std::int64_t number_at(json::object const& object, std::string_view path)
{
    auto const* value = member_at(object, path);
    return value && value->is_number() ? value->to_number<std::int64_t>() : 0;
}

bool flag_at(json::object const& object, std::string_view path)
{
    auto const* value = member_at(object, path);
    return value && value->is_bool() && value->get_bool();
}

std::string object_cell(std::string_view field, json::object const& object, Output output)
{
    std::string out;
    for (auto const& [name, value] : object) {
        if (value.is_null()) continue;
        if (!out.empty()) out += ' ';
        out += std::string(name) + '=' + cell_of(std::string(field) + '.' + std::string(name), value, output);
    }
    return out;
}

// A member of a member has a row of its own: "record.reachable".
void add_rows(Table& table, json::object const& object, std::string const& prefix)
{
    for (auto const& [name, value] : object) {
        auto const path = prefix + std::string(name);
        if (value.is_object()) {
            add_rows(table, value.get_object(), path + '.');
        } else {
            table.rows.push_back({path, cell_of(path, value)});
        }
    }
}

std::string painted(std::string text, bool good, bool colour)
{
    if (!colour) return text;
    return std::string(good ? green : red) + text + std::string(plain);
}

std::string door_line(json::object const& door, std::size_t widest, bool colour)
{
    auto const name = printable(text_at(door, "door"));
    auto const after = printable(text_at(door, "after"));
    auto const before = printable(text_at(door, "before"));
    auto const proved = flag_at(door, "proved");
    auto line = "  " + name + std::string(widest - std::min(widest, name.size()) + 2, ' ');
    auto verdict = (after.empty() ? "not tried" : after) + " in " + std::to_string(number_at(door, "took_ms")) + " ms";
    line += painted(verdict, proved, colour);
    line += "  (" + (before.empty() ? std::string("not tried") : before) + " before)";
    auto const said = text_at(door, "said");
    if (!proved) line += "  NOT PROVED" + (said.empty() ? "" : ": " + printable(said));
    return line + '\n';
}

std::string sessions_line(json::object const& proof)
{
    auto const trouble = text_at(proof, "sessions_trouble");
    auto const ended = number_at(proof, "sessions_ended");
    auto line = "  " + std::to_string(ended) + (ended == 1 ? " session" : " sessions") + " ended in " +
                std::to_string(number_at(proof, "sessions_took_ms")) + " ms";
    if (!trouble.empty()) line += ", NOT PROVED: " + printable(trouble);
    return line + '\n';
}

}  // namespace

std::string cell_of(std::string_view field, json::value const& value, Output output)
{
    switch (value.kind()) {
        case json::kind::null:
            return output == Output::csv ? "" : "-";
        case json::kind::bool_:
            return value.get_bool() ? "yes" : "no";
        case json::kind::int64:
            return is_size(field) ? size_text(Limit::of(value.get_int64())) : std::to_string(value.get_int64());
        case json::kind::uint64:
            return std::to_string(value.get_uint64());
        case json::kind::double_:
            return json::serialize(value);
        case json::kind::string:
            return std::string(value.get_string());
        case json::kind::array: {
            std::vector<std::string> parts;
            for (auto const& item : value.get_array()) parts.push_back(cell_of(field, item, output));
            if (parts.empty()) return output == Output::csv ? "" : "-";
            return joined(parts, ", ");
        }
        case json::kind::object:
            break;
    }
    return object_cell(field, value.get_object(), output);
}

Table rows_of(json::array const& items, std::vector<Column> const& columns, Output output)
{
    Table table;
    for (auto const& column : columns) table.header.emplace_back(output == Output::csv ? column.field : column.title);
    for (auto const& item : items) {
        if (!item.is_object()) continue;
        auto& row = table.rows.emplace_back();
        for (auto const& column : columns) {
            auto const* value = member_at(item.get_object(), column.field);
            row.push_back(cell_of(column.field, value ? *value : json::value(nullptr), output));
        }
    }
    return table;
}

void print_json(Session& session, json::value const& value) { session.around.out << json::serialize(value) << '\n'; }

void print_table(Session& session, Table const& table)
{
    session.around.out << (session.output == Output::csv ? as_csv(table) : laid_out(table, session.around.width));
}

void print_items(Session& session, json::array const& items, std::vector<Column> const& columns)
{
    if (session.output == Output::json) {
        print_json(session, json::object{{"items", items}, {"next", nullptr}});
        return;
    }
    print_table(session, rows_of(items, columns, session.output));
}

void print_object(Session& session, json::object const& object)
{
    if (session.output == Output::json) {
        print_json(session, object);
        return;
    }
    Table table;
    if (session.output == Output::csv) {
        auto& row = table.rows.emplace_back();
        for (auto const& [name, value] : object) {
            table.header.emplace_back(name);
            row.push_back(cell_of(name, value, Output::csv));
        }
    } else {
        table.header = {"FIELD", "VALUE"};
        add_rows(table, object, "");
        // Not cut to the terminal's width: who looks at one object wants all of it.
        session.around.out << laid_out(table, 0);
        return;
    }
    print_table(session, table);
}

std::string proof_text(json::object const& proof, bool colour)
{
    std::string out;
    auto const* doors = proof.if_contains("doors");
    std::size_t widest = 0;
    std::size_t count = 0;
    if (doors && doors->is_array()) {
        for (auto const& door : doors->get_array()) widest = std::max(widest, text_at(door.as_object(), "door").size());
        for (auto const& door : doors->get_array()) {
            out += door_line(door.as_object(), widest, colour);
            if (flag_at(door.as_object(), "proved")) ++count;
        }
    }
    out += sessions_line(proof);
    auto const complete = flag_at(proof, "complete");
    auto const last = complete ? (count > 0 ? "proved at " + std::to_string(count) + (count == 1 ? " door" : " doors")
                                            : std::string("no session is left"))
                               : std::string("NOT PROVED in full");
    return out + "  " + painted(last, complete, colour) + ", " + std::to_string(number_at(proof, "took_ms")) +
           " ms in all\n";
}

Exit exit_of_done(json::object const& done)
{
    if (flag_at(done, "dry_run")) return Exit::done;
    auto const* proof = member_at(done, "proof");
    if (proof && proof->is_object() && !flag_at(proof->get_object(), "complete")) return Exit::temporary;
    return flag_at(done, "answering") ? Exit::done : Exit::temporary;
}

Exit print_done(Session& session, std::string_view noun, std::string_view done_word, json::object const& done)
{
    auto& out = session.around.out;
    if (session.output == Output::json) {
        print_json(session, done);
        return exit_of_done(done);
    }
    if (session.output == Output::csv) {
        print_items(session, {done}, {{"NAME", "subject"}, {"REVISION", "revision"}, {"PROVED", "proof.complete"}});
        return exit_of_done(done);
    }
    auto const dry_run = flag_at(done, "dry_run");
    out << noun << ' ' << printable(text_at(done, "subject")) << (dry_run ? " would be " : " ") << done_word;
    if (!dry_run) out << ", revision " << number_at(done, "revision");
    out << '\n';
    if (auto const* notes = member_at(done, "notes"); notes && notes->is_array())
        for (auto const& note : notes->get_array()) out << "  note: " << printable(cell_of("notes", note)) << '\n';
    auto const* proof = member_at(done, "proof");
    if (proof && proof->is_object()) out << proof_text(proof->get_object(), session.around.colour);
    return exit_of_done(done);
}

}  // namespace provost::cli
