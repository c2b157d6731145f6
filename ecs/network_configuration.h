// Where in the network a task in awsvpc mode is put: networkConfiguration of RunTask.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace berth::ecs {

enum class AssignPublicIp { kDisabled, kEnabled };

struct AwsVpcConfiguration {
  /// 1 to 16.
  std::vector<std::string> subnets;
  /// At most 5; none: the default group.
  std::vector<std::string> securityGroups;
  AssignPublicIp assignPublicIp = AssignPublicIp::kDisabled;

  bool operator==(const AwsVpcConfiguration&) const = default;
};

struct NetworkConfiguration {
  AwsVpcConfiguration awsvpcConfiguration;

  bool operator==(const NetworkConfiguration&) const = default;
};

/// Reads `{"awsvpcConfiguration": {...}}`, which may stand inside `networkConfiguration` or go
/// without its own name. Fails with every problem found, one a line.
Result<NetworkConfiguration> ParseNetworkConfiguration(std::string_view json);

}  // namespace berth::ecs
