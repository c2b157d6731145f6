#include "bench/samples.h"

#include <fmt/format.h>
#include <time.h>

#include <algorithm>

namespace berth::bench {

double Stopwatch::ProcessorTime() {
  timespec now{};
  ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) / 1e9;
}

Cost Stopwatch::Read() const { return Each(1); }

Cost Stopwatch::Each(size_t count) const {
  const std::chrono::duration<double> wall = std::chrono::steady_clock::now() - start_;
  const auto pieces = static_cast<double>(count);
  return {.wall = wall.count() / pieces, .cpu = (ProcessorTime() - cpu_) / pieces};
}

void Samples::Add(const std::string& name, Cost cost) {
  auto found = std::find_if(all_.begin(), all_.end(),
                            [&](const auto& entry) { return entry.first == name; });
  if (found == all_.end()) found = all_.insert(found, {name, {}});
  found->second.push_back(cost);
}

std::string Samples::Json() const {
  std::string text;
  for (const auto& [name, costs] : all_) {
    std::string wall, cpu;
    for (const Cost& cost : costs) {
      wall += fmt::format("{}{:.9f}", wall.empty() ? "" : ", ", cost.wall);
      cpu += fmt::format("{}{:.9f}", cpu.empty() ? "" : ", ", cost.cpu);
    }
    text += fmt::format("{}\"{}\": {{\"wall\": [{}], \"cpu\": [{}]}}", text.empty() ? "" : ", ",
                        name, wall, cpu);
  }
  return "{" + text + "}";
}

}  // namespace berth::bench
