// features: what this runtime can do (features.md).
#include <unistd.h>

#include <nlohmann/json.hpp>

#include "base/json.h"
#include "base/sys.h"
#include "runtime/cli/command.h"
#include "runtime/mounts/mount_options.h"
#include "runtime/process/capabilities.h"
#include "runtime/process/scheduling.h"
#include "runtime/seccomp/seccomp.h"
#include "runtime/seccomp/seccomp_names.h"
#include "runtime/spec/annotations.h"

namespace berth::runtime::cli {
namespace {

Json SeccompFeatures() {
  const SeccompNames names = KnownSeccompNames();
  return {{"enabled", true},
          {"actions", names.actions},
          {"operators", names.operators},
          {"archs", names.architectures},
          {"knownFlags", names.flags},
          {"supportedFlags", names.supported_flags}};
}

// What this runtime does, whatever the host can.
Json LinuxFeatures() {
  return {{"namespaces", {"cgroup", "ipc", "mount", "network", "pid", "time", "user", "uts"}},
          {"capabilities", CapabilityNames(~CapabilitySet{0})},
          {"cgroup",
           {{"v1", false}, {"v2", true}, {"systemd", true}, {"systemdUser", true}, {"rdma", true}}},
          {"seccomp", SeccompFeatures()},
          {"apparmor", {{"enabled", true}}},
          {"selinux", {{"enabled", true}}},
          {"intelRdt", {{"enabled", true}, {"schemata", true}, {"monitoring", true}}},
          {"netDevices", {{"enabled", true}}},
          {"memoryPolicy", {{"modes", MemoryPolicyModes()}, {"flags", MemoryPolicyFlags()}}},
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
      {"annotations",
       {{"dev.berth.version", BERTH_VERSION},
        {"org.opencontainers.runc.checkpoint.enabled", "true"},
        {"io.github.seccomp.libseccomp.version", LibseccompVersion()}}},
      {"potentiallyUnsafeConfigAnnotations", AnnotationNames()}};
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
