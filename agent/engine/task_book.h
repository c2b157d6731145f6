// TaskBook: what the node agent remembers of the scheduler's tasks, on disk.
//
// A task is here before it is acknowledged, so a crash from then on finds it; how far the scheduler
// has been told is here once it has acknowledged that, so nothing is told twice. Secrets are never
// here: credentials come anew when the agent connects.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/sqlite/database.h"
#include "base/time.h"
#include "ecs/wire/acs_task.h"

namespace berth::agent::engine {

/// How much the scheduler knows of a task. Only ever more.
enum class Told { kNothing, kRunning, kStopped };

struct BookedTask {
  ecs::wire::AcsTask order;  // as it came; on disk its credentials are but their ids
  std::string id;            // of the host's task: 32 hexadecimal digits
  /// Random; the ids in the URLs of its endpoints are derived from it.
  std::string secret;
  bool stop_wanted = false;
  Told told = Told::kNothing;
  /// Why it never ran, if it did not; then there is no task on the host.
  std::string failure;
  WallTime created;
  std::optional<WallTime> pull_started, pull_stopped;
  std::map<std::string, std::string> digests;  // of images, by container
};

class TaskBook {
 public:
  static Result<TaskBook> Open(const std::string& path);

  Result<std::vector<BookedTask>> Tasks();
  /// Writes it down, in place of what was known under its ARN; survives a power cut.
  Result<void> Put(const BookedTask& task);
  Result<void> Erase(std::string_view arn);

  /// Single facts: "cluster", "container-instance-arn", "sequence-number".
  Result<std::optional<std::string>> Fact(std::string_view name);
  Result<void> SetFact(std::string_view name, std::string_view value);
  /// Forgets all facts and tasks: this host is to be registered anew.
  Result<void> Clear();

 private:
  explicit TaskBook(Database database) : database_(std::move(database)) {}

  Database database_;
};

}  // namespace berth::agent::engine
