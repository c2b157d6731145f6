#include "runtime/spec/spec_parse.h"

#include <algorithm>
#include <array>
#include <initializer_list>
#include <nlohmann/json.hpp>

#include "base/json_reader.h"
#include "base/log.h"
#include "runtime/mounts/mount_options.h"
#include "runtime/namespaces.h"
#include "runtime/process/capabilities.h"
#include "runtime/process/cpu_affinity.h"
#include "runtime/process/rlimits.h"
#include "runtime/process/scheduling.h"
#include "runtime/spec/resources_parse.h"

namespace berth::runtime {
namespace {

bool IsEmpty(const JsonReader& in) {
  if (in.IsString()) return in.String().empty();
  if (in.IsArray()) return in.Items().empty();
  return in.IsObject() && in.Fields().empty();
}

// Fields that ask for something we don't do; empty ones ask for nothing.
void Refuse(const JsonReader& in, std::initializer_list<std::string_view> names) {
  for (const std::string_view name : names) {
    const auto field = in.Find(name);
    if (field && !IsEmpty(*field)) field->Complain("not supported yet");
  }
}

void RequireAbsolute(const JsonReader& in, std::string_view name, const std::string& path) {
  if (path.starts_with('/')) return;
  if (const auto field = in.Find(name)) {
    field->Complain(fmt::format("must be an absolute path, not \"{}\"", path));
  }
}

void RequireAllAbsolute(const JsonReader& in, std::string_view name,
                        const std::vector<std::string>& paths) {
  for (const std::string& path : paths) RequireAbsolute(in, name, path);
}

// A NUL would cut the text short where the kernel reads it.
void RefuseNul(const JsonReader& in, const std::vector<std::string>& texts) {
  for (const std::string& text : texts) {
    if (text.find('\0') != std::string::npos) in.Complain("has a NUL character");
  }
}

template <size_t N>
void RequireOneOf(const JsonReader& in, std::string_view name, const std::string& value,
                  const std::array<std::string_view, N>& allowed) {
  if (std::find(allowed.begin(), allowed.end(), value) != allowed.end()) return;
  if (const auto field = in.Find(name)) {
    field->Complain(fmt::format("unknown value \"{}\"", value));
  }
}

}  // namespace

// `static`, not in the unnamed namespace: JsonReader finds these by the type of `out`.
static void ReadJson(const JsonReader& in, ConsoleSize& out) {
  in.Require("height", out.height);
  in.Require("width", out.width);
}

static void ReadJson(const JsonReader& in, User& out) {
  in.Require("uid", out.uid);
  in.Require("gid", out.gid);
  in.Read("umask", out.umask);
  in.Read("additionalGids", out.additionalGids);
  if (out.umask > 0777U) in.Complain("umask must be from 0 to 511 (octal 777)");
}

static void ReadJson(const JsonReader& in, Capabilities& out) {
  const auto read = [&](std::string_view name, std::vector<std::string>& set) {
    const auto field = in.Find(name);
    if (!field) return;
    ReadJson(*field, set);
    // config.md: one that can't be granted should be no failure, as it was never there to be had.
    std::erase_if(set, [](const std::string& name) {
      const auto known = CapabilityBits({name});
      if (!known) log::Warning("process.capabilities: {}", known.error().message());
      return !known;
    });
  };
  read("bounding", out.bounding);
  read("effective", out.effective);
  read("inheritable", out.inheritable);
  read("permitted", out.permitted);
  read("ambient", out.ambient);
}

static void ReadJson(const JsonReader& in, Rlimit& out) {
  in.Require("type", out.type);
  in.Require("soft", out.soft);
  in.Require("hard", out.hard);
  if (!RlimitResource(out.type)) in.Complain(fmt::format("unknown limit \"{}\"", out.type));
  if (out.soft > out.hard) in.Complain("soft is above hard");
}

static void Complain(const JsonReader& in, const Result<void>& checked) {
  if (!checked) in.Complain(checked.error().message());
}

static void ReadJson(const JsonReader& in, Scheduler& out) {
  in.Require("policy", out.policy);
  in.Read("nice", out.nice);
  in.Read("priority", out.priority);
  in.Read("flags", out.flags);
  in.Read("runtime", out.runtime);
  in.Read("deadline", out.deadline);
  in.Read("period", out.period);
  Complain(in, CheckScheduler(out));
}

static void ReadJson(const JsonReader& in, IoPriority& out) {
  in.Require("class", out.ioClass);
  in.Read("priority", out.priority);
  Complain(in, CheckIoPriority(out));
}

static void ReadJson(const JsonReader& in, ExecCpuAffinity& out) {
  in.Read("initial", out.initial);
  in.Read("final", out.final);
  for (const std::string* list : {&out.initial, &out.final}) {
    if (!list->empty()) Complain(in, CheckCpuList(*list));
  }
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

static void ReadJson(const JsonReader& in, Process& out) {
  in.Read("terminal", out.terminal);
  in.Read("consoleSize", out.consoleSize);
  in.Require("user", out.user);
  in.Require("args", out.args);
  in.Read("env", out.env);
  in.Require("cwd", out.cwd);
  in.Read("capabilities", out.capabilities);
  in.Read("rlimits", out.rlimits);
  in.Read("noNewPrivileges", out.noNewPrivileges);
  in.Read("oomScoreAdj", out.oomScoreAdj);
  in.Read("scheduler", out.scheduler);
  in.Read("ioPriority", out.ioPriority);
  in.Read("execCPUAffinity", out.execCPUAffinity);
  Refuse(in, {"apparmorProfile", "selinuxLabel"});
  RequireAbsolute(in, "cwd", out.cwd);
  RefuseNul(in, out.args);
  RefuseNul(in, out.env);
  if (in.Find("args") && out.args.empty()) in.Complain("args is empty");
  if (out.oomScoreAdj && (*out.oomScoreAdj < -1000 || *out.oomScoreAdj > 1000)) {
    in.Complain("oomScoreAdj must be from -1000 to 1000");
  }
  for (size_t i = 0; i < out.rlimits.size(); ++i) {
    for (size_t j = 0; j < i; ++j) {
      if (out.rlimits[i].type != out.rlimits[j].type) continue;
      in.Complain(fmt::format("rlimits has {} twice", out.rlimits[i].type));
    }
  }
}

static void ReadJson(const JsonReader& in, Root& out) {
  in.Require("path", out.path);
  in.Read("readonly", out.readonly);
}

static void ReadJson(const JsonReader& in, IdMapping& out) {
  in.Require("containerID", out.containerID);
  in.Require("hostID", out.hostID);
  in.Require("size", out.size);
}

static void ReadJson(const JsonReader& in, TimeOffset& out) {
  in.Read("secs", out.secs);
  in.Read("nanosecs", out.nanosecs);
  if (out.nanosecs > 999'999'999) in.Complain("nanosecs must be below 1000000000");
}

static void ReadJson(const JsonReader& in, Mount& out) {
  in.Require("destination", out.destination);
  in.Read("type", out.type);
  in.Read("source", out.source);
  in.Read("options", out.options);
  in.Read("uidMappings", out.uidMappings);
  in.Read("gidMappings", out.gidMappings);
  RefuseNul(in, {out.destination, out.type, out.source});
  RefuseNul(in, out.options);
  if (const auto options = ParseMountOptions(out); !options) {
    in.Complain(options.error().message());
  }
}

static void ReadJson(const JsonReader& in, Namespace& out) {
  in.Require("type", out.type);
  in.Read("path", out.path);
  if (NamespaceFlag(out.type) == 0) {
    return in.Complain(fmt::format("unknown namespace type \"{}\"", out.type));
  }
  if (out.path.empty()) return;
  RequireAbsolute(in, "path", out.path);
  if (out.type == "user" || out.type == "mount") {
    in.Complain(fmt::format("joining a {} namespace: not supported yet", out.type));
  }
}

static void ReadJson(const JsonReader& in, Device& out) {
  constexpr std::array<std::string_view, 4> kTypes = {"c", "u", "b", "p"};
  in.Require("type", out.type);
  in.Require("path", out.path);
  in.Read("major", out.major);
  in.Read("minor", out.minor);
  in.Read("fileMode", out.fileMode);
  in.Read("uid", out.uid);
  in.Read("gid", out.gid);
  RequireOneOf(in, "type", out.type, kTypes);
  RequireAbsolute(in, "path", out.path);
}

static void ReadJson(const JsonReader& in, SeccompArg& out) {
  constexpr std::array<std::string_view, 7> kOperators = {
      "SCMP_CMP_NE", "SCMP_CMP_LT", "SCMP_CMP_LE",       "SCMP_CMP_EQ",
      "SCMP_CMP_GE", "SCMP_CMP_GT", "SCMP_CMP_MASKED_EQ"};
  in.Require("index", out.index);
  in.Require("value", out.value);
  in.Read("valueTwo", out.valueTwo);
  in.Require("op", out.op);
  RequireOneOf(in, "op", out.op, kOperators);
  if (out.index > 5) in.Complain("index must be from 0 to 5");
}

static void ReadJson(const JsonReader& in, SeccompSyscall& out) {
  in.Require("names", out.names);
  in.Require("action", out.action);
  in.Read("errnoRet", out.errnoRet);
  in.Read("args", out.args);
  if (in.Find("names") && out.names.empty()) in.Complain("names is empty");
}

static void ReadJson(const JsonReader& in, Seccomp& out) {
  in.Require("defaultAction", out.defaultAction);
  in.Read("defaultErrnoRet", out.defaultErrnoRet);
  in.Read("architectures", out.architectures);
  in.Read("flags", out.flags);
  in.Read("syscalls", out.syscalls);
  in.Read("listenerPath", out.listenerPath);
  in.Read("listenerMetadata", out.listenerMetadata);
  if (out.listenerPath.empty() && !out.listenerMetadata.empty()) {
    in.Complain("listenerMetadata is of no use without listenerPath");
  }
}

static void ReadJson(const JsonReader& in, Linux& out) {
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
  Refuse(in, {"intelRdt", "mountLabel", "netDevices"});
  in.Read("personality", out.personality);
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

static void ReadJson(const JsonReader& in, Hook& out) {
  in.Require("path", out.path);
  in.Read("args", out.args);
  in.Read("env", out.env);
  in.Read("timeout", out.timeout);
  RequireAbsolute(in, "path", out.path);
  RefuseNul(in, {out.path});
  RefuseNul(in, out.args);
  RefuseNul(in, out.env);
  if (out.timeout == 0U) in.Complain("timeout must be greater than 0");
}

static void ReadJson(const JsonReader& in, Hooks& out) {
  in.Read("prestart", out.prestart);
  in.Read("createRuntime", out.createRuntime);
  in.Read("createContainer", out.createContainer);
  in.Read("startContainer", out.startContainer);
  in.Read("poststart", out.poststart);
  in.Read("poststop", out.poststop);
}

static void ReadJson(const JsonReader& in, Spec& out) {
  in.Require("ociVersion", out.ociVersion);
  in.Require("process", out.process);
  in.Require("root", out.root);
  in.Read("hostname", out.hostname);
  in.Read("domainname", out.domainname);
  in.Read("mounts", out.mounts);
  in.Read("annotations", out.annotations);
  if (out.annotations.find("") != out.annotations.end()) {
    in.Complain("annotations has an empty name");
  }
  in.Read("linux", out.linux_);
  in.Read("hooks", out.hooks);
  Refuse(in, {"windows", "solaris", "vm", "zos", "freebsd"});
  if (!out.ociVersion.starts_with("1.")) {
    in.Complain(fmt::format("ociVersion \"{}\" is not 1.x", out.ociVersion));
  }
}

template <typename T>
static Result<T> ParseDocument(std::string_view json) {
  const Json document = TRY(ParseJson(json));
  JsonProblems problems;
  T value;
  ReadJson(JsonReader(document, problems), value);
  TRY(problems.Check());
  return value;
}

Result<Spec> ParseSpec(std::string_view json) { return ParseDocument<Spec>(json); }

Result<Process> ParseProcess(std::string_view json) { return ParseDocument<Process>(json); }

}  // namespace berth::runtime
