// SPDX-License-Identifier: Apache-2.0
// For tests: a Cyrus of a few mailboxes, and of as many conversations as anybody begins. It answers as 3.6 does.
#pragma once

#include <list>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/guarded.h"
#include "base/text.h"
#include "net/test_imap.h"
#include "targets/cyrus_admin.h"

namespace provost::targets {

class TestCyrus {
public:
    struct Mailbox {
        std::string id = {};
        std::int64_t messages = 0, uid_next = 1, bytes = 0;
        std::map<std::string, std::string> acl = {};
        std::string partition = {}, use = {};  // as they were asked for
        std::string quota = {};                // "STORAGE 0 20": with its uses; empty without a root
    };
    struct State {
        std::map<std::string, Mailbox> mailboxes;
        std::vector<std::string> heard;  // without tags; for a sign-in "AUTHENTICATE cyrus as bob"
        // By how a command begins: "NO Permission denied", and nothing is done; or bytes, and the conversation is over.
        std::map<std::string, std::string> instead, last_words;
        std::string password = "secret-of-cyrus";
        CyrusNamespace names;
        int conversations = 0;
        std::list<net::Fd> peers;  // those that were begun
        int ids = 0;
        bool is_over = false;
    };
    Guarded<State> state;

    TestCyrus() : listening_(*net::bind_tcp("127.0.0.1", 0))
    {
        thread_ = std::thread([this] { accept_all(); });
    }
    ~TestCyrus()
    {
        state.with([](State& s) { s.is_over = true; });
        ::shutdown(listening_.get(), SHUT_RDWR);
        thread_.join();
        hang_up();
        for (auto& talk : talks_) talk.join();
    }
    TestCyrus(TestCyrus const&) = delete;
    TestCyrus& operator=(TestCyrus const&) = delete;

    CyrusAdmin::Settings settings() const
    {
        return {.server = net::on(net::port_of(listening_)),
                .password = []() -> Result<Secret> { return Secret(std::string("secret-of-cyrus")); }};
    }
    void hang_up()
    {
        state.with([](State& s) {
            for (auto const& peer : s.peers) ::shutdown(peer.get(), SHUT_RDWR);
        });
    }
    void add(std::string const& name, Mailbox mailbox)
    {
        state.with([&](State& s) { s.mailboxes[name] = std::move(mailbox); });
    }
    Mailbox at(std::string const& name)
    {
        return state.with([&](State& s) { return s.mailboxes.contains(name) ? s.mailboxes[name] : Mailbox(); });
    }
    std::vector<std::string> names()
    {
        return state.with([](State& s) {
            std::vector<std::string> all;
            for (auto const& [name, mailbox] : s.mailboxes) all.push_back(name);
            return all;
        });
    }
    // Of those commands that begin so; and forgets what it heard.
    std::vector<std::string> take_heard(std::string const& verb)
    {
        return state.with([&](State& s) {
            std::vector<std::string> found;
            for (auto const& command : std::exchange(s.heard, {}))
                if (command.starts_with(verb)) found.push_back(command);
            return found;
        });
    }
    void answer(std::string const& command, std::string const& words)
    {
        state.with([&](State& s) { s.instead[command] = words; });
    }
    void end_at(std::string const& command, std::string const& bytes)
    {
        state.with([&](State& s) { s.last_words[command] = bytes; });
    }

private:
    struct Said {
        std::string untagged = {}, status = "OK Completed";
    };
    using Values = std::vector<net::ImapValue>;

    void accept_all()
    {
        for (;;) {
            pollfd waited{listening_.get(), POLLIN, 0};
            ::poll(&waited, 1, -1);
            net::Fd peer(::accept4(listening_.get(), nullptr, nullptr, SOCK_CLOEXEC));
            bool const is_over = state.with([&](State& s) {
                if (!s.is_over && peer) ++s.conversations;
                return s.is_over;
            });
            if (is_over) return;
            if (!peer) continue;
            int const socket = peer.get();
            int const on = 1;
            ::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
            state.with([&](State& s) { s.peers.push_back(std::move(peer)); });
            talks_.emplace_back([this, socket] {
                converse(socket);
                ::shutdown(socket, SHUT_RDWR);
            });
        }
    }

    void converse(int socket)
    {
        net::TestTalk talk(socket);
        talk.say(net::can);
        for (auto line = talk.line(); !line.empty(); line = talk.line()) {
            auto const blank = line.find(' ');
            auto const tag = line.substr(0, blank);
            auto const command = line.substr(blank + 1);
            auto const verb = command.substr(0, command.find(' '));
            auto const said = state.with([&](State& s) {
                s.heard.push_back(verb == "AUTHENTICATE" ? sign_in(command).first : command);
                for (auto const& [start, bytes] : s.last_words)
                    if (command.starts_with(start)) return Said{bytes, ""};
                for (auto const& [start, words] : s.instead)
                    if (command.starts_with(start)) return Said{"", words};
                return done(s, verb, command);
            });
            talk.say(said.untagged);
            if (said.status.empty()) return;
            talk.say(tag + " " + said.status + "\r\n");
        }
    }

    // "AUTHENTICATE cyrus as bob", and the password.
    static std::pair<std::string, std::string> sign_in(std::string const& command)
    {
        auto const words = from_base64(command.substr(command.rfind(' ') + 1)).value_or("");
        auto const parts = split(words, '\0');
        if (parts.size() != 3) return {command, ""};
        return {"AUTHENTICATE " + std::string(parts[1]) + (parts[0].empty() ? "" : " as " + std::string(parts[0])),
                std::string(parts[2])};
    }

    static Said done(State& s, std::string const& verb, std::string const& command)
    {
        if (verb == "AUTHENTICATE") {
            if (sign_in(command).second != s.password) return {"", "NO Login incorrect"};
            return {"", "OK [CAPABILITY IMAP4rev1 LITERAL+] Success"};
        }
        auto const own = std::string("(\"INBOX") + s.names.separator + "\" \"" + s.names.separator + "\")";
        if (verb == "NAMESPACE")
            return {"* NAMESPACE (" + own + ") ((\"" + s.names.prefix + "\" \"" + s.names.separator + "\")) NIL\r\n"};
        if (verb == "NOOP" || verb == "SUBSCRIBE") return {};
        if (verb == "LOGOUT") return {"* BYE LOGOUT received\r\n"};
        auto const parsed = net::parse_imap("* " + command);
        auto const* const heard = parsed ? std::get_if<net::ImapUntagged>(&*parsed) : nullptr;
        if (heard == nullptr || heard->values.empty()) return {"", "BAD Missing argument"};
        auto const& values = heard->values;
        if (verb == "LIST") return list(s, values[1].text);
        auto const& name = values[0].text;
        if (verb == "GETMETADATA") return ids(s, name);
        if (verb == "CREATE") return create(s, name, values);
        auto const found = s.mailboxes.find(name);
        if (found == s.mailboxes.end()) return {"", "NO Mailbox does not exist"};
        if (verb == "RENAME") return rename(s, name, values[1].text);
        if (verb == "DELETE") return remove(s, name);
        return attribute(found->second, name, verb, values);
    }

    static Said attribute(Mailbox& mailbox, std::string const& name, std::string const& verb, Values const& values)
    {
        if (verb == "GETQUOTA" && mailbox.quota.empty()) return {"", "NO Quota root does not exist"};
        if (verb == "GETQUOTA") return {"* QUOTA " + name + " (" + mailbox.quota + ")\r\n"};
        if (verb == "SETQUOTA") {
            mailbox.quota.clear();
            auto const& limits = values[1].items;
            for (std::size_t i = 0; i + 1 < limits.size(); i += 2)
                mailbox.quota += (i == 0 ? "" : " ") + limits[i].text + " 0 " + limits[i + 1].text;
            return {};
        }
        if (verb == "SETACL") mailbox.acl[values[1].text] = values[2].text;
        if (verb == "DELETEACL") mailbox.acl.erase(values[1].text);
        if (verb == "GETACL") {
            std::string acl;
            for (auto const& [who, rights] : mailbox.acl) acl.append(" \"" + who + "\" ").append(rights);
            return {"* ACL " + name + acl + "\r\n"};
        }
        return verb.ends_with("ACL") ? Said() : Said{"", "BAD Unrecognized command"};
    }

    static Said create(State& s, std::string const& name, Values const& values)
    {
        auto const place = s.names.place(name);
        if (s.mailboxes.contains(name)) return {"", "NO Mailbox already exists"};
        if (!place) return {"", "NO Permission denied"};
        Mailbox made{.id = "id" + std::to_string(++s.ids), .acl = {{place->user, "lrswipkxtecdan"}}};
        if (values.size() > 1 && values[1].items.empty()) made.partition = values[1].text;
        if (values.size() > 1 && values[1].items.size() == 2) made.use = values[1].items[1].items.at(0).text;
        auto const id = made.id;
        s.mailboxes[name] = std::move(made);
        return {"", "OK [MAILBOXID (" + id + ")] Completed"};
    }

    static Said ids(State& s, std::string const& pattern)
    {
        Said said;
        for (auto const& [name, mailbox] : s.mailboxes)
            if (matches_mask(pattern, name))
                said.untagged += "* METADATA \"" + name + "\" (\"/shared/vendor/cmu/cyrus-imapd/uniqueid\" \"" +
                                 mailbox.id + "\")\r\n";
        if (said.untagged.empty() && pattern.find('*') == std::string::npos) return {"", "NO Mailbox does not exist"};
        return said;
    }

    static Said list(State& s, std::string const& pattern)
    {
        Said said;
        for (auto const& [name, mailbox] : s.mailboxes)
            if (matches_mask(pattern, name))
                said.untagged += "* LIST () \"/\" \"" + name + "\"\r\n* STATUS \"" + name + "\" (MESSAGES " +
                                 std::to_string(mailbox.messages) + " UIDNEXT " + std::to_string(mailbox.uid_next) +
                                 " SIZE " + std::to_string(mailbox.bytes) + ")\r\n";
        return said;
    }

    // Of a user's INBOX all folders go with it, and its owner's rights are who owns it then; what is deleted goes
    // alone.
    static Said rename(State& s, std::string const& from, std::string const& to)
    {
        auto const was = *s.names.place(from);
        auto const is = s.names.place(to);
        if (!is || s.mailboxes.contains(to)) return {"", is ? "NO Mailbox already exists" : "NO Permission denied"};
        std::vector<std::pair<std::string, std::string>> moves{{from, to}};
        if (was.folder.empty() && was.moment.empty())
            for (auto const& [name, mailbox] : s.mailboxes)
                if (auto const place = s.names.place(name);
                    place && place->moment.empty() && place->user == was.user && !place->folder.empty())
                    moves.emplace_back(name, s.names.mailbox(is->user, place->folder));
        for (auto const& [old_name, new_name] : moves) {
            auto moved = std::move(s.mailboxes[old_name]);
            s.mailboxes.erase(old_name);
            if (auto rights = moved.acl.extract(was.user)) {
                rights.key() = is->user;
                moved.acl.insert(std::move(rights));
            }
            s.mailboxes[new_name] = std::move(moved);
        }
        return {};
    }

    // With delayed deletion, and for whoever was given the right.
    static Said remove(State& s, std::string const& name)
    {
        if (s.mailboxes[name].acl["cyrus"].find('x') == std::string::npos) return {"", "NO Permission denied"};
        auto const user = s.names.place(name)->user;
        auto all = std::exchange(s.mailboxes, {});
        for (auto& [each, mailbox] : all) {
            auto const place = s.names.place(each);
            bool const goes = place && place->moment.empty() && place->user == user;
            auto const kept = goes && !place->folder.empty() ? place->folder + s.names.separator : std::string();
            auto const deleted = s.names.deleted + s.names.separator + s.names.mailbox(user, kept + "6B006F65");
            s.mailboxes[goes ? deleted : each] = std::move(mailbox);
        }
        return {};
    }

    net::Fd listening_;
    std::vector<std::thread> talks_;
    std::thread thread_;  // last: it uses the others
};

}  // namespace provost::targets
