#include "ecs/wire/from_docker.h"

#include "base/text.h"
#include "ecs/wire/docker_config.h"

namespace berth::ecs::wire {
namespace {

constexpr int64_t kMiB = 1 << 20;
constexpr int64_t kSecond = 1'000'000'000;

std::optional<std::string> Given(const std::string& text) {
  return text.empty() ? std::nullopt : std::optional(text);
}

// `value` in another unit; nothing if it is 0. Complains about what is no whole number of them.
std::optional<int64_t> In(int64_t unit, std::string_view unit_name, int64_t value,
                          const Place& at) {
  if (value == 0) return std::nullopt;
  if (value < 0 || value % unit != 0) {
    at.Complain("must be a whole number of {}, not {}", unit_name, value);
  }
  return value / unit;
}

HealthCheck ReadHealthCheck(const DockerHealthcheck& from, const Place& at) {
  HealthCheck to{.command = from.Test};
  const auto seconds = [&](const char* name, int64_t value, int64_t fallback) {
    return In(kSecond, "seconds, in nanoseconds", value, at[name]).value_or(fallback);
  };
  to.interval = seconds("Interval", from.Interval, to.interval);
  to.timeout = seconds("Timeout", from.Timeout, to.timeout);
  to.startPeriod = seconds("StartPeriod", from.StartPeriod, to.startPeriod);
  if (from.Retries != 0) to.retries = from.Retries;
  return to;
}

void ReadEnvironment(const std::vector<std::string>& from, const Place& at,
                     ContainerDefinition& to) {
  if (from.empty()) return;
  to.environment.clear();
  for (const std::string& variable : from) {
    const size_t equals = variable.find('=');
    if (equals == std::string::npos || equals == 0) {
      at.Complain("must hold NAME=VALUE, not {}", QuoteJson(variable));
      continue;
    }
    to.environment.push_back({variable.substr(0, equals), variable.substr(equals + 1)});
  }
}

void ReadContainerConfig(const DockerContainerConfig& from, const Place& at,
                         ContainerDefinition& to) {
  to.hostname = Given(from.Hostname);
  to.user = Given(from.User);
  to.workingDirectory = Given(from.WorkingDir);
  to.dockerLabels = from.Labels;
  to.interactive = from.OpenStdin;
  to.pseudoTerminal = from.Tty;
  to.disableNetworking = from.NetworkDisabled;
  if (from.Healthcheck) to.healthCheck = ReadHealthCheck(*from.Healthcheck, at["Healthcheck"]);
  // As agents decode this over what they have made of the container's own fields.
  if (!from.Image.empty()) to.image = from.Image;
  ReadEnvironment(from.Env, at["Env"], to);
  if (!from.Cmd.empty()) to.command = from.Cmd;
  if (!from.Entrypoint.empty()) to.entryPoint = from.Entrypoint;
}

Device ReadDevice(const DockerDevice& from, const Place& at) {
  Device to{.hostPath = from.PathOnHost};
  if (!from.PathInContainer.empty() && from.PathInContainer != from.PathOnHost) {
    to.containerPath = from.PathInContainer;
  }
  if (from.CgroupPermissions == "rwm") return to;  // what none means too
  for (const char letter : from.CgroupPermissions) {
    switch (letter) {
      case 'r':
        to.permissions.push_back(DevicePermission::kRead);
        break;
      case 'w':
        to.permissions.push_back(DevicePermission::kWrite);
        break;
      case 'm':
        to.permissions.push_back(DevicePermission::kMknod);
        break;
      default:
        at["CgroupPermissions"].Complain("must be made of r, w and m, not {}",
                                         QuoteJson(from.CgroupPermissions));
        return to;
    }
  }
  return to;
}

// MiB of a mount's size option: "64m", "1g", "65536k", "67108864".
std::optional<int64_t> ToMiB(std::string_view size) {
  int64_t unit = 1;
  if (!size.empty()) {
    const char letter = static_cast<char>(size.back() | 0x20);
    unit = letter == 'k' ? 1 << 10 : letter == 'm' ? kMiB : letter == 'g' ? kMiB << 10 : 1;
    if (unit != 1) size.remove_suffix(1);
  }
  const auto count = ParseInteger<int64_t>(size);
  if (!count || *count < 0 || *count > INT64_MAX / unit || *count * unit % kMiB != 0) {
    return std::nullopt;
  }
  return *count * unit / kMiB;
}

Tmpfs ReadTmpfs(const std::string& path, const std::string& options, const Place& at) {
  Tmpfs to{.containerPath = path};
  std::optional<int64_t> size;
  for (std::string_view rest = options; !rest.empty();) {
    const std::string_view option = rest.substr(0, rest.find(','));
    rest.remove_prefix(std::min(rest.size(), option.size() + 1));
    if (option.starts_with("size=")) {
      size = ToMiB(option.substr(5));
    } else {
      to.mountOptions.emplace_back(option);
    }
  }
  if (!size) at.Complain("must have a size of whole MiB among its options: {}", QuoteJson(options));
  to.size = size.value_or(0);
  return to;
}

void ReadSwap(const DockerHostConfig& from, const Place& at, const ContainerDefinition& container,
              LinuxParameters& to) {
  to.swappiness = from.MemorySwappiness;
  const int64_t memory = container.memory.value_or(0);
  if (!from.MemorySwap || (from.MemorySwap == 0 && memory != 0)) return;
  const int64_t total = In(kMiB, "MiB, in bytes", *from.MemorySwap, at["MemorySwap"]).value_or(0);
  if (total < memory) {
    at["MemorySwap"].Complain("must be at least the memory, not {}", *from.MemorySwap);
  }
  to.maxSwap = total - memory;
}

void ReadLinuxParameters(const DockerHostConfig& from, const Place& at, ContainerDefinition& to) {
  LinuxParameters parameters{.initProcessEnabled = from.Init};
  if (!from.CapAdd.empty() || !from.CapDrop.empty()) {
    parameters.capabilities = KernelCapabilities{from.CapAdd, from.CapDrop};
  }
  for (size_t i = 0; i < from.Devices.size(); ++i) {
    parameters.devices.push_back(ReadDevice(from.Devices[i], at["Devices"][i]));
  }
  parameters.sharedMemorySize = In(kMiB, "MiB, in bytes", from.ShmSize, at["ShmSize"]);
  for (const auto& [path, options] : from.Tmpfs) {
    parameters.tmpfs.push_back(ReadTmpfs(path, options, at["Tmpfs"][path]));
  }
  ReadSwap(from, at, to, parameters);
  if (parameters != LinuxParameters{}) to.linuxParameters = std::move(parameters);
}

void ReadHostLists(const DockerHostConfig& from, const Place& at, ContainerDefinition& to) {
  for (size_t i = 0; i < from.ExtraHosts.size(); ++i) {
    const std::string& entry = from.ExtraHosts[i];
    const size_t colon = entry.find(':');
    if (colon == std::string::npos) {
      at["ExtraHosts"][i].Complain("must be HOSTNAME:ADDRESS, not {}", QuoteJson(entry));
      continue;
    }
    to.extraHosts.push_back({entry.substr(0, colon), entry.substr(colon + 1)});
  }
  for (size_t i = 0; i < from.Ulimits.size(); ++i) {
    const DockerUlimit& limit = from.Ulimits[i];
    to.ulimits.push_back({ToEnum(limit.Name, UlimitName::kNofile, at["Ulimits"][i]["Name"]),
                          limit.Soft, limit.Hard});
  }
  for (const auto& [name, value] : from.Sysctls) to.systemControls.push_back({name, value});
}

void ReadHostConfig(const DockerHostConfig& from, const Place& at, ContainerDefinition& to) {
  if (const auto memory = In(kMiB, "MiB, in bytes", from.Memory, at["Memory"])) to.memory = memory;
  to.memoryReservation = In(kMiB, "MiB, in bytes", from.MemoryReservation, at["MemoryReservation"]);
  if (from.CpuShares != 0) to.cpu = from.CpuShares;
  to.privileged = from.Privileged;
  to.readonlyRootFilesystem = from.ReadonlyRootfs;
  to.dnsServers = from.Dns;
  to.dnsSearchDomains = from.DnsSearch;
  to.dockerSecurityOptions = from.SecurityOpt;
  ReadHostLists(from, at, to);
  if (from.LogConfig && !from.LogConfig->Type.empty()) {
    to.logConfiguration = LogConfiguration{
        .logDriver = ToEnum(from.LogConfig->Type, LogDriver::kJsonFile, at["LogConfig"]["Type"]),
        .options = from.LogConfig->Config};
  }
  ReadLinuxParameters(from, at, to);
}

// Each line of `error`, which is about the document in the string at `at`.
void Complain(const Error& error, const Place& at) {
  for (const std::string_view line : Split(error.message(), '\n')) at.Complain("{}", line);
}

}  // namespace

void ReadDockerConfig(const DockerConfig& from, const Place& at, ContainerDefinition& to) {
  if (const auto config = ParseContainerConfig(from.config.value_or(""))) {
    ReadContainerConfig(*config, at["config"], to);
  } else {
    Complain(config.error(), at["config"]);
  }
  if (const auto config = ParseHostConfig(from.hostConfig.value_or(""))) {
    ReadHostConfig(*config, at["hostConfig"], to);
  } else {
    Complain(config.error(), at["hostConfig"]);
  }
}

std::optional<std::string> NetworkModeOf(const DockerConfig& config) {
  const auto parsed = ParseHostConfig(config.hostConfig.value_or(""));
  return parsed ? Given(parsed->NetworkMode) : std::nullopt;
}

void ReadOverrides(const std::string& overrides, const Place& at, ContainerDefinition& to) {
  const auto command = ParseOverriddenCommand(overrides);
  if (!command) {
    Complain(command.error(), at);
  } else if (!command->empty()) {
    to.command = *command;
  }
}

}  // namespace berth::ecs::wire
