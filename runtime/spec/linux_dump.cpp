#include "runtime/spec/resources_parse.h"
#include "runtime/spec/spec_dump.h"

namespace berth::runtime {

void Write(std::string& out, const IdMapping& mapping) {
  JsonObject json(out);
  json.Always("containerID", mapping.containerID);
  json.Always("hostID", mapping.hostID);
  json.Always("size", mapping.size);
}

// `static`, not in an unnamed namespace: JsonObject finds these by the type of the value.
static void Write(std::string& out, const std::map<std::string, TimeOffset>& offsets) {
  JsonObject json(out);
  for (const auto& [clock, offset] : offsets) {
    JsonObject inner(json.Name(clock));
    inner.Always("secs", offset.secs);
    inner.Always("nanosecs", offset.nanosecs);
  }
}

static void Write(std::string& out, const std::map<std::string, NetDevice>& devices) {
  JsonObject json(out);
  for (const auto& [name, device] : devices) {
    JsonObject inner(json.Name(name));
    inner.Put("name", device.name);
  }
}

static void Write(std::string& out, const IntelRdt& rdt) {
  JsonObject json(out);
  json.Put("closID", rdt.closID);
  json.Put("l3CacheSchema", rdt.l3CacheSchema);
  json.Put("memBwSchema", rdt.memBwSchema);
  json.Put("schemata", rdt.schemata);
  json.Put("enableMonitoring", rdt.enableMonitoring);
}

static void Write(std::string& out, const Namespace& ns) {
  JsonObject json(out);
  json.Always("type", ns.type);
  json.Put("path", ns.path);
}

static void Write(std::string& out, const Device& device) {
  JsonObject json(out);
  json.Always("type", device.type);
  json.Always("path", device.path);
  json.Always("major", device.major);
  json.Always("minor", device.minor);
  json.Put("fileMode", device.fileMode);
  json.Put("uid", device.uid);
  json.Put("gid", device.gid);
}

static void Write(std::string& out, const SeccompArg& arg) {
  JsonObject json(out);
  json.Always("index", arg.index);
  json.Always("value", arg.value);
  json.Always("valueTwo", arg.valueTwo);
  json.Always("op", arg.op);
}

static void Write(std::string& out, const SeccompSyscall& rule) {
  JsonObject json(out);
  json.Always("names", rule.names);
  json.Always("action", rule.action);
  json.Put("errnoRet", rule.errnoRet);
  json.Put("args", rule.args);
}

static void Write(std::string& out, const Seccomp& seccomp) {
  JsonObject json(out);
  json.Always("defaultAction", seccomp.defaultAction);
  json.Put("defaultErrnoRet", seccomp.defaultErrnoRet);
  json.Put("architectures", seccomp.architectures);
  json.Put("flags", seccomp.flags);
  json.Put("syscalls", seccomp.syscalls);
  json.Put("listenerPath", seccomp.listenerPath);
  json.Put("listenerMetadata", seccomp.listenerMetadata);
}

static void Write(std::string& out, const MemoryPolicy& policy) {
  JsonObject json(out);
  json.Always("mode", policy.mode);
  json.Put("nodes", policy.nodes);
  json.Put("flags", policy.flags);
}

static void Write(std::string& out, const Personality& personality) {
  JsonObject json(out);
  json.Always("domain", personality.domain);
  json.Put("flags", personality.flags);
}

void Write(std::string& out, const Linux& config) {
  JsonObject json(out);
  json.Put("namespaces", config.namespaces);
  json.Put("uidMappings", config.uidMappings);
  json.Put("gidMappings", config.gidMappings);
  json.Put("devices", config.devices);
  json.Put("cgroupsPath", config.cgroupsPath);
  if (config.resources != Resources()) json.Name("resources") += DumpResources(config.resources);
  json.Put("maskedPaths", config.maskedPaths);
  json.Put("readonlyPaths", config.readonlyPaths);
  json.Put("mountLabel", config.mountLabel);
  json.Put("rootfsPropagation", config.rootfsPropagation);
  json.Put("sysctl", config.sysctl);
  json.Put("timeOffsets", config.timeOffsets);
  json.Put("seccomp", config.seccomp);
  json.Put("memoryPolicy", config.memoryPolicy);
  json.Put("personality", config.personality);
  json.Put("intelRdt", config.intelRdt);
  json.Put("netDevices", config.netDevices);
}

}  // namespace berth::runtime
