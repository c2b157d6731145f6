// update: other limits for a container that exists.
#include <algorithm>
#include <iterator>

#include "base/files.h"
#include "base/log.h"
#include "base/text.h"
#include "cgroups/devices/filter.h"
#include "runtime/cli/container_cgroup.h"
#include "runtime/rdt/intel_rdt.h"
#include "runtime/resources/limits.h"
#include "runtime/spec/resources_parse.h"

namespace berth::runtime::cli {
namespace {

constexpr Option kUpdateOptions[] = {
    {"resources", 'r', "FILE", "linux.resources as JSON; - for standard input"},
    {"blkio-weight", 0, "N", "Weight of block I/O, 10 to 1000"},
    {"cpu-period", 0, "US", "Period of the CPU quota, in microseconds"},
    {"cpu-quota", 0, "US", "CPU time in each period"},
    {"cpu-burst", 0, "US", "CPU time that may be saved up beyond the quota"},
    {"cpu-share", 0, "N", "Weight of CPU time, as version 1 shares (2 to 262144)"},
    {"cpu-shares", 0, "N", "The same"},
    {"cpu-idle", 0, "N", "1: run only when nobody else wants to"},
    {"cpu-rt-period", 0, "US", "Refused: version 1 of cgroups alone has it"},
    {"cpu-rt-runtime", 0, "US", "Refused likewise"},
    {"cpuset-cpus", 0, "LIST", "Processors to run on"},
    {"cpuset-mems", 0, "LIST", "Memory nodes to use"},
    {"memory", 0, "BYTES", "Limit of memory, as 64m or in bytes; -1: none"},
    {"memory-reservation", 0, "BYTES", "Memory that is not reclaimed as long as there is other"},
    {"memory-swap", 0, "BYTES", "Limit of memory and swap together; -1: none"},
    {"kernel-memory", 0, "BYTES", "Accepted and not used: the kernel has dropped it"},
    {"kernel-memory-tcp", 0, "BYTES", "The same"},
    {"pids-limit", 0, "N", "Limit of processes and threads; -1: none"},
    {"l3-cache-schema", 0, "SCHEMA", "What of the L3 cache to use: \"L3:0=f;1=f\""},
    {"mem-bw-schema", 0, "SCHEMA", "How much memory bandwidth: \"MB:0=70\""},
};

template <typename Integer>
Result<void> Take(const Arguments& arguments, std::string_view name, std::optional<Integer>& out) {
  if (!arguments.Has(name)) return {};
  const auto number = ParseInteger<Integer>(arguments.Value(name));
  if (!number) return MakeError("--{} {}: must be a whole number", name, arguments.Value(name));
  out = *number;
  return {};
}

Result<void> TakeSize(const Arguments& arguments, std::string_view name,
                      std::optional<int64_t>& out) {
  if (!arguments.Has(name)) return {};
  const auto size = ParseSize(arguments.Value(name));
  if (!size) {
    return MakeError("--{} {}: must be a number of bytes, or one with k, m, g, t or p", name,
                     arguments.Value(name));
  }
  out = *size;
  return {};
}

Result<Resources> FromFile(const std::string& path) {
  const std::string json = path == "-" ? TRY(ReadAll(0)) : TRY(ReadFile(path));
  return ParseResources(json).Context("--resources {}", path);
}

Result<void> RefuseOptions(const Arguments& arguments) {
  for (const char* name : {"cpu-rt-period", "cpu-rt-runtime"}) {
    if (arguments.Has(name)) return MakeError("--{} can't be changed here", name);
  }
  return {};
}

Result<Resources> WishedResources(const Arguments& arguments) {
  TRY(RefuseOptions(arguments));
  if (arguments.Has("resources")) return FromFile(arguments.Value("resources"));
  Resources resources;
  TRY(Take(arguments, "blkio-weight", resources.blockIO.weight));
  TRY(Take(arguments, "cpu-period", resources.cpu.period));
  TRY(Take(arguments, "cpu-quota", resources.cpu.quota));
  TRY(Take(arguments, "cpu-burst", resources.cpu.burst));
  TRY(Take(arguments, "cpu-share", resources.cpu.shares));
  TRY(Take(arguments, "cpu-shares", resources.cpu.shares));
  TRY(Take(arguments, "cpu-idle", resources.cpu.idle));
  TRY(TakeSize(arguments, "memory", resources.memory.limit));
  TRY(TakeSize(arguments, "memory-reservation", resources.memory.reservation));
  TRY(TakeSize(arguments, "memory-swap", resources.memory.swap));
  TRY(Take(arguments, "pids-limit", resources.pids_limit));
  resources.cpu.cpus = arguments.Value("cpuset-cpus");
  resources.cpu.mems = arguments.Value("cpuset-mems");
  return resources;
}

// Of its own kind: a group of resctrl, whose members are processes.
Result<void> UpdateRdt(const Container& container, const Arguments& arguments) {
  const IntelRdt changes = {.l3CacheSchema = arguments.Value("l3-cache-schema"),
                            .memBwSchema = arguments.Value("mem-bw-schema")};
  if (changes == IntelRdt()) return {};
  const auto config = TRY(container.dir.ReadConfig()).linux_.intelRdt;
  if (config) return UpdateRdtGroup(*config, container.record.id, changes);
  return MakeError("container \"{}\" has no linux.intelRdt, so no group to change",
                   container.record.id);
}

bool RdtAlone(const Arguments& arguments) {
  return std::all_of(std::begin(kUpdateOptions), std::end(kUpdateOptions), [&](const Option& o) {
    const std::string_view name = o.name;
    return name == "l3-cache-schema" || name == "mem-bw-schema" || !arguments.Has(name);
  });
}

Result<int> RunUpdate(const Globals& globals, const Arguments& arguments) {
  const Resources resources = TRY(WishedResources(arguments));
  const Container container = TRY(LockContainer(globals, arguments.words()[0]));
  TRY(UpdateRdt(container, arguments));
  if (RdtAlone(arguments)) return 0;
  auto cgroup = TRY(OpenCgroup(container.record.cgroup));
  if (!cgroup) {
    return MakeError("container \"{}\" has no cgroup of its own", container.record.id);
  }
  const cgroups::Limits limits = TRY(LimitsOf(resources));
  TRY(cgroup->Update(limits, resources.memory.checkBeforeUpdate ? cgroups::BelowUsage::kRefuse
                                                                : cgroups::BelowUsage::kApply));
  // Or a reload of systemd would bring the old ones back.
  const std::string& scope = container.record.cgroup.scope;
  if (!scope.empty() && globals.systemd != nullptr) {
    TRY(globals.systemd->update_scope(scope, limits, cgroups::InstanceOfCaller()));
  }
  if (!resources.devices.empty()) {
    TRY(cgroups::SetDeviceFilter(cgroup->fd(), DeviceRulesOf(resources)));
  }
  TRY(TellUnenforced(globals, cgroup->Unenforced()));
  return 0;
}

}  // namespace

const Command kUpdate = {.name = "update",
                         .words = "CONTAINER-ID",
                         .help = "Change the limits of a container",
                         .options = kUpdateOptions,
                         .order = Order::kAnywhere,
                         .least_words = 1,
                         .most_words = 1,
                         .run = RunUpdate};

}  // namespace berth::runtime::cli
