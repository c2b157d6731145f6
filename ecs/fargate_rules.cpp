#include <array>

#include "ecs/names.h"
#include "ecs/rules.h"

namespace berth::ecs {
namespace {

// The memory that FARGATE offers for a number of CPU units: from, to, in steps of (MiB).
struct FargateSize {
  int64_t cpu;
  int64_t least;
  int64_t most;
  int64_t step;
};

constexpr auto kSizes = std::to_array<FargateSize>({
    {256, 512, 2048, 512},  // but not 1536
    {512, 1024, 4096, 1024},
    {1024, 2048, 8192, 1024},
    {2048, 4096, 16384, 1024},
    {4096, 8192, 30720, 1024},
    {8192, 16384, 61440, 4096},
    {16384, 32768, 122880, 8192},
});

void CheckSize(const TaskDefinition& definition, const Place& at) {
  if (!definition.cpu) at.Complain("cpu is required, as for every task of FARGATE");
  if (!definition.memory) at.Complain("memory is required, as for every task of FARGATE");
  if (!definition.cpu || !definition.memory) return;
  const int64_t memory = *definition.memory;
  const auto size = std::find_if(kSizes.begin(), kSizes.end(), [&](const FargateSize& each) {
    return each.cpu == *definition.cpu;
  });
  if (size == kSizes.end()) {
    return at["cpu"].Complain(
        "must be 256, 512, 1024, 2048, 4096, 8192 or 16384 for FARGATE, not {}", *definition.cpu);
  }
  const bool fits = memory >= size->least && memory <= size->most && memory % size->step == 0;
  if (fits && !(size->cpu == 256 && memory == 1536)) return;
  if (size->cpu == 256) {
    return at["memory"].Complain("must be 512, 1024 or 2048 MiB for FARGATE with cpu 256, not {}",
                                 memory);
  }
  at["memory"].Complain("must be from {} to {} MiB in steps of {} for FARGATE with cpu {}, not {}",
                        size->least, size->most, size->step, size->cpu, memory);
}

void CheckCpuSum(const TaskDefinition& definition, const Place& at) {
  int64_t sum = 0;
  for (const ContainerDefinition& container : definition.containerDefinitions) {
    sum += std::clamp<int64_t>(container.cpu, 0, INT32_MAX);
  }
  if (!definition.cpu || sum <= *definition.cpu) return;
  at["cpu"].Complain("must hold what the containers ask for ({} units) for FARGATE, not {}", sum,
                     *definition.cpu);
}

void CheckLinux(const LinuxParameters& parameters, const Place& at) {
  constexpr std::string_view kNotThere = "must not be given for FARGATE";
  if (!parameters.devices.empty()) at["devices"].Complain("{}", kNotThere);
  if (parameters.sharedMemorySize) at["sharedMemorySize"].Complain("{}", kNotThere);
  if (parameters.maxSwap) at["maxSwap"].Complain("{}", kNotThere);
  if (parameters.swappiness) at["swappiness"].Complain("{}", kNotThere);
  if (!parameters.capabilities) return;
  for (size_t i = 0; i < parameters.capabilities->add.size(); ++i) {
    if (parameters.capabilities->add[i] == "SYS_PTRACE") continue;
    at["capabilities"]["add"][i].Complain("must be SYS_PTRACE for FARGATE, not {}",
                                          QuoteJson(parameters.capabilities->add[i]));
  }
}

void CheckLogDriver(const TaskDefinition& definition, const LogConfiguration& log,
                    const Place& at) {
  const LogDriver driver = log.logDriver;
  if (driver != LogDriver::kAwslogs && driver != LogDriver::kSplunk &&
      driver != LogDriver::kAwsfirelens) {
    at["logDriver"].Complain("must be awslogs, splunk or awsfirelens for FARGATE, not {}",
                             NameOf(driver));
  }
  if (driver != LogDriver::kAwslogs) return;
  if (!log.options.contains("awslogs-stream-prefix")) {
    at["options"].Complain("awslogs-stream-prefix is required for FARGATE");
  }
  if (!definition.executionRoleArn) {
    at["logDriver"].Complain("awslogs needs an executionRoleArn for FARGATE");
  }
}

void CheckContainerForFargate(const TaskDefinition& definition,
                              const ContainerDefinition& container, const Place& at) {
  constexpr std::string_view kNotThere = "must not be given for FARGATE";
  if (container.privileged) at["privileged"].Complain("must be false for FARGATE");
  if (!container.dockerSecurityOptions.empty()) {
    at["dockerSecurityOptions"].Complain("{}", kNotThere);
  }
  if (!container.resourceRequirements.empty()) {
    at["resourceRequirements"].Complain("{}", kNotThere);
  }
  if (container.startTimeout) at["startTimeout"].CheckRange(*container.startTimeout, 2, 120);
  if (container.stopTimeout) at["stopTimeout"].CheckRange(*container.stopTimeout, 2, 120);
  if (container.linuxParameters) CheckLinux(*container.linuxParameters, at["linuxParameters"]);
  if (container.logConfiguration) {
    CheckLogDriver(definition, *container.logConfiguration, at["logConfiguration"]);
  }
}

}  // namespace

void CheckFargate(const TaskDefinition& definition, const Place& at) {
  if (definition.networkMode != NetworkMode::kAwsvpc) {
    at["networkMode"].Complain("must be awsvpc for FARGATE, not {}",
                               NameOf(definition.networkMode));
  }
  CheckSize(definition, at);
  CheckCpuSum(definition, at);
  if (definition.pidMode == PidMode::kHost) {
    at["pidMode"].Complain("must be task for FARGATE, not host");
  }
  if (definition.ipcMode) at["ipcMode"].Complain("must not be given for FARGATE");
  if (!definition.placementConstraints.empty()) {
    at["placementConstraints"].Complain("must not be given for FARGATE");
  }
  for (size_t i = 0; i < definition.volumes.size(); ++i) {
    const Volume& volume = definition.volumes[i];
    const Place place = at["volumes"][i];
    if (volume.dockerVolumeConfiguration) {
      place["dockerVolumeConfiguration"].Complain("must not be given for FARGATE");
    }
    if (volume.host && volume.host->sourcePath) {
      place["host"]["sourcePath"].Complain("must not be given for FARGATE");
    }
  }
  for (size_t i = 0; i < definition.containerDefinitions.size(); ++i) {
    CheckContainerForFargate(definition, definition.containerDefinitions[i],
                             at["containerDefinitions"][i]);
  }
}

}  // namespace berth::ecs
