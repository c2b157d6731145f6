// The text of the API for each value of an enumeration, and back.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>

#include "ecs/network_configuration.h"
#include "ecs/task_definition.h"

namespace berth::ecs {

/// The API's spelling of each value, in the order of the enumerators.
template <typename Enum>
struct Names;

/// Stands in namespace berth::ecs, whatever namespace the enumeration is of.
#define BERTH_ECS_NAMES(Enum, ...)                                               \
  template <>                                                                    \
  struct Names<Enum> {                                                           \
    static constexpr auto kAll = std::to_array<std::string_view>({__VA_ARGS__}); \
  }

BERTH_ECS_NAMES(NetworkMode, "bridge", "host", "awsvpc", "none");
BERTH_ECS_NAMES(PidMode, "host", "task");
BERTH_ECS_NAMES(IpcMode, "host", "task", "none");
BERTH_ECS_NAMES(Compatibility, "EC2", "FARGATE", "EXTERNAL", "MANAGED_INSTANCES");
BERTH_ECS_NAMES(PlacementConstraintType, "memberOf");
BERTH_ECS_NAMES(ProxyConfigurationType, "APPMESH");
BERTH_ECS_NAMES(CpuArchitecture, "X86_64", "ARM64");
BERTH_ECS_NAMES(OperatingSystemFamily, "LINUX", "WINDOWS_SERVER_2016_FULL",
                "WINDOWS_SERVER_2019_CORE", "WINDOWS_SERVER_2019_FULL", "WINDOWS_SERVER_2004_CORE",
                "WINDOWS_SERVER_20H2_CORE", "WINDOWS_SERVER_2022_CORE", "WINDOWS_SERVER_2022_FULL",
                "WINDOWS_SERVER_2025_CORE", "WINDOWS_SERVER_2025_FULL");
BERTH_ECS_NAMES(VolumeScope, "task", "shared");
BERTH_ECS_NAMES(Switch, "DISABLED", "ENABLED");
BERTH_ECS_NAMES(AssignPublicIp, "DISABLED", "ENABLED");
BERTH_ECS_NAMES(TransportProtocol, "tcp", "udp");
BERTH_ECS_NAMES(ApplicationProtocol, "http", "http2", "grpc");
BERTH_ECS_NAMES(EnvironmentFileType, "s3");
BERTH_ECS_NAMES(ContainerCondition, "START", "COMPLETE", "SUCCESS", "HEALTHY");
BERTH_ECS_NAMES(VersionConsistency, "enabled", "disabled");
BERTH_ECS_NAMES(UlimitName, "core", "cpu", "data", "fsize", "locks", "memlock", "msgqueue", "nice",
                "nofile", "nproc", "rss", "rtprio", "rttime", "sigpending", "stack");
BERTH_ECS_NAMES(LogDriver, "json-file", "syslog", "journald", "gelf", "fluentd", "awslogs",
                "splunk", "awsfirelens");
BERTH_ECS_NAMES(ResourceType, "GPU", "InferenceAccelerator", "NeuronDevice");
BERTH_ECS_NAMES(FirelensConfigurationType, "fluentd", "fluentbit");
BERTH_ECS_NAMES(DevicePermission, "read", "write", "mknod");

template <typename T>
concept NamedEnum = requires {
  Names<T>::kAll;
};

/// As NameOf(NetworkMode::kAwsvpc) == "awsvpc".
template <NamedEnum Enum>
constexpr std::string_view NameOf(Enum value) {
  return Names<Enum>::kAll[static_cast<size_t>(value)];
}

/// The value of that name; nothing if there is none.
template <NamedEnum Enum>
constexpr std::optional<Enum> FromName(std::string_view name) {
  for (size_t i = 0; i < Names<Enum>::kAll.size(); ++i) {
    if (Names<Enum>::kAll[i] == name) return static_cast<Enum>(i);
  }
  return std::nullopt;
}

}  // namespace berth::ecs
