// SPDX-License-Identifier: Apache-2.0
// The folder of the copy: which file is in use, who uses it, and whether the last one who did came to an end.
#pragma once

#include <memory>
#include <string>

#include "base/result.h"
#include "replica/environment.h"

namespace provost::replica {

class Folder {
public:
    // Makes the folder if needed and locks it; `conflict` where another daemon has it, `unavailable` where it cannot
    // be made or opened.
    static Result<std::unique_ptr<Folder>> open(std::string const& path);
    ~Folder();  // a clean end
    Folder(Folder const&) = delete;
    Folder& operator=(Folder const&) = delete;

    // The copy that was in use, or null where there is none that can be trusted; `why` tells then. A copy is set aside
    // that is torn, of another format, or was left behind by a machine that went down under it: LMDB's pages have no
    // checksums. A daemon that was killed leaves a sound one, since what it wrote is in the kernel's hands; it is read
    // through once nevertheless, for it may have died of the copy itself. SystemLacks says nothing of the copy.
    std::shared_ptr<Environment> current(std::size_t map_bytes, std::string& why);

    // A name for a copy to be built. A folder that was removed is made again; EnvironmentError where it cannot be.
    std::string next_file();
    // Makes a finished copy the one in use from now on, and forgets the one that was.
    void use(Environment const& finished);

    // When the record was last heard of is known to whoever has the copy next. Written by the clock that people set,
    // which only this may be judged by.
    void note_contact() const;
    std::optional<std::chrono::milliseconds> since_contact() const;

private:
    Folder(std::string path, int lock);
    void set_aside(std::string const& file);
    void make_again();
    void stamp() const;
    void remove_others() const;

    std::string path_;
    int lock_;
    std::string current_;  // name of the file in use, without its folder
    unsigned next_ = 1;
    bool is_in_use_ = false;
};

}  // namespace provost::replica
