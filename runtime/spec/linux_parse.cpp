#include "runtime/spec/linux_parse.h"

#include "runtime/namespaces.h"
#include "runtime/network/net_devices.h"
#include "runtime/process/scheduling.h"
#include "runtime/rdt/intel_rdt.h"
#include "runtime/spec/parse_checks.h"
#include "runtime/spec/resources_parse.h"
#include "runtime/spec/seccomp_parse.h"

namespace berth::runtime {

void ReadJson(const JsonReader& in, IdMapping& out) {
  in.Require("containerID", out.containerID);
  in.Require("hostID", out.hostID);
  in.Require("size", out.size);
}

// `static`, not in the unnamed namespace: JsonReader finds these by the type of `out`.
static void ReadJson(const JsonReader& in, TimeOffset& out) {
  in.Read("secs", out.secs);
  in.Read("nanosecs", out.nanosecs);
  if (out.nanosecs > 999'999'999) in.Complain("nanosecs must be below 1000000000");
}

static void ReadJson(const JsonReader& in, Namespace& out) {
  in.Require("type", out.type);
  in.Read("path", out.path);
  if (NamespaceFlag(out.type) == 0) {
    return in.Complain(fmt::format("unknown namespace type \"{}\"", out.type));
  }
  if (!out.path.empty()) RequireAbsolute(in, "path", out.path);
}

static void ReadJson(const JsonReader& in, Device& out) {
  constexpr std::array<std::string_view, 4> kTypes = {"c", "u", "b", "p"};
  in.Require("type", out.type);
  in.Require("path", out.path);
  if (out.type == "p") {
    in.Read("major", out.major);
    in.Read("minor", out.minor);
  } else {
    in.Require("major", out.major);
    in.Require("minor", out.minor);
  }
  in.Read("fileMode", out.fileMode);
  in.Read("uid", out.uid);
  in.Read("gid", out.gid);
  RequireOneOf(in, "type", out.type, kTypes);
  RequireAbsolute(in, "path", out.path);
}

static void ReadJson(const JsonReader& in, NetDevice& out) {
  in.Read("name", out.name);
  if (!out.name.empty()) Complain(in, CheckInterfaceName(out.name));
}

static void ReadJson(const JsonReader& in, IntelRdt& out) {
  in.Read("closID", out.closID);
  in.Read("l3CacheSchema", out.l3CacheSchema);
  in.Read("memBwSchema", out.memBwSchema);
  in.Read("schemata", out.schemata);
  in.Read("enableMonitoring", out.enableMonitoring);
  // What enableMonitoring was before 1.3: cache and bandwidth each by itself.
  for (const std::string_view name : {"enableCMT", "enableMBM"}) {
    bool enable = false;
    in.Read(name, enable);
    out.enableMonitoring |= enable;
  }
  Complain(in, CheckIntelRdt(out));
}

static void ReadJson(const JsonReader& in, MemoryPolicy& out) {
  in.Require("mode", out.mode);
  in.Read("nodes", out.nodes);
  in.Read("flags", out.flags);
  Complain(in, CheckMemoryPolicy(out));
}

static void ReadJson(const JsonReader& in, Personality& out) {
  in.Require("domain", out.domain);
  in.Read("flags", out.flags);
  Complain(in, CheckPersonality(out));
}

void ReadJson(const JsonReader& in, Linux& out) {
  constexpr std::array<std::string_view, 9> kPropagations = {
      "",        "shared", "slave",    "private",    "unbindable",
      "rshared", "rslave", "rprivate", "runbindable"};
  in.Read("namespaces", out.namespaces);
  in.Read("uidMappings", out.uidMappings);
  in.Read("gidMappings", out.gidMappings);
  in.Read("devices", out.devices);
  in.Read("cgroupsPath", out.cgroupsPath);
  in.Read("resources", out.resources);
  in.Read("maskedPaths", out.maskedPaths);
  in.Read("readonlyPaths", out.readonlyPaths);
  in.Read("rootfsPropagation", out.rootfsPropagation);
  in.Read("sysctl", out.sysctl);
  in.Read("timeOffsets", out.timeOffsets);
  for (const auto& [clock, offset] : out.timeOffsets) {
    if (clock != "monotonic" && clock != "boottime") {
      in.Complain(fmt::format("timeOffsets has an unknown clock \"{}\"", clock));
    }
  }
  in.Read("seccomp", out.seccomp);
  in.Read("mountLabel", out.mountLabel);
  RefuseNul(in, {out.mountLabel});
  in.Read("personality", out.personality);
  in.Read("intelRdt", out.intelRdt);
  in.Read("netDevices", out.netDevices);
  if (!out.netDevices.empty() && FindNamespace(out, "network") == nullptr) {
    in.Complain("netDevices needs a network namespace in namespaces");
  }
  in.Read("memoryPolicy", out.memoryPolicy);
  RequireAllAbsolute(in, "maskedPaths", out.maskedPaths);
  RequireAllAbsolute(in, "readonlyPaths", out.readonlyPaths);
  RequireOneOf(in, "rootfsPropagation", out.rootfsPropagation, kPropagations);
  for (size_t i = 0; i < out.namespaces.size(); ++i) {
    for (size_t j = 0; j < i; ++j) {
      if (out.namespaces[i].type != out.namespaces[j].type) continue;
      in.Complain(fmt::format("namespaces has {} twice", out.namespaces[i].type));
    }
  }
}

}  // namespace berth::runtime
