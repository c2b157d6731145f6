// The commands of `berth`, one function each. main.cpp reads the command line into these structs;
// each function does its work and returns the exit code, or the error that main prints.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "agent/cli/permission_flags.h"
#include "agent/paths.h"
#include "agent/task/resolve_images.h"
#include "base/result.h"
#include "cgroups/manager.h"

namespace berth::agent::cli {

enum class Output { kText, kJson };

struct RunOptions {
  std::string task_definition;  // path; "-" for standard input
  bool detach = false;
  bool keep = false;      // leave the stopped task to ps, logs and inspect (always so with detach)
  std::string name;       // "": derived from the family
  std::string overrides;  // path of a RunTask `overrides` document; "" for none
  std::string network_configuration;  // path of a RunTask `networkConfiguration`; "" for none
  PullBehavior pull = PullBehavior::kPreferCached;
  bool ignore_unsupported = false;
  bool strict_limits = false;
  std::optional<cgroups::Manager> cgroup_manager;  // absent: as the host's configuration says
  Output output = Output::kText;
};
Result<int> Run(const Paths& paths, const RunOptions& options);

struct PsOptions {
  bool all = false;  // stopped ones too
  Output output = Output::kText;
};
Result<int> Ps(const Paths& paths, const PsOptions& options);

struct LogsOptions {
  std::string task;
  std::string container;  // "": all, each line behind its container's name
  bool follow = false;
  bool timestamps = false;
};
Result<int> Logs(const Paths& paths, const LogsOptions& options);

struct ExecOptions {
  std::string task;
  std::string container;  // "": the task's only one
  std::vector<std::string> command;
  bool interactive = false;
  bool terminal = false;
  std::string user;
  std::string workdir;
  std::vector<std::string> env;  // NAME=value
};
Result<int> Exec(const Paths& paths, const ExecOptions& options);

struct StopOptions {
  std::vector<std::string> tasks;
  std::optional<int> timeout;  // seconds, in place of each container's stopTimeout
};
Result<int> Stop(const Paths& paths, const StopOptions& options);

struct RmOptions {
  std::vector<std::string> tasks;
  bool all = false;
  bool force = false;  // running ones too: killed
};
Result<int> Rm(const Paths& paths, const RmOptions& options);

struct InspectOptions {
  std::vector<std::string> tasks;
};
/// The tasks as ECS's DescribeTasks shows them, with their definitions: a JSON list.
Result<int> Inspect(const Paths& paths, const InspectOptions& options);

struct NetTraceOptions {
  std::string from, to;  // tasks, addresses or "internet"
  uint16_t port = 0;
  std::string protocol = "tcp";
  Output output = Output::kText;
};
/// Says which rule of the firewall decides about a flow. 0 if it is let through, 1 if not.
Result<int> NetTrace(const Paths& paths, const NetTraceOptions& options);

struct NetInspectOptions {
  std::vector<std::string> tasks;
};
/// Addresses, groups, published ports and counters of tasks: a JSON list.
Result<int> NetInspect(const Paths& paths, const NetInspectOptions& options);

struct ImagesOptions {
  Output output = Output::kText;
};
Result<int> Images(const Paths& paths, const ImagesOptions& options);

struct PullCommandOptions {
  std::string reference;
  Output output = Output::kText;
};
Result<int> Pull(const Paths& paths, const PullCommandOptions& options);

struct ImportCommandOptions {
  std::string path;
  std::string name;
  std::optional<std::vector<std::string>> entrypoint;
  std::optional<std::vector<std::string>> cmd;
  std::vector<std::string> env;
  std::string user;
  std::string workdir;
};
Result<int> Import(const Paths& paths, const ImportCommandOptions& options);

struct RmiOptions {
  std::vector<std::string> images;
};
Result<int> Rmi(const Paths& paths, const RmiOptions& options);

// Security groups (berth sg). Answers are JSON, as the AWS CLI prints them.

struct SgCreateOptions {
  std::string name;
  std::string description;
  std::string group_id;  // "": a new one
};
Result<int> SgCreate(const Paths& paths, const SgCreateOptions& options);

enum class RuleDirection { kIngress, kEgress };
enum class Cut { kNothing, kForbiddenFlows };
struct SgRuleOptions {
  std::string group;  // id or name
  RuleDirection direction = RuleDirection::kIngress;
  PermissionFlags rule;
  std::string permissions_file;  // in place of `rule`; "-" for standard input
  Cut cut = Cut::kNothing;       // revoke alone
};
Result<int> SgAuthorize(const Paths& paths, const SgRuleOptions& options);
Result<int> SgRevoke(const Paths& paths, const SgRuleOptions& options);

struct SgDescribeOptions {
  std::vector<std::string> groups;  // ids or names; none: all
};
Result<int> SgDescribe(const Paths& paths, const SgDescribeOptions& options);

struct SgDeleteOptions {
  std::string group;
};
Result<int> SgDelete(const Paths& paths, const SgDeleteOptions& options);

struct DoctorOptions {
  Output output = Output::kText;
};
Result<int> Doctor(const Paths& paths, const DoctorOptions& options);

/// Not for people: what a shim becomes at its end. Cleans up after the task.
Result<int> Finish(const Paths& paths, const std::string& task_id);

}  // namespace berth::agent::cli
