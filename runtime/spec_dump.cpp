#include <nlohmann/json.hpp>

#include "base/json.h"
#include "runtime/spec_parse.h"

namespace berth::runtime {
namespace {

// A field is written when it differs from what its absence means.
void Put(Json& json, const char* name, const std::string& value) {
  if (!value.empty()) json[name] = value;
}
void Put(Json& json, const char* name, bool value) {
  if (value) json[name] = true;
}
template <typename T>
void Put(Json& json, const char* name, const std::optional<T>& value) {
  if (value) json[name] = *value;
}
template <typename T>
void Put(Json& json, const char* name, const std::vector<T>& values) {
  if (!values.empty()) json[name] = values;
}
template <typename T>
Json List(const std::vector<T>& values) {
  Json list = Json::array();
  for (const T& value : values) list.push_back(ToJson(value));
  return list;
}
template <typename T>
void PutList(Json& json, const char* name, const std::vector<T>& values) {
  if (!values.empty()) json[name] = List(values);
}

}  // namespace

static Json ToJson(const Rlimit& limit) {
  return {{"type", limit.type}, {"soft", limit.soft}, {"hard", limit.hard}};
}

static Json ToJson(const User& user) {
  Json json = {{"uid", user.uid}, {"gid", user.gid}};
  Put(json, "umask", user.umask);
  Put(json, "additionalGids", user.additionalGids);
  return json;
}

static Json ToJson(const Capabilities& sets) {
  Json json = Json::object();
  Put(json, "bounding", sets.bounding);
  Put(json, "effective", sets.effective);
  Put(json, "inheritable", sets.inheritable);
  Put(json, "permitted", sets.permitted);
  Put(json, "ambient", sets.ambient);
  return json;
}

static Json ToJson(const Process& process) {
  Json json = Json::object();
  Put(json, "terminal", process.terminal);
  if (process.consoleSize) {
    json["consoleSize"] = {{"height", process.consoleSize->height},
                           {"width", process.consoleSize->width}};
  }
  json["user"] = ToJson(process.user);
  json["args"] = process.args;
  Put(json, "env", process.env);
  json["cwd"] = process.cwd;
  if (process.capabilities != Capabilities()) {
    json["capabilities"] = ToJson(process.capabilities);
  }
  PutList(json, "rlimits", process.rlimits);
  Put(json, "noNewPrivileges", process.noNewPrivileges);
  Put(json, "oomScoreAdj", process.oomScoreAdj);
  return json;
}

static Json ToJson(const Mount& mount) {
  Json json = {{"destination", mount.destination}};
  Put(json, "type", mount.type);
  Put(json, "source", mount.source);
  Put(json, "options", mount.options);
  return json;
}

static Json ToJson(const Namespace& ns) {
  Json json = {{"type", ns.type}};
  Put(json, "path", ns.path);
  return json;
}

static Json ToJson(const IdMapping& mapping) {
  return {{"containerID", mapping.containerID}, {"hostID", mapping.hostID}, {"size", mapping.size}};
}

static Json ToJson(const Device& device) {
  Json json = {{"type", device.type},
               {"path", device.path},
               {"major", device.major},
               {"minor", device.minor}};
  Put(json, "fileMode", device.fileMode);
  Put(json, "uid", device.uid);
  Put(json, "gid", device.gid);
  return json;
}

static Json ToJson(const SeccompArg& arg) {
  return {{"index", arg.index}, {"value", arg.value}, {"valueTwo", arg.valueTwo}, {"op", arg.op}};
}

static Json ToJson(const SeccompSyscall& rule) {
  Json json = {{"names", rule.names}, {"action", rule.action}};
  Put(json, "errnoRet", rule.errnoRet);
  PutList(json, "args", rule.args);
  return json;
}

static Json ToJson(const Seccomp& seccomp) {
  Json json = {{"defaultAction", seccomp.defaultAction}};
  Put(json, "defaultErrnoRet", seccomp.defaultErrnoRet);
  Put(json, "architectures", seccomp.architectures);
  Put(json, "flags", seccomp.flags);
  PutList(json, "syscalls", seccomp.syscalls);
  return json;
}

static Json ToJson(const Linux& config) {
  Json json = Json::object();
  PutList(json, "namespaces", config.namespaces);
  PutList(json, "uidMappings", config.uidMappings);
  PutList(json, "gidMappings", config.gidMappings);
  PutList(json, "devices", config.devices);
  Put(json, "maskedPaths", config.maskedPaths);
  Put(json, "readonlyPaths", config.readonlyPaths);
  Put(json, "rootfsPropagation", config.rootfsPropagation);
  if (!config.sysctl.empty()) json["sysctl"] = config.sysctl;
  if (config.seccomp) json["seccomp"] = ToJson(*config.seccomp);
  return json;
}

std::string DumpSpec(const Spec& spec) {
  Json json = {{"ociVersion", spec.ociVersion}, {"process", ToJson(spec.process)}};
  json["root"] = {{"path", spec.root.path}};
  Put(json["root"], "readonly", spec.root.readonly);
  Put(json, "hostname", spec.hostname);
  Put(json, "domainname", spec.domainname);
  PutList(json, "mounts", spec.mounts);
  if (!spec.annotations.empty()) json["annotations"] = spec.annotations;
  if (spec.linux_ != Linux()) json["linux"] = ToJson(spec.linux_);
  return DumpJson(json);
}

}  // namespace berth::runtime
