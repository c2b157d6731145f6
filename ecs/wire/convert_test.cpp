#include "ecs/wire/convert.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "base/json.h"
#include "ecs/dump.h"
#include "ecs/parse.h"
#include "ecs/wire/acs_message.h"

namespace berth::ecs::wire {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

std::string ReadAll(const std::filesystem::path& path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

// The task of `json`, given as containerDefinitions[0] and what else the task has.
TaskDefinition Task(const std::string& container, const std::string& more = "") {
  const auto definition = ParseTaskDefinition(fmt::format(
      R"({{"family": "web", "containerDefinitions": [{{"name": "web", "image": "web:1",
           "memory": 64{}{}}}]{}{}}})",
      container.empty() ? "" : ", ", container, more.empty() ? "" : ", ", more));
  EXPECT_TRUE(definition) << (definition ? "" : definition.error().message());
  return definition ? *definition : TaskDefinition{};
}

Json HostConfig(const AcsTask& task) {
  return *ParseJson(*task.containers.at(0).dockerConfig->hostConfig);
}
Json Config(const AcsTask& task) { return *ParseJson(*task.containers.at(0).dockerConfig->config); }

// -- scheduler to agent ---------------------------------------------------------------------------

TEST(ToAcsTask, GivesAMinimalTaskWhatAgentsExpect) {
  const AcsTask task = ToAcsTask(Task(""));
  EXPECT_EQ(task.family, "web");
  EXPECT_EQ(task.desiredStatus, "RUNNING");
  EXPECT_EQ(task.networkMode, "bridge");
  EXPECT_EQ(task.overrides, "{}");
  EXPECT_EQ(task.cpu, 0);
  ASSERT_EQ(task.containers.size(), 1u);
  EXPECT_EQ(task.containers[0].memory, 64);
  EXPECT_EQ(task.containers[0].dockerConfig,
            (DockerConfig{.config = "{}",
                          .hostConfig = R"({"NetworkMode":"bridge","CapAdd":[],"CapDrop":[]})",
                          .version = "1.21"}));
}

TEST(ToAcsTask, WritesHealthChecksInNanoseconds) {
  const AcsTask task = ToAcsTask(
      Task(R"("healthCheck": {"command": ["CMD", "true"], "interval": 7, "startPeriod": 2})"));
  EXPECT_EQ(Config(task).dump(),
            R"({"Healthcheck":{"Test":["CMD","true"],"Interval":7000000000,"Timeout":5000000000,)"
            R"("Retries":3,"StartPeriod":2000000000}})");
  EXPECT_EQ(task.containers[0].healthCheckType, "docker");
  EXPECT_EQ(task.containers[0].dockerConfig->version, "1.24");
}

TEST(ToAcsTask, PutsWhatTheWireHasNoFieldForIntoDockersConfig) {
  const AcsTask task =
      ToAcsTask(Task(R"("hostname": "h", "user": "1000:1000", "workingDirectory": "/srv",
              "dockerLabels": {"a": "b"}, "interactive": true, "pseudoTerminal": true)"));
  EXPECT_EQ(Config(task).dump(),
            R"({"Hostname":"h","User":"1000:1000","WorkingDir":"/srv","Labels":{"a":"b"},)"
            R"("OpenStdin":true,"Tty":true})");
}

TEST(ToAcsTask, PutsWhatIsOfTheHostIntoHostConfigInBytes) {
  const AcsTask task = ToAcsTask(Task(
      R"("memoryReservation": 32, "privileged": true, "readonlyRootFilesystem": true,
         "dnsServers": ["10.0.0.2"], "dnsSearchDomains": ["lan"],
         "extraHosts": [{"hostname": "db", "ipAddress": "fd00::7"}],
         "dockerSecurityOptions": ["no-new-privileges"],
         "ulimits": [{"name": "nofile", "softLimit": 1, "hardLimit": -1}],
         "systemControls": [{"namespace": "net.core.somaxconn", "value": "512"}],
         "logConfiguration": {"logDriver": "syslog", "options": {"tag": "x"}},
         "linuxParameters": {"capabilities": {"add": ["NET_ADMIN"], "drop": ["ALL"]},
           "devices": [{"hostPath": "/dev/fuse"},
                       {"hostPath": "/dev/a", "containerPath": "/dev/b", "permissions": ["read"]}],
           "initProcessEnabled": true, "sharedMemorySize": 128, "maxSwap": 16, "swappiness": 0,
           "tmpfs": [{"containerPath": "/run", "size": 8, "mountOptions": ["noexec", "rw"]}]})"));
  EXPECT_EQ(HostConfig(task).dump(),
            R"({"NetworkMode":"bridge","CapAdd":["NET_ADMIN"],"CapDrop":["ALL"],)"
            R"("MemoryReservation":33554432,"MemorySwap":83886080,"MemorySwappiness":0,)"
            R"("Privileged":true,"ReadonlyRootfs":true,"Dns":["10.0.0.2"],"DnsSearch":["lan"],)"
            R"("ExtraHosts":["db:fd00::7"],"SecurityOpt":["no-new-privileges"],)"
            R"("Ulimits":[{"Name":"nofile","Soft":1,"Hard":-1}],)"
            R"("Devices":[{"PathOnHost":"/dev/fuse","PathInContainer":"/dev/fuse",)"
            R"("CgroupPermissions":"rwm"},{"PathOnHost":"/dev/a","PathInContainer":"/dev/b",)"
            R"("CgroupPermissions":"r"}],"Init":true,"ShmSize":134217728,)"
            R"("Tmpfs":{"/run":"size=8m,noexec,rw"},"Sysctls":{"net.core.somaxconn":"512"},)"
            R"("LogConfig":{"Type":"syslog","Config":{"tag":"x"}}})");
}

TEST(ToAcsTask, SaysWhereSecretsComeFromAndGoTo) {
  const AcsTask task = ToAcsTask(Task(
      R"("secrets": [{"name": "A", "valueFrom": "/prod/a"}],
         "logConfiguration": {"logDriver": "splunk", "secretOptions": [{"name": "splunk-token",
           "valueFrom": "arn:aws:secretsmanager:us-west-2:123456789012:secret:t"}]})",
      R"("executionRoleArn": "arn:aws:iam::123456789012:role/e")"));
  EXPECT_THAT(task.containers[0].secrets,
              ElementsAre(AcsSecret{.name = "A",
                                    .valueFrom = "/prod/a",
                                    .type = "ENVIRONMENT_VARIABLE",
                                    .provider = "ssm",
                                    .target = "CONTAINER"},
                          AcsSecret{.name = "splunk-token",
                                    .valueFrom = "arn:aws:secretsmanager:us-west-2:123456789012:"
                                                 "secret:t",
                                    .region = "us-west-2",
                                    .provider = "asm",
                                    .target = "LOG_DRIVER"}));
}

TEST(ToAcsTask, TellsAgentsHowToLogInToRegistries) {
  TaskDefinition definition = Task("");
  definition.executionRoleArn = "arn:aws:iam::123456789012:role/e";
  definition.containerDefinitions[0].image = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/web:1";
  const auto ecr = ToAcsTask(definition).containers[0].registryAuthentication;
  ASSERT_TRUE(ecr);
  EXPECT_EQ(ecr->type, "ecr");
  EXPECT_EQ(ecr->ecrAuthData, (EcrAuthData{.registryId = "123456789012",
                                           .region = "eu-west-1",
                                           .endpointOverride = "",
                                           .useExecutionRole = true}));

  const std::string secret = "arn:aws:secretsmanager:us-west-2:123456789012:secret:login";
  definition.containerDefinitions[0].repositoryCredentials = RepositoryCredentials{secret};
  const auto asm_data = ToAcsTask(definition).containers[0].registryAuthentication->asmAuthData;
  EXPECT_EQ(asm_data, (AsmAuthData{secret, "us-west-2"}));
}

TEST(ToAcsTask, NumbersTheGpusThatContainersAskFor) {
  const AcsTask task =
      ToAcsTask(Task(R"("resourceRequirements": [{"type": "GPU", "value": "2"}])"));
  ASSERT_EQ(task.associations.size(), 2u);
  EXPECT_EQ(task.associations[1].name, "1");
  EXPECT_EQ(task.associations[1].type, "gpu");
  EXPECT_THAT(task.associations[1].containers, ElementsAre("web"));
}

// -- there and back -------------------------------------------------------------------------------

bool ByName(const KeyValuePair& a, const KeyValuePair& b) { return a.name < b.name; }

// As the wire keeps it: maps have no order, what has the same meaning has one form, and what only
// the scheduler needs stays there.
ContainerDefinition OverTheWire(ContainerDefinition container) {
  std::stable_sort(container.environment.begin(), container.environment.end(), ByName);
  std::sort(container.systemControls.begin(), container.systemControls.end(),
            [](const auto& a, const auto& b) { return a.namespace_ < b.namespace_; });
  for (PortMapping& port : container.portMappings) {
    port.name.reset();
    port.appProtocol.reset();
  }
  container.versionConsistency = {};
  if (!container.linuxParameters) return container;
  LinuxParameters& parameters = *container.linuxParameters;
  std::sort(parameters.tmpfs.begin(), parameters.tmpfs.end(),
            [](const auto& a, const auto& b) { return a.containerPath < b.containerPath; });
  for (Device& device : parameters.devices) {
    if (device.containerPath == device.hostPath) device.containerPath.reset();
    std::sort(device.permissions.begin(), device.permissions.end());
    if (device.permissions.size() == 3) device.permissions.clear();
  }
  if (parameters.capabilities == KernelCapabilities{}) parameters.capabilities.reset();
  if (parameters == LinuxParameters{}) container.linuxParameters.reset();
  return container;
}

TaskDefinition OverTheWire(TaskDefinition definition) {
  for (auto& container : definition.containerDefinitions) container = OverTheWire(container);
  for (Volume& volume : definition.volumes) {
    if (volume.host && !volume.host->sourcePath) volume.host.reset();
  }
  if (auto& proxy = definition.proxyConfiguration) {
    std::sort(proxy->properties.begin(), proxy->properties.end(), ByName);
  }
  definition.placementConstraints.clear();
  definition.requiresCompatibilities.clear();
  definition.ephemeralStorage.reset();
  definition.runtimePlatform.reset();
  definition.tags.clear();
  return definition;
}

bool HasForeignVolume(const TaskDefinition& definition) {
  return std::any_of(definition.volumes.begin(), definition.volumes.end(), [](const Volume& each) {
    return each.configuredAtLaunch || each.s3filesVolumeConfiguration ||
           each.fsxWindowsFileServerVolumeConfiguration;
  });
}

// Roles come back by their credentials, which the scheduler adds.
AcsTask WithRoles(AcsTask task, const TaskDefinition& definition) {
  if (const auto& role = definition.taskRoleArn) {
    task.roleCredentials = RoleCredentials{.roleArn = *role};
  }
  if (const auto& role = definition.executionRoleArn) {
    task.executionRoleCredentials = RoleCredentials{.roleArn = *role};
  }
  return task;
}

std::vector<std::filesystem::path> DefinitionFiles() {
  std::vector<std::filesystem::path> files;
  for (const char* folder : {BERTH_TASK_DEFINITIONS "/good", BERTH_EXAMPLES}) {
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
      const bool definition = entry.path().filename() == "taskdef.json" ||
                              entry.path().parent_path().filename() == "good";
      if (definition && entry.path().extension() == ".json") files.push_back(entry.path());
    }
  }
  return files;
}

TEST(AcsTaskThereAndBack, IsTheSameForEveryTaskDefinition) {
  const auto files = DefinitionFiles();
  EXPECT_GE(files.size(), 15u);
  for (const auto& file : files) {
    SCOPED_TRACE(file);
    auto definition = ParseTaskDefinition(ReadAll(file));
    ASSERT_TRUE(definition) << definition.error().message();
    if (HasForeignVolume(*definition)) {
      const auto refused = FromAcsTask(ToAcsTask(*definition));
      ASSERT_FALSE(refused);
      EXPECT_THAT(refused.error().message(), HasSubstr("must be host, docker or efs, not"));
      std::erase_if(definition->volumes, [](const Volume& each) {
        TaskDefinition alone;
        alone.volumes = {each};
        return HasForeignVolume(alone);
      });
      for (auto& container : definition->containerDefinitions) container.mountPoints.clear();
    }
    // Over the text of the wire too.
    const std::string frame = FormatAcs(
        AcsOrder(PayloadMessage{.tasks = {WithRoles(ToAcsTask(*definition), *definition)}}));
    const auto order = ParseAcsOrder(frame);
    ASSERT_TRUE(order) << order.error().message();
    const auto again = FromAcsTask(std::get<PayloadMessage>(*order).tasks.at(0));
    ASSERT_TRUE(again) << again.error().message();
    EXPECT_EQ(*again, OverTheWire(*definition)) << DumpTaskDefinition(*again) << "\n"
                                                << DumpTaskDefinition(OverTheWire(*definition));
  }
}

// -- agent's side ---------------------------------------------------------------------------------

// A task with `container`'s fields changed.
template <typename Change>
Result<TaskDefinition> FromChanged(Change change) {
  AcsTask task = ToAcsTask(Task(""));
  change(task, task.containers[0]);
  return FromAcsTask(task);
}
Result<TaskDefinition> FromHostConfig(const std::string& host_config) {
  return FromChanged(
      [&](AcsTask&, AcsContainer& container) { container.dockerConfig->hostConfig = host_config; });
}
Result<TaskDefinition> FromConfig(const std::string& config) {
  return FromChanged(
      [&](AcsTask&, AcsContainer& container) { container.dockerConfig->config = config; });
}

TEST(FromAcsTask, ConvertsTheTasksOfRecordedPayloads) {
  std::ifstream frames(BERTH_ECS_WIRE "/frames.jsonl");
  size_t tasks = 0;
  for (std::string line; std::getline(frames, line);) {
    if (line.find(R"("type":"PayloadMessage")") == std::string::npos) continue;
    const auto order = ParseAcsOrder(line);
    ASSERT_TRUE(order) << order.error().message();
    for (const AcsTask& task : std::get<PayloadMessage>(*order).tasks) {
      const auto definition = FromAcsTask(task);
      ASSERT_TRUE(definition) << definition.error().message();
      EXPECT_EQ(definition->family, task.family);
      ++tasks;
      if (task.family != "rich") continue;
      EXPECT_EQ(definition->cpu, 256);
      EXPECT_EQ(definition->containerDefinitions[1].healthCheck->interval, 5);
      EXPECT_EQ(definition->containerDefinitions[2].stopTimeout, 10);
      EXPECT_EQ(definition->volumes[0].dockerVolumeConfiguration->driver, "local");
    }
  }
  EXPECT_EQ(tasks, 2u);
}

TEST(FromAcsTask, ReadsTheSpellingsOfFieldsThatGoTakes) {
  const auto definition = FromConfig(
      R"({"HealthCheck": {"Test": ["CMD", "x"], "Interval": 30000000000, "Timeout": 5000000000,
          "Retries": 3}, "hostname": "h"})");
  ASSERT_TRUE(definition) << definition.error().message();
  EXPECT_EQ(definition->containerDefinitions[0].healthCheck->interval, 30);
  EXPECT_EQ(definition->containerDefinitions[0].hostname, "h");
}

TEST(FromAcsTask, LetsDockersConfigWinAsAgentsDo) {
  const auto definition =
      FromConfig(R"({"Image": "other:2", "Env": ["A=b=c"], "Cmd": ["x"], "Entrypoint": ["/e"]})");
  ASSERT_TRUE(definition) << definition.error().message();
  const ContainerDefinition& container = definition->containerDefinitions[0];
  EXPECT_EQ(container.image, "other:2");
  EXPECT_EQ(container.environment, (std::vector<KeyValuePair>{{"A", "b=c"}}));
  EXPECT_THAT(container.command, ElementsAre("x"));
  EXPECT_THAT(container.entryPoint, ElementsAre("/e"));
}

TEST(FromAcsTask, AppliesTheCommandOfOverridesAlone) {
  const auto definition = FromChanged([](AcsTask&, AcsContainer& container) {
    container.overrides = R"({"command": ["sleep", "1"], "cpu": 7})";
  });
  ASSERT_TRUE(definition) << definition.error().message();
  EXPECT_THAT(definition->containerDefinitions[0].command, ElementsAre("sleep", "1"));
  EXPECT_EQ(definition->containerDefinitions[0].cpu, 0);
}

TEST(FromAcsTask, TakesTheNetworkModeFromHostConfigIfTheTaskHasNone) {
  const auto definition = FromChanged([](AcsTask& task, AcsContainer& container) {
    task.networkMode.reset();
    container.dockerConfig->hostConfig = R"({"NetworkMode": "host"})";
  });
  ASSERT_TRUE(definition) << definition.error().message();
  EXPECT_EQ(definition->networkMode, NetworkMode::kHost);
  EXPECT_EQ(FromHostConfig(R"({"NetworkMode": "host"})").error().message(),
            "containers[0].dockerConfig.hostConfig: NetworkMode is \"host\", but the task's is "
            "\"bridge\"");
}

TEST(FromAcsTask, TakesFieldsThatSayNothing) {
  EXPECT_TRUE(FromHostConfig(R"({"Binds": null, "PidsLimit": 0, "UsernsMode": "", "Links": []})"));
  EXPECT_TRUE(FromHostConfig("null").has_value() == false);
  EXPECT_TRUE(FromHostConfig(""));
}

TEST(FromAcsTask, RefusesByNameWhatATaskDefinitionCannotSay) {
  EXPECT_EQ(FromHostConfig(R"({"Binds": ["/:/host"], "PidsLimit": 5})").error().message(),
            "containers[0].dockerConfig.hostConfig: unknown field \"Binds\"\n"
            "containers[0].dockerConfig.hostConfig: unknown field \"PidsLimit\"");
  EXPECT_EQ(FromHostConfig(R"({"Memory": 1000, "LogConfig": {"Type": "none"}})").error().message(),
            "containers[0].dockerConfig.hostConfig.Memory: must be a whole number of MiB, in "
            "bytes, not 1000\n"
            "containers[0].dockerConfig.hostConfig.LogConfig.Type: must be one of json-file, "
            "syslog, journald, gelf, fluentd, awslogs, splunk, awsfirelens, not \"none\"");
  EXPECT_EQ(FromConfig(R"({"Domainname": "x", "User": 7})").error().message(),
            "containers[0].dockerConfig.config: User: must be a string, not number\n"
            "containers[0].dockerConfig.config: unknown field \"Domainname\"");
  EXPECT_EQ(FromConfig("{").error().message(),
            "containers[0].dockerConfig.config: not valid JSON at line 1 column 2");
  const auto volume = FromChanged([](AcsTask& task, AcsContainer&) {
    task.volumes = {{.name = "v", .type = "ebs"}};
    task.associations = {{.name = "x", .type = "fpga"}};
  });
  EXPECT_EQ(volume.error().message(),
            "volumes[0].type: must be host, docker or efs, not \"ebs\"\n"
            "associations[0].type: must be gpu or elastic-inference, not \"fpga\"");
}

TEST(FromAcsTask, RefusesNulInDockersConfigToo) {
  EXPECT_THAT(FromConfig(R"({"User": "a\u0000b"})").error().message(),
              HasSubstr("User: must not hold a NUL character"));
}

TEST(FromAcsTask, GivesNothingThatIsNoValidTaskDefinition) {
  const auto definition =
      FromChanged([](AcsTask&, AcsContainer& container) { container.name = "../../etc"; });
  ASSERT_FALSE(definition);
  EXPECT_THAT(definition.error().message(), HasSubstr("containerDefinitions[0].name"));
}

}  // namespace
}  // namespace berth::ecs::wire
