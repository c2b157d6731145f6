#include "runtime/cli/stats_json.h"

#include <nlohmann/json.hpp>

#include "base/json.h"

namespace berth::runtime::cli {
namespace {

constexpr uint64_t kNanoseconds = 1000;  // in a microsecond

Json Cpu(const cgroups::CpuStats& cpu) {
  return {{"usage",
           {{"total", cpu.usage_usec * kNanoseconds},
            {"kernel", cpu.system_usec * kNanoseconds},
            {"user", cpu.user_usec * kNanoseconds}}},
          {"throttling",
           {{"periods", cpu.nr_periods},
            {"throttledPeriods", cpu.nr_throttled},
            {"throttledTime", cpu.throttled_usec * kNanoseconds}}}};
}

Json Memory(const cgroups::MemoryStats& memory) {
  const cgroups::MemoryStat& stat = memory.stat;
  return {{"cache", stat.file},
          {"usage",
           {{"limit", memory.max},
            {"usage", memory.current},
            {"max", memory.peak},
            {"failcnt", memory.events.max}}},
          {"swap", {{"limit", memory.swap_max}, {"usage", memory.swap_current}, {"failcnt", 0}}},
          {"raw",
           {{"anon", stat.anon},
            {"file", stat.file},
            {"kernel", stat.kernel},
            {"sock", stat.sock},
            {"shmem", stat.shmem},
            {"file_dirty", stat.file_dirty},
            {"inactive_anon", stat.inactive_anon},
            {"active_anon", stat.active_anon},
            {"inactive_file", stat.inactive_file},
            {"active_file", stat.active_file},
            {"slab", stat.slab},
            {"pgfault", stat.pgfault},
            {"pgmajfault", stat.pgmajfault}}}};
}

Json BlockIo(const std::vector<cgroups::IoDeviceStats>& devices) {
  Json bytes = Json::array();
  Json operations = Json::array();
  for (const cgroups::IoDeviceStats& io : devices) {
    const auto add = [&](Json& list, const char* op, uint64_t value) {
      list.push_back(
          {{"major", io.device.major}, {"minor", io.device.minor}, {"op", op}, {"value", value}});
    };
    add(bytes, "Read", io.rbytes);
    add(bytes, "Write", io.wbytes);
    add(bytes, "Discard", io.dbytes);
    add(operations, "Read", io.rios);
    add(operations, "Write", io.wios);
    add(operations, "Discard", io.dios);
  }
  return {{"ioServiceBytesRecursive", std::move(bytes)},
          {"ioServicedRecursive", std::move(operations)}};
}

Json Hugetlb(const std::vector<cgroups::HugetlbStats>& sizes) {
  Json json = Json::object();
  for (const cgroups::HugetlbStats& pages : sizes) {
    json[pages.page_size] = {{"usage", pages.current}, {"failcnt", pages.refused}};
  }
  return json;
}

}  // namespace

std::string StatsJson(const std::string& id, const cgroups::Stats& stats) {
  const Json json = {{"type", "stats"},
                     {"id", id},
                     {"data",
                      {{"cpu", Cpu(stats.cpu)},
                       {"cpuset", {{"cpus", stats.cpuset.cpus}, {"mems", stats.cpuset.mems}}},
                       {"memory", Memory(stats.memory)},
                       {"pids",
                        {{"current", stats.pids.current},
                         {"limit", stats.pids.max == cgroups::kUnlimited ? 0 : stats.pids.max}}},
                       {"blkio", BlockIo(stats.io)},
                       {"hugetlb", Hugetlb(stats.hugetlb)}}}};
  return DumpJson(json);
}

}  // namespace berth::runtime::cli
