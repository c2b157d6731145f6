#include "runtime/spec/spec_dump.h"

namespace berth::runtime {

// `static`, not in an unnamed namespace: JsonObject finds these by the type of the value.
static void Write(std::string& out, const ConsoleSize& size) {
  JsonObject json(out);
  json.Always("height", size.height);
  json.Always("width", size.width);
}

static void Write(std::string& out, const Rlimit& limit) {
  JsonObject json(out);
  json.Always("type", limit.type);
  json.Always("soft", limit.soft);
  json.Always("hard", limit.hard);
}

static void Write(std::string& out, const User& user) {
  JsonObject json(out);
  json.Always("uid", user.uid);
  json.Always("gid", user.gid);
  json.Put("umask", user.umask);
  json.Put("additionalGids", user.additionalGids);
}

static void Write(std::string& out, const Capabilities& sets) {
  JsonObject json(out);
  json.Put("bounding", sets.bounding);
  json.Put("effective", sets.effective);
  json.Put("inheritable", sets.inheritable);
  json.Put("permitted", sets.permitted);
  json.Put("ambient", sets.ambient);
}

static void Write(std::string& out, const Scheduler& scheduler) {
  JsonObject json(out);
  json.Always("policy", scheduler.policy);
  json.Always("nice", scheduler.nice);
  json.Always("priority", scheduler.priority);
  json.Put("flags", scheduler.flags);
  json.Always("runtime", scheduler.runtime);
  json.Always("deadline", scheduler.deadline);
  json.Always("period", scheduler.period);
}

static void Write(std::string& out, const IoPriority& priority) {
  JsonObject json(out);
  json.Always("class", priority.ioClass);
  json.Always("priority", priority.priority);
}

static void Write(std::string& out, const ExecCpuAffinity& affinity) {
  JsonObject json(out);
  json.Put("initial", affinity.initial);
  json.Put("final", affinity.final);
}

void Write(std::string& out, const Process& process) {
  JsonObject json(out);
  json.Put("terminal", process.terminal);
  json.Put("consoleSize", process.consoleSize);
  json.Always("user", process.user);
  json.Put("args", process.args);
  json.Put("env", process.env);
  json.Always("cwd", process.cwd);
  if (process.capabilities != Capabilities()) json.Always("capabilities", process.capabilities);
  json.Put("rlimits", process.rlimits);
  json.Put("noNewPrivileges", process.noNewPrivileges);
  json.Put("apparmorProfile", process.apparmorProfile);
  json.Put("selinuxLabel", process.selinuxLabel);
  json.Put("oomScoreAdj", process.oomScoreAdj);
  json.Put("scheduler", process.scheduler);
  json.Put("ioPriority", process.ioPriority);
  if (process.execCPUAffinity != ExecCpuAffinity()) {
    json.Always("execCPUAffinity", process.execCPUAffinity);
  }
}

}  // namespace berth::runtime
