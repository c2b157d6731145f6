// Scheduler: the whole program, put together.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "base/http/io_loop.h"
#include "base/result.h"
#include "scheduler/server/config.h"

namespace berth::scheduler {

struct SchedulerPaths {
  std::string state = "/var/lib/berth/scheduler";  // the store, credentials
  std::string config = "/etc/berth/scheduler.json";

  std::string Store() const { return state + "/store.db"; }
  std::string Credentials() const { return state + "/credentials"; }
};

class Scheduler {
 public:
  /// Loads everything and listens; nothing is served until the loop runs. Errors say what is wrong
  /// and where: the configuration, the store (another scheduler has it), the address.
  static Result<std::unique_ptr<Scheduler>> Start(http::IoLoop& loop, const SchedulerPaths& paths);
  ~Scheduler();
  Scheduler(const Scheduler&) = delete;
  Scheduler& operator=(const Scheduler&) = delete;

  /// Where it is reached, as http://127.0.0.1:8765.
  const std::string& endpoint() const;

 private:
  struct Parts;
  explicit Scheduler(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

}  // namespace berth::scheduler
