// Jobs: what the manager does when a unit is to be started or stopped.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "base/result.h"
#include "systemd/bus.h"
#include "systemd/libsystemd.h"

namespace berth::systemd {

/// Hears of every job that ends from its making on, so it is made before the call that makes the
/// job: a job may have ended when the call's answer is read. Must go before its bus does.
class JobWatch {
 public:
  static Result<JobWatch> Start(Bus& bus);

  /// Waits, up to the bus's time-out, until the job of that object path has ended. Anything but
  /// success ("done") is an error that has the manager's word for it: "failed", "canceled",
  /// "timeout", "dependency", "skipped" (org.freedesktop.systemd1(5), JobRemoved).
  Result<void> Wait(const std::string& job);

 private:
  struct Stop {
    const LibSystemd* lib;
    void operator()(sd_bus_slot* slot) const;
  };
  // What the handler of signals is given; it has to stay in place.
  struct Ended {
    const LibSystemd& lib;
    std::map<std::string, std::string> results;  // by object path
  };
  static int Hear(sd_bus_message* signal, void* ended, sd_bus_error* error);

  explicit JobWatch(Bus& bus)
      : bus_(&bus), ended_(new Ended{bus.lib(), {}}), slot_(nullptr, Stop{&bus.lib()}) {}

  Bus* bus_;
  std::unique_ptr<Ended> ended_;
  std::unique_ptr<sd_bus_slot, Stop> slot_;
};

}  // namespace berth::systemd
