// TaskPlan: everything berth-shim needs to know of its task.
//
// The agent writes it, the shim alone reads it. What a container *is* stands in its bundle's OCI
// config.json; the plan says in which order, how long and how often.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace berth::agent::shim {

/// What a container waits for (ECS `dependsOn[].condition`).
enum class Condition { kStart, kComplete, kSuccess, kHealthy };

struct Dependency {
  size_t container = 0;  // index in TaskPlan::containers
  Condition condition = Condition::kStart;
};

/// ECS `healthCheck`, with its defaults filled in.
struct HealthCheckPlan {
  std::vector<std::string> args;
  std::chrono::seconds interval{30};
  std::chrono::seconds timeout{5};
  std::chrono::seconds start_period{0};
  int retries = 3;
};

/// ECS `restartPolicy`.
struct RestartPlan {
  std::vector<int> ignored_exit_codes;
  std::chrono::seconds attempt_period{300};
};

/// A volume that starts with what the image has at its place, as Docker fills one that is new.
struct VolumeSeed {
  std::string volume;  // directory on the host
  std::string path;    // in the container
};

struct ContainerPlan {
  std::string name;
  std::string bundle;               // directory with config.json
  std::vector<std::string> layers;  // overlayfs lower directories, lowest first
  std::string upper;                // the container's own layer, and
  std::string work;                 // overlayfs's work directory beside it
  std::string user;                 // as Docker takes it: "name", "uid:gid", "" for root
  std::vector<VolumeSeed> seeds;
  std::string cgroup;         // name below the hierarchy; "" without cgroups
  std::string log;            // json-file path; "" discards the output
  uint64_t log_max_size = 0;  // bytes before rotation; 0 never
  int log_max_files = 1;
  bool essential = true;
  bool open_stdin = false;
  bool terminal = false;
  int stop_signal = 15;
  std::chrono::seconds stop_timeout{30};
  std::optional<std::chrono::seconds> start_timeout;
  std::vector<Dependency> depends_on;
  std::optional<HealthCheckPlan> health_check;
  std::optional<RestartPlan> restart;
};

struct TaskPlan {
  std::string task_id;
  std::string events;                 // path of the journal
  std::string control_socket;         // path
  std::string seccomp_cache;          // directory of compiled filters
  std::string cgroup_mount;           // where cgroup2 is; "" without cgroups
  std::vector<std::string> finisher;  // program and arguments that clean up once all has stopped
  std::vector<ContainerPlan> containers;
};

std::string EncodePlan(const TaskPlan& plan);
/// Fails if the bytes are not a plan of this very build, whole and with dependencies in range.
Result<TaskPlan> DecodePlan(std::string_view bytes);

}  // namespace berth::agent::shim
