// SPDX-License-Identifier: Apache-2.0
// Postfix's files edited by postconf where nobody reads them: on copies in a temporary folder.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "host/files.h"
#include "host/postfix.h"
#include "host/versions.h"

namespace provost::host {

// What Postfix's files say, as postconf reads them, with single blanks.
struct PostfixNow {
    using Known = std::map<std::string, std::string, std::less<>>;
    Known main = {};      // what main.cf sets: name, value
    Known services = {};  // master.cf's entries: "smtp/inet", their eight fields
    Known options = {};   // what they override: "smtp/inet/parameter", value

    std::string value(std::string_view name) const;  // empty where main.cf does not set it
};

class PostfixCopy {
public:
    // Of the texts of a main.cf and a master.cf. `run` must outlive it.
    static Result<PostfixCopy> make(std::string const& main, std::string const& master, Runner const& run);
    PostfixCopy(PostfixCopy&& other) noexcept;
    PostfixCopy& operator=(PostfixCopy&&) = delete;
    ~PostfixCopy();

    PostfixNow const& now() const { return now_; }
    // Makes those of the edits that are not so yet. Fault::conflict where postconf leaves one undone.
    Result<void> apply(std::vector<PostfixEdit> const& edits);
    // As Postfix calls the host, whether main.cf says so or the system.
    Result<std::string> host_name() const { return expanded("myhostname"); }
    // A value with all that it refers to in its place.
    Result<std::string> expanded(std::string const& name) const;
    Result<std::string> main() const;
    Result<std::string> master() const;

private:
    PostfixCopy(std::string folder, Runner const& run) : folder_(std::move(folder)), run_(&run) {}
    Result<std::vector<PostfixEdit>> append(std::vector<PostfixEdit> const& edits);
    std::vector<std::string> postconf(std::string const& flag) const;
    Result<PostfixNow> read() const;

    std::string folder_;
    std::string main_, master_;  // as they were
    Runner const* run_;
    PostfixNow now_;
};

// The edits that are not so yet.
std::vector<PostfixEdit> pending_edits(std::vector<PostfixEdit> const& edits, PostfixNow const& now);

// The words of a list that Postfix takes with commas or blanks between them.
std::vector<std::string> listed_words(std::string_view text);

// The text with single blanks between its words.
std::string words_of(std::string_view text);

}  // namespace provost::host
