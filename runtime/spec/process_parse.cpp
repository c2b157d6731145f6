#include "runtime/spec/process_parse.h"

#include "base/log.h"
#include "runtime/process/capabilities.h"
#include "runtime/process/cpu_affinity.h"
#include "runtime/process/rlimits.h"
#include "runtime/process/scheduling.h"
#include "runtime/spec/parse_checks.h"

namespace berth::runtime {

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
  RefuseFields(in, {"username"}, "is for another platform");
  if (out.uid == kNoId || out.gid == kNoId) in.Complain(fmt::format("{} is nobody's id", kNoId));
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

void ReadJson(const JsonReader& in, Process& out) {
  in.Read("terminal", out.terminal);
  in.Read("consoleSize", out.consoleSize);
  in.Require("user", out.user);
  in.Read("args", out.args);
  in.Read("env", out.env);
  in.Require("cwd", out.cwd);
  in.Read("capabilities", out.capabilities);
  in.Read("rlimits", out.rlimits);
  in.Read("noNewPrivileges", out.noNewPrivileges);
  in.Read("oomScoreAdj", out.oomScoreAdj);
  in.Read("scheduler", out.scheduler);
  in.Read("ioPriority", out.ioPriority);
  in.Read("execCPUAffinity", out.execCPUAffinity);
  in.Read("apparmorProfile", out.apparmorProfile);
  in.Read("selinuxLabel", out.selinuxLabel);
  RefuseFields(in, {"commandLine"}, "is for another platform");
  RequireAbsolute(in, "cwd", out.cwd);
  RefuseNul(in, out.args);
  RefuseNul(in, out.env);
  RefuseNul(in, {out.apparmorProfile, out.selinuxLabel});
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

}  // namespace berth::runtime
