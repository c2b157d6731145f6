#include <concepts>
#include <iterator>

#include "base/json.h"
#include "runtime/spec/resources_parse.h"
#include "runtime/spec/spec_parse.h"

// Written straight into the text. A seccomp profile alone has hundreds of names: by way of a tree
// of JSON values they cost a launch more than whatever else it computes.
namespace berth::runtime {
namespace {

void Write(std::string& out, bool value) { out += value ? "true" : "false"; }
void Write(std::string& out, const std::string& text) { out += QuoteJson(text); }
template <std::integral Number>
void Write(std::string& out, Number number) {
  fmt::format_to(std::back_inserter(out), "{}", number);
}

// Declared ahead of their use below, which finds only those of our own types by itself.
template <typename T>
void Write(std::string& out, const std::vector<T>& values);
void Write(std::string& out, const std::map<std::string, std::string>& values);

// Between its braces: an object's fields, in the order in which they are put.
class Object {
 public:
  explicit Object(std::string& out) : out_(out) { out_ += '{'; }
  Object(const Object&) = delete;
  Object& operator=(const Object&) = delete;
  ~Object() { out_ += '}'; }

  std::string& Name(std::string_view name) {
    if (out_.back() != '{') out_ += ',';
    out_ += QuoteJson(name);
    return out_ += ':';
  }
  template <typename T>
  void Always(std::string_view name, const T& value) {
    Write(Name(name), value);
  }

  // A field is written when it differs from what its absence means.
  void Put(std::string_view name, bool value) {
    if (value) Always(name, value);
  }
  template <typename T>
  void Put(std::string_view name, const std::optional<T>& value) {
    if (value) Always(name, *value);
  }
  template <typename Range>
  requires requires(const Range& range) { range.empty(); }
  void Put(std::string_view name, const Range& range) {
    if (!range.empty()) Always(name, range);
  }

 private:
  std::string& out_;
};

template <typename T>
void Write(std::string& out, const std::vector<T>& values) {
  out += '[';
  for (const T& value : values) {
    if (out.back() != '[') out += ',';
    Write(out, value);
  }
  out += ']';
}

void Write(std::string& out, const std::map<std::string, std::string>& values) {
  Object json(out);
  for (const auto& [name, value] : values) json.Always(name, value);
}

}  // namespace

// `static`, not in the unnamed namespace: the templates above find these by the type of the value.
static void Write(std::string& out, const ConsoleSize& size) {
  Object json(out);
  json.Always("height", size.height);
  json.Always("width", size.width);
}

static void Write(std::string& out, const Rlimit& limit) {
  Object json(out);
  json.Always("type", limit.type);
  json.Always("soft", limit.soft);
  json.Always("hard", limit.hard);
}

static void Write(std::string& out, const User& user) {
  Object json(out);
  json.Always("uid", user.uid);
  json.Always("gid", user.gid);
  json.Put("umask", user.umask);
  json.Put("additionalGids", user.additionalGids);
}

static void Write(std::string& out, const Capabilities& sets) {
  Object json(out);
  json.Put("bounding", sets.bounding);
  json.Put("effective", sets.effective);
  json.Put("inheritable", sets.inheritable);
  json.Put("permitted", sets.permitted);
  json.Put("ambient", sets.ambient);
}

static void Write(std::string& out, const Scheduler& scheduler) {
  Object json(out);
  json.Always("policy", scheduler.policy);
  json.Always("nice", scheduler.nice);
  json.Always("priority", scheduler.priority);
  json.Put("flags", scheduler.flags);
  json.Always("runtime", scheduler.runtime);
  json.Always("deadline", scheduler.deadline);
  json.Always("period", scheduler.period);
}

static void Write(std::string& out, const IoPriority& priority) {
  Object json(out);
  json.Always("class", priority.ioClass);
  json.Always("priority", priority.priority);
}

static void Write(std::string& out, const ExecCpuAffinity& affinity) {
  Object json(out);
  json.Put("initial", affinity.initial);
  json.Put("final", affinity.final);
}

static void Write(std::string& out, const MemoryPolicy& policy) {
  Object json(out);
  json.Always("mode", policy.mode);
  json.Put("nodes", policy.nodes);
  json.Put("flags", policy.flags);
}

static void Write(std::string& out, const Personality& personality) {
  Object json(out);
  json.Always("domain", personality.domain);
  json.Put("flags", personality.flags);
}

static void Write(std::string& out, const Process& process) {
  Object json(out);
  json.Put("terminal", process.terminal);
  json.Put("consoleSize", process.consoleSize);
  json.Always("user", process.user);
  json.Always("args", process.args);
  json.Put("env", process.env);
  json.Always("cwd", process.cwd);
  if (process.capabilities != Capabilities()) json.Always("capabilities", process.capabilities);
  json.Put("rlimits", process.rlimits);
  json.Put("noNewPrivileges", process.noNewPrivileges);
  json.Put("oomScoreAdj", process.oomScoreAdj);
  json.Put("scheduler", process.scheduler);
  json.Put("ioPriority", process.ioPriority);
  if (process.execCPUAffinity != ExecCpuAffinity()) {
    json.Always("execCPUAffinity", process.execCPUAffinity);
  }
}

static void Write(std::string& out, const Root& root) {
  Object json(out);
  json.Always("path", root.path);
  json.Put("readonly", root.readonly);
}

static void Write(std::string& out, const IdMapping& mapping) {
  Object json(out);
  json.Always("containerID", mapping.containerID);
  json.Always("hostID", mapping.hostID);
  json.Always("size", mapping.size);
}

static void Write(std::string& out, const std::map<std::string, TimeOffset>& offsets) {
  Object json(out);
  for (const auto& [clock, offset] : offsets) {
    Object inner(json.Name(clock));
    inner.Always("secs", offset.secs);
    inner.Always("nanosecs", offset.nanosecs);
  }
}

static void Write(std::string& out, const Mount& mount) {
  Object json(out);
  json.Always("destination", mount.destination);
  json.Put("type", mount.type);
  json.Put("source", mount.source);
  json.Put("options", mount.options);
  json.Put("uidMappings", mount.uidMappings);
  json.Put("gidMappings", mount.gidMappings);
}

static void Write(std::string& out, const Namespace& ns) {
  Object json(out);
  json.Always("type", ns.type);
  json.Put("path", ns.path);
}

static void Write(std::string& out, const Device& device) {
  Object json(out);
  json.Always("type", device.type);
  json.Always("path", device.path);
  json.Always("major", device.major);
  json.Always("minor", device.minor);
  json.Put("fileMode", device.fileMode);
  json.Put("uid", device.uid);
  json.Put("gid", device.gid);
}

static void Write(std::string& out, const SeccompArg& arg) {
  Object json(out);
  json.Always("index", arg.index);
  json.Always("value", arg.value);
  json.Always("valueTwo", arg.valueTwo);
  json.Always("op", arg.op);
}

static void Write(std::string& out, const SeccompSyscall& rule) {
  Object json(out);
  json.Always("names", rule.names);
  json.Always("action", rule.action);
  json.Put("errnoRet", rule.errnoRet);
  json.Put("args", rule.args);
}

static void Write(std::string& out, const Seccomp& seccomp) {
  Object json(out);
  json.Always("defaultAction", seccomp.defaultAction);
  json.Put("defaultErrnoRet", seccomp.defaultErrnoRet);
  json.Put("architectures", seccomp.architectures);
  json.Put("flags", seccomp.flags);
  json.Put("syscalls", seccomp.syscalls);
  json.Put("listenerPath", seccomp.listenerPath);
  json.Put("listenerMetadata", seccomp.listenerMetadata);
}

static void Write(std::string& out, const Linux& config) {
  Object json(out);
  json.Put("namespaces", config.namespaces);
  json.Put("uidMappings", config.uidMappings);
  json.Put("gidMappings", config.gidMappings);
  json.Put("devices", config.devices);
  json.Put("cgroupsPath", config.cgroupsPath);
  if (config.resources != Resources()) json.Name("resources") += DumpResources(config.resources);
  json.Put("maskedPaths", config.maskedPaths);
  json.Put("readonlyPaths", config.readonlyPaths);
  json.Put("rootfsPropagation", config.rootfsPropagation);
  json.Put("sysctl", config.sysctl);
  json.Put("timeOffsets", config.timeOffsets);
  json.Put("seccomp", config.seccomp);
  json.Put("memoryPolicy", config.memoryPolicy);
  json.Put("personality", config.personality);
}

static void Write(std::string& out, const Hook& hook) {
  Object json(out);
  json.Always("path", hook.path);
  json.Put("args", hook.args);
  json.Put("env", hook.env);
  json.Put("timeout", hook.timeout);
}

static void Write(std::string& out, const Hooks& hooks) {
  Object json(out);
  json.Put("prestart", hooks.prestart);
  json.Put("createRuntime", hooks.createRuntime);
  json.Put("createContainer", hooks.createContainer);
  json.Put("startContainer", hooks.startContainer);
  json.Put("poststart", hooks.poststart);
  json.Put("poststop", hooks.poststop);
}

static void Write(std::string& out, const Spec& spec) {
  Object json(out);
  json.Always("ociVersion", spec.ociVersion);
  json.Always("process", spec.process);
  json.Always("root", spec.root);
  json.Put("hostname", spec.hostname);
  json.Put("domainname", spec.domainname);
  json.Put("mounts", spec.mounts);
  json.Put("annotations", spec.annotations);
  if (spec.hooks != Hooks()) json.Always("hooks", spec.hooks);
  if (spec.linux_ != Linux()) json.Always("linux", spec.linux_);
}

std::string DumpSpec(const Spec& spec) {
  std::string json;
  Write(json, spec);
  return json;
}

}  // namespace berth::runtime
