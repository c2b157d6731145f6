// A container's configuration, config.json of the OCI runtime specification, as typed structs.
// Fields keep the names they have there; what is absent from a document has the value given here.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "runtime/spec/extensions.h"
#include "runtime/spec/hooks.h"
#include "runtime/spec/intel_rdt.h"
#include "runtime/spec/resources.h"
#include "runtime/spec/scheduling.h"

namespace berth::runtime {

/// The version of the specification that this is.
inline constexpr const char* kOciVersion = "1.3.0";

struct ConsoleSize {
  uint32_t height = 0;
  uint32_t width = 0;
  bool operator==(const ConsoleSize&) const = default;
};

/// Nobody's id: setresuid(2) takes it for "as it is", and would leave a process root that is to be
/// somebody else.
inline constexpr uint32_t kNoId = UINT32_MAX;

/// Ids as they are inside the container.
struct User {
  uint32_t uid = 0;
  uint32_t gid = 0;
  std::optional<uint32_t> umask;  // 0022 if absent
  std::vector<uint32_t> additionalGids;
  bool operator==(const User&) const = default;
};

/// The five sets of capabilities(7), as names like CAP_NET_BIND_SERVICE.
struct Capabilities {
  std::vector<std::string> bounding;
  std::vector<std::string> effective;
  std::vector<std::string> inheritable;
  std::vector<std::string> permitted;
  std::vector<std::string> ambient;
  bool operator==(const Capabilities&) const = default;
};

/// A limit of setrlimit(2), as RLIMIT_NOFILE; RLIM_INFINITY is 2^64 - 1.
struct Rlimit {
  std::string type;
  uint64_t soft = 0;
  uint64_t hard = 0;
  bool operator==(const Rlimit&) const = default;
};

struct Process {
  bool terminal = false;
  std::optional<ConsoleSize> consoleSize;
  User user;
  std::vector<std::string> args;
  std::vector<std::string> env;  // NAME=value
  std::string cwd = "/";
  Capabilities capabilities;  // absent: none at all
  std::vector<Rlimit> rlimits;
  bool noNewPrivileges = false;
  std::string apparmorProfile;  // empty: as the caller is
  std::string selinuxLabel;
  std::optional<int> oomScoreAdj;
  std::optional<Scheduler> scheduler;
  std::optional<IoPriority> ioPriority;
  ExecCpuAffinity execCPUAffinity;
  bool operator==(const Process&) const = default;
};

struct Root {
  std::string path;  // relative to the bundle; unused when the caller hands over a mount
  bool readonly = false;
  bool operator==(const Root&) const = default;
};

/// By how much a clock of a new time namespace is ahead of the host's (time_namespaces(7)).
struct TimeOffset {
  int64_t secs = 0;
  uint32_t nanosecs = 0;
  bool operator==(const TimeOffset&) const = default;
};

struct IdMapping {
  uint32_t containerID = 0;
  uint32_t hostID = 0;
  uint32_t size = 0;
  bool operator==(const IdMapping&) const = default;
};

struct Mount {
  std::string destination;
  std::string type;
  std::string source;  // for bind mounts relative to the bundle, and resolved on the host
  std::vector<std::string> options;
  std::vector<IdMapping> uidMappings;
  std::vector<IdMapping> gidMappings;
  bool operator==(const Mount&) const = default;
};

struct Namespace {
  std::string type;  // pid, network, mount, ipc, uts, user, cgroup, time
  std::string path;  // of one to join, in the caller's view of files; empty: a new one
  bool operator==(const Namespace&) const = default;
};

struct Device {
  std::string type;  // c, u, b or p
  std::string path;
  uint32_t major = 0;
  uint32_t minor = 0;
  std::optional<uint32_t> fileMode;  // 0666 if absent
  std::optional<uint32_t> uid;       // 0 if absent
  std::optional<uint32_t> gid;
  bool operator==(const Device&) const = default;
};

/// What an interface of the host is to be in the container.
struct NetDevice {
  std::string name;  // empty: as on the host
  bool operator==(const NetDevice&) const = default;
};

struct SeccompArg {
  uint32_t index = 0;
  uint64_t value = 0;
  uint64_t valueTwo = 0;
  std::string op;  // SCMP_CMP_*
  bool operator==(const SeccompArg&) const = default;
};

struct SeccompSyscall {
  std::vector<std::string> names;
  std::string action;  // SCMP_ACT_*
  std::optional<uint32_t> errnoRet;
  std::vector<SeccompArg> args;  // all must match
  bool operator==(const SeccompSyscall&) const = default;
};

struct Seccomp {
  std::string defaultAction;
  std::optional<uint32_t> defaultErrnoRet;
  std::vector<std::string> architectures;  // SCMP_ARCH_*; the native one is always there
  std::vector<std::string> flags;          // SECCOMP_FILTER_FLAG_*
  std::vector<SeccompSyscall> syscalls;
  std::string listenerPath;  // who decides on SCMP_ACT_NOTIFY: a socket's path on the host
  std::string listenerMetadata;
  bool operator==(const Seccomp&) const = default;
};

struct Linux {
  std::vector<Namespace> namespaces;
  std::vector<IdMapping> uidMappings;
  std::vector<IdMapping> gidMappings;
  std::vector<Device> devices;
  std::string cgroupsPath;  // what it means depends on the cgroup manager: resources/place.h
  Resources resources;
  std::vector<std::string> maskedPaths;
  std::vector<std::string> readonlyPaths;
  std::string mountLabel;  // of SELinux, for the file systems that are made for the container
  std::string
      rootfsPropagation;  // shared, slave, private or unbindable (also r...); empty: private
  std::map<std::string, std::string> sysctl;
  std::map<std::string, TimeOffset> timeOffsets;  // "monotonic" and "boottime"
  std::optional<Seccomp> seccomp;
  std::optional<MemoryPolicy> memoryPolicy;
  std::optional<Personality> personality;
  std::optional<IntelRdt> intelRdt;
  std::map<std::string, NetDevice> netDevices;  // by their names on the host
  bool operator==(const Linux&) const = default;
};

struct Spec {
  std::string ociVersion = kOciVersion;
  Process process;  // args are empty if there is none: it can be created, but not started
  Root root;
  std::string hostname;
  std::string domainname;
  std::vector<Mount> mounts;
  std::map<std::string, std::string> annotations;
  Extensions extensions;  // what the annotations ask for: annotations.h
  Hooks hooks;
  Linux linux_;  // `linux` is a macro of the compiler's
  bool operator==(const Spec&) const = default;
};

}  // namespace berth::runtime
