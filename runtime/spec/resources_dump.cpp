#include <nlohmann/json.hpp>

#include "base/json.h"
#include "runtime/spec/resources_parse.h"

namespace berth::runtime {
namespace {

template <typename T>
void Put(Json& object, const char* name, const std::optional<T>& value) {
  if (value) object[name] = *value;
}

void Put(Json& object, const char* name, const std::string& value) {
  if (!value.empty()) object[name] = value;
}

void PutObject(Json& object, const char* name, Json value) {
  if (!value.empty()) object[name] = std::move(value);
}

Json ToJson(const MemoryResources& memory) {
  Json json = Json::object();
  Put(json, "limit", memory.limit);
  Put(json, "reservation", memory.reservation);
  Put(json, "swap", memory.swap);
  if (memory.checkBeforeUpdate) json["checkBeforeUpdate"] = true;
  return json;
}

Json ToJson(const CpuResources& cpu) {
  Json json = Json::object();
  Put(json, "shares", cpu.shares);
  Put(json, "quota", cpu.quota);
  Put(json, "period", cpu.period);
  Put(json, "burst", cpu.burst);
  Put(json, "idle", cpu.idle);
  Put(json, "cpus", cpu.cpus);
  Put(json, "mems", cpu.mems);
  return json;
}

Json ToJson(const std::vector<BlockThrottle>& throttles) {
  Json json = Json::array();
  for (const BlockThrottle& throttle : throttles) {
    json.push_back({{"major", throttle.major}, {"minor", throttle.minor}, {"rate", throttle.rate}});
  }
  return json;
}

Json ToJson(const BlockIoResources& io) {
  Json json = Json::object();
  Put(json, "weight", io.weight);
  Json weights = Json::array();
  for (const BlockWeight& weight : io.weightDevice) {
    Json& entry = weights.emplace_back(Json{{"major", weight.major}, {"minor", weight.minor}});
    entry["weight"] = weight.weight.value_or(0);
  }
  PutObject(json, "weightDevice", std::move(weights));
  PutObject(json, "throttleReadBpsDevice", ToJson(io.throttleReadBpsDevice));
  PutObject(json, "throttleWriteBpsDevice", ToJson(io.throttleWriteBpsDevice));
  PutObject(json, "throttleReadIOPSDevice", ToJson(io.throttleReadIOPSDevice));
  PutObject(json, "throttleWriteIOPSDevice", ToJson(io.throttleWriteIOPSDevice));
  return json;
}

Json ToJson(const DeviceResources& device) {
  Json json = {{"allow", device.allow}};
  Put(json, "type", device.type);
  Put(json, "major", device.major);
  Put(json, "minor", device.minor);
  Put(json, "access", device.access);
  return json;
}

Json ToJson(const std::map<std::string, RdmaResources>& rdma) {
  Json json = Json::object();
  for (const auto& [device, limits] : rdma) {
    Json entry = Json::object();
    Put(entry, "hcaHandles", limits.hcaHandles);
    Put(entry, "hcaObjects", limits.hcaObjects);
    json[device] = std::move(entry);
  }
  return json;
}

}  // namespace

std::string DumpResources(const Resources& resources) {
  Json json = Json::object();
  PutObject(json, "memory", ToJson(resources.memory));
  PutObject(json, "cpu", ToJson(resources.cpu));
  if (resources.pids_limit) json["pids"] = {{"limit", *resources.pids_limit}};
  PutObject(json, "blockIO", ToJson(resources.blockIO));
  for (const HugepageResources& pages : resources.hugepageLimits) {
    json["hugepageLimits"].push_back({{"pageSize", pages.pageSize}, {"limit", pages.limit}});
  }
  PutObject(json, "rdma", ToJson(resources.rdma));
  for (const DeviceResources& device : resources.devices) {
    json["devices"].push_back(ToJson(device));
  }
  if (!resources.unified.empty()) json["unified"] = resources.unified;
  return DumpJson(json);
}

}  // namespace berth::runtime
