// SPDX-License-Identifier: Apache-2.0
#include "protocols/dovecot/auth_master.h"

#include <algorithm>
#include <exception>
#include <optional>

#include "base/text.h"
#include "protocols/tabbed.h"

namespace provost::protocols {
namespace {

using directory::Found;
using directory::UserFields;

// The value of the field `name` among the rest of a line; the last one counts.
std::string value_of(std::string_view name, Fields fields)
{
    std::string value;
    while (auto const field = fields.next()) {
        auto const equals = field->find('=');
        if (equals != std::string_view::npos && field->substr(0, equals) == name)
            value = tab_unescaped(field->substr(equals + 1));
    }
    return value;
}

std::string failure(std::uint32_t id, std::string_view reason)
{
    auto line = "FAIL\t" + std::to_string(id);
    append_field(line, "reason", reason);
    return line + '\n';
}

std::string cannot_tell(std::uint32_t id, std::string_view reason)
{
    return failure(id, reason.empty() ? "the directory cannot tell" : reason);
}

// What Dovecot takes for a bound: 0 is none to it.
std::int64_t bound(std::int64_t number) { return number < 0 ? 0 : std::max<std::int64_t>(number, 1); }

// One LIST on its way: pages of names, until there are no more.
class Listing {
public:
    Listing(Users& users, std::uint32_t id, std::string mask)
        : users_(users), id_(std::to_string(id)), mask_(mask.empty() ? "*" : std::move(mask))
    {
    }

    std::optional<std::string> next()
    {
        if (is_done_) return std::nullopt;
        auto const names = page();
        is_done_ = !names || names->empty();
        if (!names) return "DONE\t" + id_ + "\tfail\n";
        if (names->empty()) return "DONE\t" + id_ + "\t\n";
        after_ = names->back();
        std::string lines;
        for (auto const& name : *names) {
            if (!matches_mask(mask_, name)) continue;
            lines += "LIST\t" + id_ + "\t";
            append_tab_escaped(lines, name);
            lines += '\n';
        }
        return lines;
    }

private:
    std::optional<std::vector<std::string>> page()
    {
        try {
            return users_.users(after_, AuthMaster::page);
        } catch (std::exception const&) {
            return std::nullopt;
        }
    }

    Users& users_;
    std::string id_;
    std::string mask_;
    std::string after_;
    bool is_done_ = false;
};

}  // namespace

void append_user_fields(std::string& line, UserFields const& fields)
{
    auto const messages = bound(fields.quota_messages);
    // No message at all is no room at all: Dovecot lets a first message in where the bound is one.
    auto const bytes = fields.quota_messages == 0 ? 1 : bound(fields.quota_bytes);
    line += "\tuid=" + std::to_string(fields.uid) + "\tgid=" + std::to_string(fields.gid);
    append_field(line, "home", fields.home);
    line += "\tquota_rule=*:storage=" + std::to_string(bytes) + "B:messages=" + std::to_string(messages);
    line += "\tquota_storage_size=" + std::to_string(bytes) + "B\tquota_message_count=" + std::to_string(messages);
}

AuthMasters::AuthMasters(std::uint32_t server_id, Users& users, SignIns& sign_ins, PendingLogins& pending,
                         Metrics& metrics, Now now)
    : shared_(new Shared{
          server_id, users, sign_ins, pending,
          metrics.counter("provost_auth_broken_total", "Auth conversations ended for a breach.", {{"peer", "master"}}),
          std::move(now)})
{
}

net::SessionMaker AuthMasters::sessions(MasterSocket socket)
{
    return [shared = shared_, socket](net::Peer const&) { return std::make_unique<AuthMaster>(shared, socket); };
}

std::string AuthMaster::greeting() { return "VERSION\t1\t2\nSPID\t" + std::to_string(shared_->server_id) + "\n"; }

bool AuthMaster::on_line(std::string_view line, net::Exchange& exchange)
{
    auto const tab = line.find('\t');
    auto const command = line.substr(0, tab);
    Fields fields(tab == std::string_view::npos ? std::string_view() : line.substr(tab + 1));
    auto const id = fields.number();
    if (command == "VERSION") return id == 1U;
    bool const is_known =
        command == "USER" || command == "PASS" || command == "LIST" || command == "REQUEST" || command == "CACHE-FLUSH";
    if (!is_known) return true;  // unknown commands are to be ignored (auth_protocol.md)
    if (!id) return false;
    auto const start = line.find('\t', tab + 1);
    auto const arguments = start == std::string_view::npos ? std::string_view() : line.substr(start + 1);
    if (command == "LIST") list(*id, arguments, exchange);
    else if (command == "REQUEST") exchange.write(request(*id, arguments));
    else if (command == "CACHE-FLUSH") exchange.write("OK\t" + std::to_string(*id) + "\t0\n");  // nothing is cached
    else exchange.write(user(*id, arguments, command == "PASS"));
    return true;
}

// PASS is asked by `doveadm auth lookup` and by LMTP proxies: who it is, and nothing to sign in with.
std::string AuthMaster::user(std::uint32_t id, std::string_view arguments, bool is_pass)
{
    Fields fields(arguments);
    auto const name = fields.text();
    auto service = value_of("service", fields);
    if (service.empty()) service = value_of("protocol", fields);
    bool const is_delivery = service == "lmtp" || service == "lda";
    auto const number = std::to_string(id);
    UserFields found;
    std::string reason;
    auto answer = Found::cannot_tell;
    try {
        auto const purpose = is_delivery ? Users::Purpose::delivery : Users::Purpose::administration;
        answer = shared_->users.user(name, purpose, found, reason);
    } catch (std::exception const& error) {
        reason = error.what();
    }
    switch (answer) {
        case Found::not_found:
            return "NOTFOUND\t" + number + "\n";
        case Found::cannot_tell:
            return cannot_tell(id, reason);
        case Found::found:
            break;
    }
    std::string line = (is_pass ? "PASS\t" : "USER\t") + number;
    if (is_pass) {
        append_field(line, "user", found.name);
    } else {
        line += '\t';
        append_tab_escaped(line, found.name);
        append_user_fields(line, found);
    }
    return line + '\n';
}

std::string AuthMaster::request(std::uint32_t id, std::string_view arguments)
{
    if (socket_ != MasterSocket::master) return failure(id, "REQUEST is answered on the master socket alone");
    Fields fields(arguments);
    auto const client = fields.number();
    auto const auth = fields.number();
    auto cookie = fields.text();
    if (!client || !auth) return failure(id, "REQUEST needs the numbers of a client and of its AUTH");
    auto const login = shared_->pending.take({std::move(cookie), *client, *auth}, shared_->now());
    if (!login) return failure(id, "no such sign-in, or it was too long ago");
    UserFields found;
    std::string reason;
    auto answer = Found::cannot_tell;
    try {
        answer = shared_->sign_ins.confirm(login->name, login->service, found, reason);
    } catch (std::exception const& error) {
        reason = error.what();
    }
    switch (answer) {
        // With a reason, which Dovecot shows to the user; NOTFOUND would be shown as an internal error.
        case Found::not_found:
            return failure(id, reason.empty() ? "This account may not sign in" : reason);
        case Found::cannot_tell:
            return cannot_tell(id, reason);
        case Found::found:
            break;
    }
    if (found.stamp != login->stamp) return cannot_tell(id, "the account was changed meanwhile, please try again");
    auto line = "USER\t" + std::to_string(id) + "\t";
    append_tab_escaped(line, found.name);
    append_user_fields(line, found);
    append_field(line, "auth_mech", login->mechanism);
    return line + '\n';
}

void AuthMaster::list(std::uint32_t id, std::string_view arguments, net::Exchange& exchange)
{
    auto listing = std::make_shared<Listing>(shared_->users, id, value_of("user", Fields(arguments)));
    exchange.stream([listing] { return listing->next(); });
}

}  // namespace provost::protocols
