#include "systemd/job.h"

namespace berth::systemd {
namespace {

using JobClock = std::chrono::steady_clock;

Error WaitError(int r) {
  return Error(fmt::format("wait for systemd's job: {}", ErrnoMessage(-r)), -r);
}

}  // namespace

void JobWatch::Stop::operator()(sd_bus_slot* slot) const { lib->sd_bus_slot_unref(slot); }

int JobWatch::Hear(sd_bus_message* signal, void* data, sd_bus_error*) {
  Ended& ended = *static_cast<Ended*>(data);
  uint32_t id = 0;
  const char* job = nullptr;
  const char* unit = nullptr;
  const char* result = nullptr;
  const int r = ended.lib.sd_bus_message_read(signal, "uoss", &id, &job, &unit, &result);
  if (r < 0) return r;
  ended.results[job] = result;
  return 0;
}

Result<JobWatch> JobWatch::Start(Bus& bus) {
  const LibSystemd& lib = bus.lib();
  JobWatch watch(bus);
  sd_bus_slot* slot = nullptr;
  // Without a message bus in between, messages have no sender.
  const char* sender =
      lib.sd_bus_is_bus_client(bus.get()) > 0 ? "org.freedesktop.systemd1" : nullptr;
  const ManagerObject manager;
  const int r = lib.sd_bus_match_signal(bus.get(), &slot, sender, manager.path.c_str(),
                                        manager.interface, "JobRemoved", &Hear, watch.ended_.get());
  if (r < 0) return Error(fmt::format("systemd: match JobRemoved: {}", ErrnoMessage(-r)), -r);
  watch.slot_.reset(slot);
  return watch;
}

Result<void> JobWatch::Wait(const std::string& job) {
  const JobClock::time_point deadline = JobClock::now() + bus_->timeout();
  while (true) {
    if (const auto found = ended_->results.find(job); found != ended_->results.end()) {
      if (found->second == "done") return {};
      return MakeError("systemd's job ended with result '{}'", found->second);
    }
    const int processed = bus_->lib().sd_bus_process(bus_->get(), nullptr);
    if (processed < 0) return WaitError(processed);
    if (processed > 0) continue;
    const auto left = std::chrono::ceil<std::chrono::microseconds>(deadline - JobClock::now());
    if (left.count() <= 0) {
      return Error(fmt::format("systemd's job has not ended within {}", Seconds(bus_->timeout())),
                   ETIMEDOUT);
    }
    const int waited = bus_->lib().sd_bus_wait(bus_->get(), static_cast<uint64_t>(left.count()));
    if (waited < 0 && waited != -EINTR) return WaitError(waited);
  }
}

}  // namespace berth::systemd
