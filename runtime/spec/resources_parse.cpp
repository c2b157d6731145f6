#include "runtime/spec/resources_parse.h"

#include <nlohmann/json.hpp>

#include "base/json.h"
#include "cgroups/devices/rules.h"
#include "cgroups/unified.h"

namespace berth::runtime {
namespace {

constexpr std::string_view kVersion1 = "is a setting of cgroup version 1, which Berth does not use";

// Settings that version 2 has nothing like. The value that the kernel has anyway asks for nothing,
// and engines write it.
template <typename T>
void RefuseVersion1(const JsonReader& in, std::string_view name, T harmless) {
  const auto field = in.Find(name);
  if (!field) return;
  T value = {};
  ReadJson(*field, value);
  if (value != harmless) field->Complain(kVersion1);
}

void RefuseAnyVersion1(const JsonReader& in, std::string_view name) {
  if (const auto field = in.Find(name)) field->Complain(kVersion1);
}

}  // namespace

// `static`, not in the unnamed namespace: JsonReader finds these by the type of `out`.
static void ReadJson(const JsonReader& in, MemoryResources& out) {
  in.Read("limit", out.limit);
  in.Read("reservation", out.reservation);
  in.Read("swap", out.swap);
  in.Read("checkBeforeUpdate", out.checkBeforeUpdate);
  for (const auto& limit : {out.limit, out.reservation, out.swap}) {
    if (limit && *limit < -1) in.Complain(fmt::format("{} is less than -1 (no limit)", *limit));
  }
  // Limits of kernel memory are part of version 2's one limit; the kernel has dropped the others.
  for (const std::string_view name : {"kernel", "kernelTCP"}) {
    int64_t ignored = 0;
    in.Read(name, ignored);
  }
  bool hierarchy = true;  // as it always is in version 2
  in.Read("useHierarchy", hierarchy);
  RefuseAnyVersion1(in, "swappiness");
  RefuseVersion1(in, "disableOOMKiller", false);
}

static void ReadJson(const JsonReader& in, CpuResources& out) {
  in.Read("shares", out.shares);
  in.Read("quota", out.quota);
  in.Read("period", out.period);
  in.Read("burst", out.burst);
  in.Read("idle", out.idle);
  in.Read("cpus", out.cpus);
  in.Read("mems", out.mems);
  RefuseVersion1(in, "realtimeRuntime", int64_t{0});
  RefuseVersion1(in, "realtimePeriod", uint64_t{0});
  if (out.idle && *out.idle != 0 && *out.idle != 1) in.Complain("idle must be 0 or 1");
  if (out.burst && out.quota && *out.quota > 0 && *out.burst > static_cast<uint64_t>(*out.quota)) {
    in.Complain("burst is larger than quota");
  }
}

static void ReadJson(const JsonReader& in, BlockWeight& out) {
  in.Require("major", out.major);
  in.Require("minor", out.minor);
  in.Read("weight", out.weight);
  RefuseVersion1(in, "leafWeight", uint16_t{0});
  if (!out.weight && !in.Find("leafWeight")) in.Complain("weight is required");
}

static void ReadJson(const JsonReader& in, BlockThrottle& out) {
  in.Require("major", out.major);
  in.Require("minor", out.minor);
  in.Require("rate", out.rate);
}

static void ReadJson(const JsonReader& in, BlockIoResources& out) {
  in.Read("weight", out.weight);
  in.Read("weightDevice", out.weightDevice);
  in.Read("throttleReadBpsDevice", out.throttleReadBpsDevice);
  in.Read("throttleWriteBpsDevice", out.throttleWriteBpsDevice);
  in.Read("throttleReadIOPSDevice", out.throttleReadIOPSDevice);
  in.Read("throttleWriteIOPSDevice", out.throttleWriteIOPSDevice);
  RefuseVersion1(in, "leafWeight", uint16_t{0});
}

static void ReadJson(const JsonReader& in, HugepageResources& out) {
  in.Require("pageSize", out.pageSize);
  in.Require("limit", out.limit);
  // It becomes a part of a file's name.
  const bool plain = !out.pageSize.empty() &&
                     out.pageSize.find_first_not_of("0123456789KMGB") == std::string::npos;
  if (!plain) in.Complain(fmt::format("pageSize \"{}\" is not like 2MB or 1GB", out.pageSize));
}

static void ReadJson(const JsonReader& in, RdmaResources& out) {
  in.Read("hcaHandles", out.hcaHandles);
  in.Read("hcaObjects", out.hcaObjects);
  if (!out.hcaHandles && !out.hcaObjects) in.Complain("hcaHandles or hcaObjects is required");
}

static void ReadJson(const JsonReader& in, DeviceResources& out) {
  in.Require("allow", out.allow);
  in.Read("type", out.type);
  in.Read("major", out.major);
  in.Read("minor", out.minor);
  in.Read("access", out.access);
  const auto check = [&](const auto& result) {
    if (!result) in.Complain(result.error().message());
  };
  if (out.type != "p") check(cgroups::ParseDeviceType(out.type));
  if (!out.access.empty()) check(cgroups::ParseDeviceAccess(out.access));
  check(cgroups::ParseDeviceNumber(out.major));
  check(cgroups::ParseDeviceNumber(out.minor));
}

void ReadJson(const JsonReader& in, Resources& out) {
  in.Read("memory", out.memory);
  in.Read("cpu", out.cpu);
  if (const auto pids = in.Find("pids")) pids->Require("limit", out.pids_limit.emplace());
  in.Read("blockIO", out.blockIO);
  in.Read("hugepageLimits", out.hugepageLimits);
  in.Read("rdma", out.rdma);
  in.Read("devices", out.devices);
  in.Read("unified", out.unified);
  if (const auto network = in.Find("network")) {
    RefuseVersion1(*network, "classID", uint32_t{0});
    if (const auto priorities = network->Find("priorities"); priorities && priorities->Size() > 0) {
      priorities->Complain(kVersion1);
    }
  }
  const auto unified = cgroups::CheckUnified({out.unified.begin(), out.unified.end()});
  if (!unified) in.Complain(unified.error().message());
}

Result<Resources> ParseResources(std::string_view json) {
  const Json document = TRY(ParseJson(json));
  JsonProblems problems;
  Resources resources;
  ReadJson(JsonReader(document, problems), resources);
  TRY(problems.Check());
  return resources;
}

}  // namespace berth::runtime
