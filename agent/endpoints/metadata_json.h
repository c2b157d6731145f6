// Tasks and containers as the metadata endpoints show them.
#pragma once

#include "agent/endpoints/task_catalog.h"
#include "base/json.h"

namespace berth::agent::endpoints {

enum class MetadataVersion { kV2, kV3, kV4 };

/// Left out is what is empty or not known. With tags, "TaskTags" and such are to be added.
Json DescribeTask(const EndpointTask& task, const AgentInfo& agent, MetadataVersion version);
Json DescribeContainer(const EndpointTask& task, const EndpointContainer& container,
                       MetadataVersion version);

/// NONE, MANIFEST_PULLED, ..., STOPPED.
std::string_view Name(LifeStatus status);

// Parts that introspection shows as well.
enum class HostIps { kLeftOut, kShown };
Json DescribePorts(const EndpointTask& task, const EndpointContainer& container, HostIps host_ips);
Json DescribeNetworks(const EndpointTask& task, const EndpointContainer& container,
                      MetadataVersion version);
Json DescribeVolumes(const EndpointContainer& container);
/// Nothing if the list, or object, is empty.
void AddList(Json& object, const char* name, Json list);

}  // namespace berth::agent::endpoints
