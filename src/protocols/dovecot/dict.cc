// SPDX-License-Identifier: Apache-2.0
#include "protocols/dovecot/dict.h"

#include "base/text.h"
#include "protocols/dovecot/service.h"
#include "protocols/tabbed.h"

namespace provost::protocols {
namespace {

// The longest key holds a service and an address; values are numbers.
constexpr std::size_t longest_text = 1024;
constexpr std::int64_t latest_time = 253'402'300'799;  // the last second of the year 9999

std::optional<std::int64_t> to_amount(std::string_view text)
{
    auto const number = to_integer(text);
    return number && *number >= 0 ? number : std::nullopt;
}

}  // namespace

bool Dict::on_line(std::string_view line, net::Exchange& exchange)
{
    auto const command = line.empty() ? '\0' : line.front();
    auto const arguments = line.substr(line.empty() ? 0 : 1);
    bool const served = name_ == Name::quota || name_ == Name::lastlogin;
    switch (command) {
        case 'H':
            return on_hello(arguments);
        case 'L':
            exchange.write(served ? "N\n" : "Fno such dict\n");
            return true;
        case 'I':
            exchange.write(served ? "\n" : "Fno such dict\n");
            return true;
        case 'B':
            begin(arguments);
            return true;
        case 'S':
        case 'U':
        case 'A':
            change(command, arguments);
            return true;
        case 'T':  // the time of the changes, and whether values may be logged: neither matters here
        case 'V':
            return true;
        case 'C':
            commit(arguments, true, exchange);
            return true;
        case 'D':
            commit(arguments, false, exchange);
            return true;
        case 'R':
            if (auto const id = Fields(arguments).number()) transactions_.erase(*id);
            return true;
        default:
            exchange.write("Funknown command\n");
            return true;
    }
}

bool Dict::on_hello(std::string_view arguments)
{
    Fields fields(arguments);
    auto const major = fields.number();
    fields.next();  // minor
    fields.next();  // type of values
    fields.next();  // user
    auto const name = fields.text();
    if (name_ != Name::none || !major || *major < 3 || *major > 4) return false;
    name_ = name == "quota" ? Name::quota : name == "lastlogin" ? Name::lastlogin : Name::other;
    return true;
}

void Dict::begin(std::string_view arguments)
{
    Fields fields(arguments);
    auto const id = fields.number();
    auto user = fields.text();
    if (!id || user.size() > longest_text || transactions_.size() >= most_transactions) return;
    transactions_[*id] = Transaction{.user = std::move(user)};
}

void Dict::change(char command, std::string_view arguments)
{
    Fields fields(arguments);
    auto const id = fields.number();
    auto const found = id ? transactions_.find(*id) : transactions_.end();
    if (found == transactions_.end()) return;
    auto& changed = found->second;
    if (command == 'A') changed.increments = true;
    if (command != 'S') return;
    Change made{fields.text(), fields.text()};
    if (changed.changes.size() >= most_changes || made.key.size() + made.value.size() > longest_text)
        changed.too_many = true;
    else changed.changes.push_back(std::move(made));
}

void Dict::commit(std::string_view arguments, bool answered, net::Exchange& exchange)
{
    auto const id = Fields(arguments).number();
    auto const answer = id ? committed(*id) : std::string("Fno number of a transaction\n");
    if (answered) exchange.write(answer);
}

std::string Dict::committed(std::uint32_t id)
{
    auto const number = std::to_string(id);
    auto const found = transactions_.find(id);
    if (found == transactions_.end()) return "F" + number + "\tno such transaction\n";
    auto const done = std::move(found->second);
    transactions_.erase(found);
    if (done.too_many) return "F" + number + "\ttoo many changes\n";
    if (done.increments) return "N" + number + "\n";  // nothing is there to be incremented
    switch (name_) {
        case Name::quota:
            observe_usage(done);
            break;
        case Name::lastlogin:
            observe_logins(done);
            break;
        case Name::none:
        case Name::other:
            return "F" + number + "\tno such dict\n";
    }
    return "O" + number + "\n";
}

// quota_clone sets both, in bytes and in messages.
void Dict::observe_usage(Transaction const& transaction)
{
    std::optional<std::int64_t> bytes;
    std::optional<std::int64_t> messages;
    for (auto const& [key, value] : transaction.changes) {
        if (key == "priv/quota/storage") bytes = to_amount(value);
        if (key == "priv/quota/messages") messages = to_amount(value);
    }
    if (bytes && messages && !transaction.user.empty())
        recorder_.observe_usage(transaction.user, *bytes, *messages, now());
}

// shared/last-login/SERVICE/NAME = seconds since 1970, as our configuration of last_login_key makes it. Deliveries
// arrive as SERVICE "lmtp" where the plugin is on for them, and are no sign-ins.
void Dict::observe_logins(Transaction const& transaction)
{
    constexpr std::string_view prefix = "shared/last-login/";
    for (auto const& [key, value] : transaction.changes) {
        std::string_view rest = key;
        if (!rest.starts_with(prefix)) continue;
        rest.remove_prefix(prefix.size());
        auto const slash = rest.find('/');
        auto const service = service_named(rest.substr(0, slash));
        auto const seconds = to_amount(value);
        if (slash == std::string_view::npos || slash + 1 == rest.size() || !service) continue;
        if (!seconds || *seconds > latest_time) continue;
        recorder_.observe_login(*service, rest.substr(slash + 1), from_millis(*seconds * 1000));
    }
}

net::SessionMaker dict_sessions(Recorder& recorder, Metrics& metrics)
{
    auto& broken = metrics.counter("provost_dict_broken_total", "Dict conversations ended for a breach.");
    return [&recorder, &broken](net::Peer const&) { return std::make_unique<Dict>(recorder, broken); };
}

}  // namespace provost::protocols
