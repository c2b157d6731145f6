// features: what this runtime can do (features.md).
#include <unistd.h>

#include <nlohmann/json.hpp>

#include "base/json.h"
#include "base/sys.h"
#include "runtime/cli/command.h"
#include "runtime/mounts/mount_options.h"
#include "runtime/process/capabilities.h"

namespace berth::runtime::cli {
namespace {

Json LinuxFeatures() {
  return {{"namespaces", {"cgroup", "ipc", "mount", "network", "pid", "time", "user", "uts"}},
          {"capabilities", CapabilityNames(~CapabilitySet{0})},
          {"cgroup",
           {{"v1", false}, {"v2", true}, {"systemd", true}, {"systemdUser", true}, {"rdma", true}}},
          {"apparmor", {{"enabled", false}}},
          {"selinux", {{"enabled", false}}},
          {"intelRdt", {{"enabled", false}}},
          {"mountExtensions", {{"idmap", {{"enabled", true}}}}}};
}

Result<int> RunFeatures(const Globals&, const Arguments&) {
  const Json features = {
      {"ociVersionMin", "1.0.0"},
      {"ociVersionMax", kOciVersion},
      {"hooks",
       {"prestart", "createRuntime", "createContainer", "startContainer", "poststart", "poststop"}},
      {"mountOptions", MountOptionNames()},
      {"linux", LinuxFeatures()},
      {"annotations", {{"dev.berth.version", BERTH_VERSION}}}};
  TRY(sys::WriteAll(STDOUT_FILENO, DumpJsonPretty(features) + "\n"));
  return 0;
}

}  // namespace

const Command kFeatures = {.name = "features",
                           .words = "",
                           .help = "Print what this runtime can do as JSON",
                           .options = {},
                           .order = Order::kAnywhere,
                           .least_words = 0,
                           .most_words = 0,
                           .run = RunFeatures};

}  // namespace berth::runtime::cli
