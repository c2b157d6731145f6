// spec: writes a config.json to start from.
#include <fcntl.h>
#include <unistd.h>

#include <nlohmann/json.hpp>

#include "base/files.h"
#include "base/json.h"
#include "runtime/cli/command.h"
#include "runtime/spec/default_spec.h"
#include "runtime/spec/spec_parse.h"

namespace berth::runtime::cli {
namespace {

constexpr Option kSpecOptions[] = {
    {"bundle", 'b', "DIR", "Where to write it (default: the current directory)"},
    {"file", 'f', "FILE", "Its name there, or its path (default: config.json)"},
    {"rootless", 0, nullptr, "For a user namespace of the calling user"},
};

// A user namespace in which the caller is root, as he may make one without help; so there is no
// other group to give terminals to, and sysfs is the host's.
void MakeRootless(Spec& spec) {
  spec.linux_.namespaces.push_back({.type = "user"});
  std::erase_if(spec.linux_.namespaces, [](const Namespace& ns) { return ns.type == "network"; });
  spec.linux_.uidMappings = {{.containerID = 0, .hostID = ::geteuid(), .size = 1}};
  spec.linux_.gidMappings = {{.containerID = 0, .hostID = ::getegid(), .size = 1}};
  for (Mount& mount : spec.mounts) {
    std::erase(mount.options, "gid=5");
    if (mount.type == "sysfs") {
      mount = {.destination = "/sys",
               .type = "none",
               .source = "/sys",
               .options = {"rbind", "nosuid", "noexec", "nodev", "ro"}};
    }
  }
}

Result<int> RunSpec(const Globals&, const Arguments& arguments) {
  Spec spec = DefaultSpec();
  spec.root = {.path = "rootfs", .readonly = true};
  spec.ociVersion = "1.0.2";  // which has all that is in it: older runtimes can use it, too
  spec.hostname = "berth";
  spec.process.args = {"sh"};
  spec.process.env = {"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
                      "TERM=xterm"};
  spec.process.terminal = true;
  if (arguments.Has("rootless")) MakeRootless(spec);
  const std::string file = arguments.Value("file", "config.json");
  const bool absolute = file.starts_with('/');
  const std::string path = absolute ? file : arguments.Value("bundle", ".") + "/" + file;
  if (Exists(path)) return MakeError("{} exists already", path);
  TRY(WriteNewFile(path, DumpJsonPretty(TRY(ParseJson(DumpSpec(spec)))) + "\n"));
  return 0;
}

}  // namespace

const Command kSpec = {.name = "spec",
                       .words = "",
                       .help = "Write a config.json to start from",
                       .options = kSpecOptions,
                       .order = Order::kAnywhere,
                       .least_words = 0,
                       .most_words = 0,
                       .run = RunSpec};

}  // namespace berth::runtime::cli
