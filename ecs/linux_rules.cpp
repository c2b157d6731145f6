#include <array>
#include <map>

#include "base/text.h"
#include "ecs/names.h"
#include "ecs/rules.h"

namespace berth::ecs {
namespace {

// The API's list; it lacks the capabilities that are younger than Linux 3.5.
constexpr auto kCapabilities = std::to_array<std::string_view>(
    {"ALL",        "AUDIT_CONTROL",   "AUDIT_WRITE",      "BLOCK_SUSPEND",
     "CHOWN",      "DAC_OVERRIDE",    "DAC_READ_SEARCH",  "FOWNER",
     "FSETID",     "IPC_LOCK",        "IPC_OWNER",        "KILL",
     "LEASE",      "LINUX_IMMUTABLE", "MAC_ADMIN",        "MAC_OVERRIDE",
     "MKNOD",      "NET_ADMIN",       "NET_BIND_SERVICE", "NET_BROADCAST",
     "NET_RAW",    "SETFCAP",         "SETGID",           "SETPCAP",
     "SETUID",     "SYS_ADMIN",       "SYS_BOOT",         "SYS_CHROOT",
     "SYS_MODULE", "SYS_NICE",        "SYS_PACCT",        "SYS_PTRACE",
     "SYS_RAWIO",  "SYS_RESOURCE",    "SYS_TIME",         "SYS_TTY_CONFIG",
     "SYSLOG",     "WAKE_ALARM"});

constexpr auto kTmpfsOptions = std::to_array<std::string_view>(
    {"defaults",   "ro",          "rw",         "suid",        "nosuid",       "dev",     "nodev",
     "exec",       "noexec",      "sync",       "async",       "dirsync",      "remount", "mand",
     "nomand",     "atime",       "noatime",    "diratime",    "nodiratime",   "bind",    "rbind",
     "unbindable", "runbindable", "private",    "rprivate",    "shared",       "rshared", "slave",
     "rslave",     "relatime",    "norelatime", "strictatime", "nostrictatime"});

// Written with a value, as mode=1777.
constexpr auto kTmpfsSettings =
    std::to_array<std::string_view>({"mode", "uid", "gid", "nr_inodes", "nr_blocks", "mpol"});

constexpr auto kIpcControls = std::to_array<std::string_view>(
    {"kernel.msgmax", "kernel.msgmnb", "kernel.msgmni", "kernel.sem", "kernel.shmall",
     "kernel.shmmax", "kernel.shmmni", "kernel.shm_rmid_forced"});

template <size_t N>
bool Has(const std::array<std::string_view, N>& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

void CheckCapabilities(const std::vector<std::string>& names, const Place& at) {
  for (size_t i = 0; i < names.size(); ++i) {
    if (Has(kCapabilities, names[i])) continue;
    const std::string_view name = names[i];
    const bool prefixed = name.starts_with("CAP_") && Has(kCapabilities, name.substr(4));
    at[i].Complain("must be a capability as NET_ADMIN{}, not {}",
                   prefixed ? ", without CAP_" : " or ALL", QuoteJson(name));
  }
}

void CheckTmpfs(const Tmpfs& tmpfs, const Place& at) {
  if (at.CheckGiven("containerPath", tmpfs.containerPath)) {
    at["containerPath"].CheckAbsolute(tmpfs.containerPath);
  }
  at["size"].CheckRange(tmpfs.size, 1, INT32_MAX);
  for (size_t i = 0; i < tmpfs.mountOptions.size(); ++i) {
    const std::string_view option = tmpfs.mountOptions[i];
    const size_t equals = option.find('=');
    const bool known = equals == std::string_view::npos
                           ? Has(kTmpfsOptions, option)
                           : Has(kTmpfsSettings, option.substr(0, equals));
    if (known) continue;
    at["mountOptions"][i].Complain("must be a mount option as noexec or mode=1777, not {}",
                                   QuoteJson(option));
  }
}

bool IsIpcControl(std::string_view name) {
  return Has(kIpcControls, name) || name.starts_with("fs.mqueue.");
}

}  // namespace

void CheckLinuxParameters(const LinuxParameters& parameters, const Place& at) {
  if (parameters.capabilities) {
    CheckCapabilities(parameters.capabilities->add, at["capabilities"]["add"]);
    CheckCapabilities(parameters.capabilities->drop, at["capabilities"]["drop"]);
  }
  for (size_t i = 0; i < parameters.devices.size(); ++i) {
    const Device& device = parameters.devices[i];
    const Place place = at["devices"][i];
    if (place.CheckGiven("hostPath", device.hostPath)) {
      place["hostPath"].CheckAbsolute(device.hostPath);
    }
    if (device.containerPath) place["containerPath"].CheckAbsolute(*device.containerPath);
  }
  for (size_t i = 0; i < parameters.tmpfs.size(); ++i)
    CheckTmpfs(parameters.tmpfs[i], at["tmpfs"][i]);
  if (parameters.sharedMemorySize) {
    at["sharedMemorySize"].CheckRange(*parameters.sharedMemorySize, 1, INT32_MAX);
  }
  if (parameters.maxSwap) at["maxSwap"].CheckRange(*parameters.maxSwap, 0, INT32_MAX);
  if (parameters.swappiness) at["swappiness"].CheckRange(*parameters.swappiness, 0, 100);
}

void CheckUlimits(const std::vector<Ulimit>& ulimits, const Place& at) {
  std::map<UlimitName, size_t> first;
  for (size_t i = 0; i < ulimits.size(); ++i) {
    const auto& [name, soft, hard] = ulimits[i];
    const auto [other, is_new] = first.emplace(name, i);
    if (!is_new) {
      at[i]["name"].Complain("{} is set by {} as well", NameOf(name), at[other->second].path());
    }
    at[i]["softLimit"].CheckLeast(soft, -1);
    at[i]["hardLimit"].CheckLeast(hard, -1);
    const bool below = hard != -1 && (soft == -1 || hard < soft);
    if (!below || soft < -1 || hard < -1) continue;
    at[i]["hardLimit"].Complain("must be at least softLimit ({}), not {}",
                                soft == -1 ? "-1: unlimited" : std::to_string(soft), hard);
  }
}

void CheckSystemControls(const TaskDefinition& definition, const Place& at) {
  for (size_t i = 0; i < definition.containerDefinitions.size(); ++i) {
    const auto& controls = definition.containerDefinitions[i].systemControls;
    for (size_t j = 0; j < controls.size(); ++j) {
      const auto& [name, value] = controls[j];
      const Place control = at["containerDefinitions"][i]["systemControls"][j];
      control.CheckGiven("value", value);
      if (!control.CheckGiven("namespace", name)) continue;
      const Place place = control["namespace"];
      const bool network = name.starts_with("net.");
      if (!IsMadeOf(name, "._-/") || (!network && !IsIpcControl(name))) {
        place.Complain("must start with net. or fs.mqueue. or be one of {}, not {}",
                       Join({kIpcControls.begin(), kIpcControls.end()}, ", "), QuoteJson(name));
      } else if (network && definition.networkMode == NetworkMode::kHost) {
        place.Complain("{} must not be set in networkMode host: it is the host's", name);
      } else if (!network && definition.ipcMode == IpcMode::kHost) {
        place.Complain("{} must not be set in ipcMode host: it is the host's", name);
      }
    }
  }
}

}  // namespace berth::ecs
