// SPDX-License-Identifier: Apache-2.0
#include "provost/client.h"

#include <cerrno>
#include <cstring>
#include <unistd.h>

#include "base/text.h"

namespace provost::cli {
namespace {

// An act that proves itself knocks at several doors, each with a deadline of its own.
constexpr std::chrono::milliseconds longest_act{120'000};

std::string path_of(std::string const& path, Query const& query)
{
    auto url = "/api/v1" + path;
    auto separator = '?';
    for (auto const& [name, value] : query) {
        url += separator + name + '=' + url_escaped(value);
        separator = '&';
    }
    return url;
}

Fault fault_of(int status)
{
    switch (status) {
        case 401:
        case 403:
            return Fault::denied;
        case 404:
            return Fault::not_found;
        case 409:
        case 412:
            return Fault::conflict;
        case 408:
        case 429:
            return Fault::unavailable;
        default:
            return status >= 400 && status < 500 ? Fault::invalid : Fault::unavailable;
    }
}

Fault fault_named(std::string_view name, Fault otherwise)
{
    for (auto fault : {Fault::invalid, Fault::not_found, Fault::conflict, Fault::denied, Fault::unavailable})
        if (name == name_of(fault)) return fault;
    return otherwise;
}

}  // namespace

json::value const* member_at(json::object const& object, std::string_view path)
{
    auto const dot = path.find('.');
    auto const* value = object.if_contains(path.substr(0, dot));
    if (!value || dot == std::string_view::npos) return value;
    return value->is_object() ? member_at(value->get_object(), path.substr(dot + 1)) : nullptr;
}

std::string text_at(json::object const& object, std::string_view path)
{
    auto const* value = member_at(object, path);
    return value && value->is_string() ? std::string(value->get_string()) : std::string();
}

std::string url_escaped(std::string_view text)
{
    static constexpr char digits[] = "0123456789ABCDEF";
    std::string out;
    for (char c : text) {
        auto const plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                           std::string_view("-._~").find(c) != std::string_view::npos;
        if (plain) {
            out += c;
            continue;
        }
        auto const byte = static_cast<unsigned char>(c);
        out += '%';
        out += digits[byte >> 4U];
        out += digits[byte & 15U];
    }
    return out;
}

Error error_of(net::HttpResponse const& response)
{
    auto fault = fault_of(response.status);
    json::error_code trouble;
    auto const value = json::parse(response.body, trouble);
    if (trouble || !value.is_object())
        return {fault, "provostd answered with status " + std::to_string(response.status), {}};
    auto const& problem = value.get_object();
    auto message = text_at(problem, "detail");
    if (message.empty()) message = text_at(problem, "title");
    return {fault_named(text_at(problem, "fault"), fault), message, text_at(problem, "field")};
}

Result<void> Client::reachable() const
{
    auto const& socket = door_->socket;
    if (access(socket.c_str(), W_OK) == 0) return {};
    if (errno == EACCES || errno == EPERM)
        return fail(Fault::denied, "you may not use " + escaped(socket) +
                                       ": call provost as root, or as one of the administrators in the settings");
    return fail(Fault::unavailable, "provostd is not running: " + escaped(socket) + ": " + std::strerror(errno) +
                                        "; start it with: systemctl start provostd");
}

Result<json::object> Client::ask(net::HttpCall call) const
{
    if (!door_) return tl::make_unexpected(door_.error());
    if (door_->socket.empty()) {
        call.url = door_->url + call.url;
        call.headers.emplace_back("Authorization", door_->authorization);
        call.ca_file = door_->ca_file;
    } else {
        CHECK_OK(reachable());
        call.url = "http://provost" + call.url;
        call.unix_socket = door_->socket;
    }
    call.headers.emplace_back("Accept", "application/json");
    call.total_time = longest_act;
    auto const response = caller_(call);
    if (!response && door_->socket.empty())
        return fail(response.error().fault, "provostd does not answer: " + response.error().message);
    if (!response)
        return fail(response.error().fault, "provostd does not answer at " + escaped(call.unix_socket) + ": " +
                                                response.error().message + "; see: systemctl status provostd");
    if (response->status >= 300) return tl::make_unexpected(error_of(*response));
    json::error_code trouble;
    auto value = json::parse(response->body, trouble);
    if (trouble || !value.is_object())
        return fail(Fault::unavailable, "provostd answered with something that is not JSON");
    return std::move(value.get_object());
}

Result<json::object> Client::get(std::string const& path, Query const& query) const
{
    net::HttpCall call;
    call.url = path_of(path, query);
    return ask(std::move(call));
}

Result<json::object> Client::send(std::string const& method, std::string const& path, Query const& query,
                                  json::object const& body) const
{
    net::HttpCall call;
    call.method = method;
    call.url = path_of(path, query);
    if (!body.empty()) {
        call.headers.emplace_back("Content-Type", "application/json");
        call.body = json::serialize(body);
    }
    return ask(std::move(call));
}

Result<json::array> Client::all(std::string const& path, Query query, std::string const& cursor) const
{
    json::array items;
    for (;;) {
        auto page = TRY(get(path, query));
        auto* found = page.if_contains("items");
        auto const* next = page.if_contains("next");
        if (!found || !found->is_array()) return fail(Fault::unavailable, "provostd answered without a list");
        for (auto const& item : found->get_array()) items.push_back(item);
        if (!next || next->is_null()) return items;
        auto from = next->is_string() ? std::string(next->get_string()) : json::serialize(*next);
        if (found->get_array().empty() || from == query[cursor])
            return fail(Fault::unavailable, "provostd answered with a list that does not go on");
        query[cursor] = std::move(from);
    }
}

}  // namespace provost::cli
