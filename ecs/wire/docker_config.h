// What dockerConfig of a container holds: the parts of the Docker API's Config and HostConfig that
// a task definition has words for, with Docker's names.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace berth::ecs::wire {

/// Times in nanoseconds; 0: Docker's default.
struct DockerHealthcheck {
  std::vector<std::string> Test;
  int64_t Interval = 0;
  int64_t Timeout = 0;
  int64_t Retries = 0;
  int64_t StartPeriod = 0;

  bool operator==(const DockerHealthcheck&) const = default;
};

struct DockerContainerConfig {
  std::string Hostname;
  std::string User;
  std::string WorkingDir;
  std::map<std::string, std::string> Labels;
  bool OpenStdin = false;
  bool Tty = false;
  bool NetworkDisabled = false;
  std::optional<DockerHealthcheck> Healthcheck;
  /// ECS sends these as fields of the container; what stands here goes before them.
  std::string Image;
  std::vector<std::string> Env;
  std::vector<std::string> Cmd;
  std::vector<std::string> Entrypoint;
};

struct DockerUlimit {
  std::string Name;
  int64_t Soft = 0;
  int64_t Hard = 0;
};

struct DockerDevice {
  std::string PathOnHost;
  std::string PathInContainer;
  std::string CgroupPermissions;  // of "rwm"
};

struct DockerLogConfig {
  std::string Type;
  std::map<std::string, std::string> Config;
};

/// Sizes in bytes; 0: not given.
struct DockerHostConfig {
  std::string NetworkMode;
  std::vector<std::string> CapAdd;
  std::vector<std::string> CapDrop;
  int64_t Memory = 0;
  int64_t MemoryReservation = 0;
  std::optional<int64_t> MemorySwap;  // with the memory; 0 if that is 0 too, else not given
  std::optional<int64_t> MemorySwappiness;
  int64_t CpuShares = 0;
  bool Privileged = false;
  bool ReadonlyRootfs = false;
  std::vector<std::string> Dns;
  std::vector<std::string> DnsSearch;
  std::vector<std::string> ExtraHosts;  // "db:10.0.0.7"
  std::vector<std::string> SecurityOpt;
  std::vector<DockerUlimit> Ulimits;
  std::vector<DockerDevice> Devices;
  bool Init = false;
  int64_t ShmSize = 0;
  std::map<std::string, std::string> Tmpfs;  // path to options: "size=64m,noexec"
  std::map<std::string, std::string> Sysctls;
  std::optional<DockerLogConfig> LogConfig;
};

std::string FormatContainerConfig(const DockerContainerConfig& config);
std::string FormatHostConfig(const DockerHostConfig& config);

/// As agents written in Go read them: the names of fields in any case (ECS itself has sent
/// "HealthCheck"), and what is null, "", 0, false or empty is not given. Errors, one a line: no
/// JSON, wrong types, and fields that the struct does not have.
Result<DockerContainerConfig> ParseContainerConfig(std::string_view json);
Result<DockerHostConfig> ParseHostConfig(std::string_view json);

/// `command` of a container's overrides, which come as JSON in a string; other fields are ignored.
Result<std::vector<std::string>> ParseOverriddenCommand(std::string_view json);

}  // namespace berth::ecs::wire
