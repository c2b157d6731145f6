#include "runtime/spec/default_spec.h"

namespace berth::runtime {
namespace {

std::vector<Mount> DefaultMounts() {
  return {
      {"/proc", "proc", "proc", {"nosuid", "noexec", "nodev"}},
      {"/dev", "tmpfs", "tmpfs", {"nosuid", "strictatime", "mode=755", "size=65536k"}},
      {"/dev/pts",
       "devpts",
       "devpts",
       {"nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620", "gid=5"}},
      {"/sys", "sysfs", "sysfs", {"nosuid", "noexec", "nodev", "ro"}},
      {"/sys/fs/cgroup", "cgroup", "cgroup", {"ro", "nosuid", "noexec", "nodev"}},
      {"/dev/mqueue", "mqueue", "mqueue", {"nosuid", "noexec", "nodev"}},
      {"/dev/shm", "tmpfs", "shm", {"nosuid", "noexec", "nodev", "mode=1777", "size=65536k"}},
  };
}

}  // namespace

Spec DefaultSpec() {
  const std::vector<std::string> capabilities = {
      "CAP_CHOWN",   "CAP_DAC_OVERRIDE", "CAP_FSETID",           "CAP_FOWNER",
      "CAP_MKNOD",   "CAP_NET_RAW",      "CAP_SETGID",           "CAP_SETUID",
      "CAP_SETFCAP", "CAP_SETPCAP",      "CAP_NET_BIND_SERVICE", "CAP_SYS_CHROOT",
      "CAP_KILL",    "CAP_AUDIT_WRITE"};
  Spec spec;
  spec.process.capabilities = {
      .bounding = capabilities, .effective = capabilities, .permitted = capabilities};
  spec.process.env = {"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"};
  spec.mounts = DefaultMounts();
  for (const char* type : {"pid", "network", "mount", "ipc", "uts", "cgroup"}) {
    spec.linux_.namespaces.push_back({.type = type});
  }
  spec.linux_.maskedPaths = {"/proc/acpi",
                             "/proc/asound",
                             "/proc/interrupts",
                             "/proc/kcore",
                             "/proc/keys",
                             "/proc/latency_stats",
                             "/proc/sched_debug",
                             "/proc/scsi",
                             "/proc/timer_list",
                             "/proc/timer_stats",
                             "/sys/devices/virtual/powercap",
                             "/sys/firmware"};
  spec.linux_.readonlyPaths = {"/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys",
                               "/proc/sysrq-trigger"};
  return spec;
}

}  // namespace berth::runtime
