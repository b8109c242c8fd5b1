// SPDX-License-Identifier: Apache-2.0
#include <memory>

#include <CLI/CLI.hpp>

#include "provost/command.h"
#include "provost/completion.h"
#include "provost/manual.h"

namespace provost::cli {
namespace {

Action declare_completion(CLI::App& app)
{
    auto shell = std::make_shared<std::string>();
    app.add_option("SHELL", *shell, "bash, zsh or fish")->required()->check(CLI::IsMember({"bash", "zsh", "fish"}));
    return [shell](Session& session) {
        auto const command = command_shape();
        session.around.out << (*shell == "bash"  ? bash_completion(command)
                               : *shell == "zsh" ? zsh_completion(command)
                                                 : fish_completion(command));
        return Exit::done;
    };
}

Action declare_manual(CLI::App& app)
{
    auto name = std::make_shared<std::string>();
    app.add_option("PAGE", *name, "provost.1, provostd.8 or provost.toml.5")->required();
    return [name](Session& session) {
        auto const page = manual_page(*name, command_shape());
        if (!page) return complain(session, page.error());
        session.around.out << *page;
        return Exit::done;
    };
}

Action declare_units(CLI::App& app)
{
    auto folder = std::make_shared<std::string>();
    auto programs = std::make_shared<std::string>("/usr/local/sbin");
    app.add_option("FOLDER", *folder, "Such as /etc/systemd/system")->required();
    app.add_option("--programs", *programs, "Where provostd and provost-helper are")->capture_default_str();
    return [folder, programs](Session& session) {
        auto const files = session.around.write_units(*folder, *programs, session.settings_file);
        if (!files) return complain(session, files.error());
        for (auto const& file : *files) session.around.out << file << '\n';
        return Exit::done;
    };
}

}  // namespace

Group packaging_group()
{
    return {"",
            "",
            {{{"completion"},
              "Print a script by which a shell completes this command",
              "provost completion bash",
              declare_completion,
              true},
             {{"manual"}, "Print a page for man(1)", "provost manual provost.1", declare_manual, true},
             {{"units"},
              "Write the units of systemd, and print their files",
              "provost units /etc/systemd/system",
              declare_units,
              true}}};
}

}  // namespace provost::cli
