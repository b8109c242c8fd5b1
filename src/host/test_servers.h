// SPDX-License-Identifier: Apache-2.0
// For tests: a root folder with a Postfix and a Dovecot, whose programs are played here on the root's own files.
#pragma once

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>
#include <vector>

#include "base/text.h"
#include "host/init.h"
#include "host/sockets.h"
#include "host/test_root.h"

namespace provost::host {

constexpr auto listeners =
    "service imap-login {\n  inet_listener imap {\n    port = 143\n  }\n  inet_listener imaps {\n"
    "    port = 993\n  }\n}\nservice pop3-login {\n  inet_listener pop3 {\n    port = 110\n  }\n"
    "  inet_listener pop3s {\n    port = 995\n  }\n}\nservice managesieve-login {\n"
    "  inet_listener sieve {\n    port = 4190\n  }\n}\n";

class TestServers {
public:
    TestServers()
    {
        write("/etc/postfix/main.cf",
              "# ours\nmyhostname = mx.example.test\nsmtpd_tls_cert_file = /etc/ssl/certs/ssl-cert-snakeoil.pem\n"
              "mydestination = $myhostname, localhost\nmailbox_size_limit = 0");
        write("/etc/postfix/master.cf",
              "smtp      inet  n       -       y       -       -       smtpd\n"
              "#submission inet n -       y       -       -       smtpd\n"
              "pickup    unix  n       -       y       60      1       pickup\n");
        write("/etc/dovecot/dovecot.conf", "!include conf.d/*.conf\n!include_try local.conf\n");
        for (auto file : {"imap-login", "pop3-login", "managesieve-login", "lmtp", "modules/lib90_sieve_plugin.so"}) {
            write("/usr/lib/dovecot/" + std::string(file), "");
        }
        for (auto file : {"/etc/ssl/certs/ssl-cert-snakeoil.pem", "/etc/ssl/private/ssl-cert-snakeoil.key"}) {
            write(file, "");
        }
    }

    Root root() const { return test_.root(); }
    std::string at(std::string const& path) const { return test_.path() + path; }

    void write(std::string const& path, std::string const& text) const
    {
        std::filesystem::create_directories(std::filesystem::path(at(path)).parent_path());
        std::ofstream(at(path)) << text;
    }

    // Everything below /etc: its kind, mode and bytes.
    std::map<std::string, std::string> etc() const
    {
        std::map<std::string, std::string> found;
        for (auto const& entry : std::filesystem::recursive_directory_iterator(at("/etc"))) {
            struct stat status {};
            ::lstat(entry.path().c_str(), &status);
            std::ostringstream text;
            text << std::oct << status.st_mode << ' ' << status.st_uid << ' ';
            if (entry.is_symlink()) text << std::filesystem::read_symlink(entry.path());
            if (entry.is_regular_file()) text << std::ifstream(entry.path()).rdbuf();
            found[entry.path().string().substr(test_.path().size())] = text.str();
        }
        return found;
    }

    // Both run; Dovecot with sockets of its own, as before a first setup.
    void start()
    {
        runs_ = true;
        make_sockets();
    }

    bool ran(std::string const& words) const { return std::find(ran_.begin(), ran_.end(), words) != ran_.end(); }

    Runner runner()
    {
        return [this](std::vector<std::string> const& words) { return run(words); };
    }

    std::vector<std::string> ran_;
    std::string broken_;          // the words that end with an error
    int breaks_ = 1'000;          // how often
    bool dies_ = false;           // Postfix, when it is started
    std::string doveconf_extra_;  // what doveconf says beyond the files
    std::string postfix_version_ = "3.7.11\n";
    std::string dovecot_version_ = "2.3.19.1 (9b53102964)\n";
    std::string cyrus_version_ = "cyrus-imapd 3.6.1-Debian-3.6.1-4+deb12u5\n";
    bool runs_ = false;

private:
    Result<std::string> run(std::vector<std::string> words)
    {
        // Where the root or the copy is differs from test to test.
        std::string folder = at("/etc/postfix");
        if (words.size() > 2 && words[1] == "-c") {
            folder = words[2];
            words.erase(words.begin() + 1, words.begin() + 3);
        }
        auto const line = joined(words, " ");
        ran_.push_back(line);
        if (!broken_.empty() && line.starts_with(broken_) && breaks_-- > 0)
            return fail(Fault::invalid, line + " ended with 1: broken");
        if (line == "dovecot --version") return dovecot_version_;
        if (line == "/usr/lib/cyrus/bin/cyr_info version") return cyrus_version_;
        if (line.starts_with("/usr/lib/cyrus/bin/cyr_info -C ")) return root().read("/etc/imapd.conf");
        if (words[0] == "gpasswd") return gpasswd(words[3] == "-a", words[4], words[5]);
        if (line == "postconf -dh mail_version") return postfix_version_;
        if (line == "postconf -hx myhostname") return std::string("mx.example.test\n");
        if (line.starts_with("postconf -hx ")) return expanded(folder, words[2]);
        if (words[0] == "postconf") return postconf(folder, words);
        if (line == "doveconf -P -h last_login/key") return std::string("last-login/%{protocol}/%{user}\n");
        if (line == "doveconf -P -h ssl_key") return std::string("</etc/dovecot/private/dovecot.key\n");
        if (words[0] == "doveconf") return is_2_4() ? doveconf_2_4(line == "doveconf -a") : doveconf_text();
        if (line == "postfix stop") postfix_stopped_ = true;
        if (line == "postfix start" || line.starts_with("systemctl restart postfix")) postfix_stopped_ = dies_;
        if (line == "postfix status" && postfix_stopped_) return fail(Fault::invalid, "does not run");
        if (line == "doveadm service status" || line == "postfix status" || words[1] == "is-active") {
            return runs_ ? Result<std::string>("") : fail(Fault::invalid, "does not run");
        }
        if (line == "doveadm reload" || line == "systemctl reload dovecot") reload();
        return std::string();
    }

    // A group that the tests made has no members or this one.
    Result<std::string> gpasswd(bool joins, std::string const& user, std::string const& group) const
    {
        std::string text;
        auto const groups = *root().read("/etc/group");
        for (auto const line : split(groups, '\n')) {
            if (line.empty()) continue;
            auto const is_it = line.starts_with(group + ":");
            text +=
                (is_it ? std::string(line.substr(0, line.rfind(':') + 1)) + (joins ? user : "") : std::string(line)) +
                "\n";
        }
        write("/etc/group", text);
        return std::string();
    }

    std::string doveconf_text() const
    {
        std::string text =
            "base_dir = /run/dovecot\nlibexec_dir = /usr/lib/dovecot\nlisten = *, ::\nlog_path = syslog\n"
            "mail_plugin_dir = /usr/lib/dovecot/modules\nprotocols = \" imap lmtp sieve pop3\"\n"
            "mail_location = mbox:~/mail:INBOX=/var/mail/%u\nssl_min_protocol = TLSv1.2\n"
            "ssl_key = # hidden, use -P to show it\nssl_cert = </etc/dovecot/private/dovecot.pem\n"
            "passdb {\n  driver = pam\n}\nnamespace inbox {\n  inbox = yes\n}\n";
        text += listeners + doveconf_extra_;
        if (is_ours()) text += *root().read("/etc/dovecot/provost.conf");
        return text;
    }

    bool is_2_4() const { return dovecot_version_.starts_with("2.4"); }

    // It says otherwise what was written, and leaves defaults out where they are not asked for by their names.
    std::string doveconf_2_4(bool without_defaults) const
    {
        std::string text = "protocols = imap lmtp sieve pop3\nmail_driver = mbox\nmail_path = %{home}/mail\n";
        if (!without_defaults) text += std::string("libexec_dir = /usr/lib/dovecot\n") + listeners;
        text += "listen =" + std::string(without_defaults ? "" : " * ::") + "\nlog_path = syslog\n" +
                "mail_plugin_dir = /usr/lib/dovecot/modules\nssl_min_protocol = TLSv1.2\nssl_server {\n" +
                "  cert_file = /etc/dovecot/private/dovecot.pem\n  key_file = /etc/dovecot/private/dovecot.key\n}\n" +
                "passdb pam {\n}\nnamespace inbox {\n  inbox = yes\n}\n" + doveconf_extra_;
        if (!is_ours()) return text;
        auto const ours = *root().read("/etc/dovecot/provost.conf");
        for (auto const line : split(ours, '\n')) {
            auto const bare = trimmed(line);
            auto const value = bare.substr(std::min(bare.size(), bare.find('=') + 2));
            if (bare.starts_with("special_use")) {
                text += "special_use = \"\\" + std::string(value) + "\"\n";
            } else if (bare.starts_with("key = ")) {
                text += "key = # hidden, use -P to show it\n";
            } else {
                text += std::string(line) + "\n";
            }
        }
        return text;
    }

    bool is_ours() const
    {
        for (auto file : {"/etc/dovecot/local.conf", "/etc/dovecot/dovecot.conf"}) {
            auto const conf = root().read(file);
            if (conf && conf->find("!include /etc/dovecot/provost.conf\n") != std::string::npos) return true;
        }
        return false;
    }

    // It removes what is at its sockets' paths when it has none there any more.
    void reload()
    {
        if (!is_ours()) return make_sockets();
        for (auto const& link : socket_links(config::default_settings())) {
            if (own_sockets_) std::filesystem::remove(at(link.path));
        }
        own_sockets_ = false;
    }

    void make_sockets()
    {
        for (auto const& link : socket_links(config::default_settings())) {
            std::filesystem::create_directories(std::filesystem::path(at(link.path)).parent_path());
            std::filesystem::remove(at(link.path));
            ::mknod(at(link.path).c_str(), S_IFSOCK | 0600, 0);
        }
        own_sockets_ = true;
    }

    using Lines = std::vector<std::string>;

    static Lines logical_lines(std::string const& path)
    {
        Lines lines;
        std::ifstream in(path);
        for (std::string line; std::getline(in, line);) {
            if (!line.empty() && (line[0] == ' ' || line[0] == '\t') && !lines.empty()) {
                lines.back() += " " + std::string(trimmed(line));
            } else {
                lines.push_back(line);
            }
        }
        return lines;
    }

    static void write_lines(std::string const& path, Lines const& lines)
    {
        std::ofstream out(path);
        for (auto const& line : lines) out << line << '\n';
    }

    static std::string name_of(std::string const& line, bool master)
    {
        if (line.empty() || line[0] == '#') return {};
        if (!master) return std::string(trimmed(line.substr(0, line.find('='))));
        std::istringstream words(line);
        std::string name, type;
        words >> name >> type;
        return name + "/" + type;
    }

    static std::string listed(std::string const& folder, std::string const& flag)
    {
        std::string text;
        for (auto const& line : logical_lines(folder + (flag == "-n" ? "/main.cf" : "/master.cf"))) {
            auto const name = name_of(line, flag != "-n");
            if (name.empty()) continue;
            if (flag != "-P") text += line.substr(0, line.find(" -o ")) + "\n";
            if (flag != "-P") continue;
            for (auto at = line.find(" -o "); at != std::string::npos; at = line.find(" -o ", at + 1)) {
                auto const option = line.substr(at + 4, line.find(" -o ", at + 1) - at - 4);
                auto const equals = option.find('=');
                text += name + "/" + option.substr(0, equals) + " = " + option.substr(equals + 1) + "\n";
            }
        }
        return text;
    }

    // Of what a value refers to only $myhostname is put in its place.
    static std::string expanded(std::string const& folder, std::string const& name)
    {
        for (auto line : logical_lines(folder + "/main.cf")) {
            if (name_of(line, false) != name) continue;
            auto const at = line.find("$myhostname");
            if (at != std::string::npos) line.replace(at, 11, "mx.example.test");
            return std::string(trimmed(line.substr(line.find('=') + 1))) + "\n";
        }
        return "\n";
    }

    Result<std::string> postconf(std::string const& folder, std::vector<std::string> const& words)
    {
        auto const& flag = words.at(1);
        if (words.size() == 2) return listed(folder, flag);
        auto const in_main = flag == "-e" || flag == "-X";
        auto const path = folder + (in_main ? "/main.cf" : "/master.cf");
        auto lines = logical_lines(path);
        for (std::size_t i = 2; i < words.size(); ++i) {
            auto const equals = words[i].find('=');
            edit(lines, flag, words[i].substr(0, equals),
                 equals == std::string::npos ? std::string() : words[i].substr(equals + 1));
        }
        write_lines(path, lines);
        return std::string();
    }

    static void edit(Lines& lines, std::string const& flag, std::string const& key, std::string const& value)
    {
        auto const of_option = flag == "-P" || flag == "-PX";
        auto const in_main = flag == "-e" || flag == "-X";
        auto const name = of_option ? key.substr(0, key.rfind('/')) : key;
        auto const found =
            std::find_if(lines.begin(), lines.end(), [&](auto const& line) { return name_of(line, !in_main) == name; });
        if (flag == "-X" || flag == "-MX") {
            if (found != lines.end()) lines.erase(found);
            return;
        }
        if (of_option) {
            auto const option = " -o " + key.substr(key.rfind('/') + 1) + "=";
            auto const at = found->find(option);
            if (at != std::string::npos) found->erase(at, found->find(" -o ", at + 1) - at);
            if (flag == "-P") *found += option + value;
            return;
        }
        auto const line = in_main ? key + " = " + value : value;
        if (found == lines.end()) {
            lines.push_back(line);
        } else {
            *found = line;
        }
    }

    TestRoot test_;
    bool own_sockets_ = false;
    bool postfix_stopped_ = false;
};

}  // namespace provost::host
