// Limits of bandwidth as a task definition asks for them: by Docker labels of its containers.
//
//   "dockerLabels": {"berth.bandwidth.egress": "100M", "berth.bandwidth.ingress": "1G",
//                    "berth.bandwidth.egress-burst": "256K"}
//
// ECS has no field for it, and its clients refuse fields that ECS does not have; labels pass
// through all of them (decision 28).
#pragma once

#include <string_view>
#include <vector>

#include "base/result.h"
#include "ecs/task_definition.h"
#include "net/links/bandwidth.h"

namespace berth::agent {

/// The limits of an interface that these containers (indices in the definition) share. Rates are in
/// bits a second, with K, M or G for powers of 1000; bursts in bytes, with K or M for powers of
/// 1024. Errors name the label by its JSON path: it is unknown or makes no sense, or two containers
/// contradict each other.
Result<net::Bandwidth> BandwidthOf(const ecs::TaskDefinition& definition,
                                   const std::vector<size_t>& containers);

/// Fails if any container asks for a limit, and says that `network_mode` has no interface for it.
Result<void> RefuseBandwidth(const ecs::TaskDefinition& definition, std::string_view network_mode);

}  // namespace berth::agent
