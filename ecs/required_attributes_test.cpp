#include "ecs/required_attributes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace berth::ecs {
namespace {

using testing::IsEmpty;
using testing::UnorderedElementsAre;

constexpr const char* kEcrImage = "111122223333.dkr.ecr.eu-central-1.amazonaws.com/shop/web:2";

LogConfiguration Awslogs(std::map<std::string, std::string> more = {}) {
  LogConfiguration log{.logDriver = LogDriver::kAwslogs, .options = std::move(more)};
  log.options["awslogs-group"] = "/ecs/shop";
  log.options["awslogs-region"] = "eu-central-1";
  return log;
}

// Without the prefixes: "docker 1.18" and "old" stand for com.amazonaws.ecs.capability.
std::vector<std::string> Short(const TaskDefinition& definition) {
  const std::string docker = "com.amazonaws.ecs.capability.docker-remote-api.";
  const std::string old = "com.amazonaws.ecs.capability.";
  const std::string now = "ecs.capability.";
  std::vector<std::string> names;
  for (const std::string& name : RequiredAttributes(definition)) {
    if (name.starts_with(docker)) {
      names.push_back("docker " + name.substr(docker.size()));
    } else if (name.starts_with(old)) {
      names.push_back("old " + name.substr(old.size()));
    } else {
      EXPECT_TRUE(name.starts_with(now)) << name;
      names.push_back(name.substr(now.size()));
    }
  }
  return names;
}

TaskDefinition With(ContainerDefinition container) {
  return {.containerDefinitions = {std::move(container)}};
}

TEST(RequiredAttributes, AreNoneForAPlainTask) {
  EXPECT_THAT(RequiredAttributes(With({.name = "web",
                                       .image = "nginx",
                                       .cpu = 10,
                                       .memory = 64,
                                       .portMappings = {{.containerPort = 80}},
                                       .command = {"nginx"},
                                       .environment = {{"A", "1"}},
                                       .user = "0"})),
              IsEmpty());
}

// The next four are what ECS answered for definitions with these parameters.

TEST(RequiredAttributes, OfAServiceWithAHealthCheckAndItsLogsGroupMade) {
  EXPECT_THAT(
      Short({.containerDefinitions = {{.image = kEcrImage,
                                       .logConfiguration =
                                           Awslogs({{"awslogs-create-group", "true"}}),
                                       .healthCheck = {{.command = {"CMD-SHELL", "true"}}}}},
             .taskRoleArn = "arn:aws:iam::111122223333:role/task",
             .executionRoleArn = "arn:aws:iam::111122223333:role/execution",
             .networkMode = NetworkMode::kAwsvpc,
             .cpu = 1024,
             .memory = 2048}),
      UnorderedElementsAre("old logging-driver.awslogs", "docker 1.24", "execution-role-awslogs",
                           "old ecr-auth", "docker 1.19", "old task-iam-role",
                           "container-health-check", "execution-role-ecr-pull", "docker 1.18",
                           "task-eni", "docker 1.29"));
}

TEST(RequiredAttributes, OfATaskWithItsSecretsAndAFileSystem) {
  const std::string arn = "arn:aws:secretsmanager:eu-central-1:111122223333:secret:a";
  EXPECT_THAT(
      Short({.containerDefinitions = {{.image = kEcrImage,
                                       .memory = 512,
                                       .links = {"other"},
                                       .secrets = {{"A", arn}, {"B", "/shop/b"}},
                                       .startTimeout = 40,
                                       .stopTimeout = 15,
                                       .logConfiguration = Awslogs({{"mode", "non-blocking"}})}},
             .taskRoleArn = "task",
             .executionRoleArn = "execution",
             .networkMode = NetworkMode::kAwsvpc,
             .volumes = {{.name = "efs", .efsVolumeConfiguration = {{.fileSystemId = "fs-1"}}}},
             .cpu = 128,
             .memory = 512}),
      UnorderedElementsAre(
          "execution-role-awslogs", "old ecr-auth", "docker 1.17", "docker 1.28",
          "old task-iam-role", "execution-role-ecr-pull", "secrets.ssm.environment-variables",
          "docker 1.18", "task-eni", "old logging-driver.awslogs", "efsAuth", "docker 1.19",
          "secrets.asm.environment-variables", "efs", "container-ordering", "docker 1.25"));
}

TEST(RequiredAttributes, OfAPrivilegedTaskInTheHostsNamespaces) {
  EXPECT_THAT(
      Short({.containerDefinitions =
                 {{.image = kEcrImage,
                   .portMappings = {{.containerPort = 10086, .hostPort = 10086}},
                   .entryPoint = {"/bin/sh"},
                   .linuxParameters = {{.devices = {{.hostPath = "/dev/infiniband"}},
                                        .sharedMemorySize = 16384}},
                   .privileged = true,
                   .ulimits = {{.name = UlimitName::kMemlock, .softLimit = -1, .hardLimit = -1}},
                   .logConfiguration = Awslogs({{"mode", "non-blocking"},
                                                {"awslogs-create-group", "true"},
                                                {"max-buffer-size", "25m"}}),
                   .resourceRequirements = {{.value = "8", .type = ResourceType::kGpu}}}},
             .taskRoleArn = "task",
             .executionRoleArn = "execution",
             .networkMode = NetworkMode::kHost,
             .volumes = {{.name = "a", .host = {{.sourcePath = "/fsx"}}}},
             .memory = 1843200,
             .ipcMode = IpcMode::kHost}),
      UnorderedElementsAre("execution-role-awslogs", "old task-iam-role-network-host",
                           "old ecr-auth", "old privileged-container", "docker 1.17", "docker 1.28",
                           "old task-iam-role", "docker 1.22", "execution-role-ecr-pull",
                           "docker 1.18", "docker 1.29", "old logging-driver.awslogs",
                           "docker 1.19", "pid-ipc-namespace-sharing"));
}

TEST(RequiredAttributes, OfALogRouterAndWhomItServes) {
  EXPECT_THAT(
      Short({.containerDefinitions =
                 {{.image = kEcrImage,
                   .memory = 128,
                   .logConfiguration = {{.logDriver = LogDriver::kAwsfirelens,
                                         .options = {{"Name", "cloudwatch"}}}}},
                  {.image = "111122223333.dkr.ecr.eu-central-1.amazonaws.com/fluent-bit",
                   .memoryReservation = 50,
                   .user = "0",
                   .firelensConfiguration = {{.type = FirelensConfigurationType::kFluentbit}}}}}),
      UnorderedElementsAre("old ecr-auth", "firelens.fluentbit", "docker 1.19", "docker 1.21",
                           "old logging-driver.awsfirelens"));
}

struct Case {
  const char* what;
  TaskDefinition definition;
  std::vector<std::string> attributes;
};

TEST(RequiredAttributes, FollowEachParameter) {
  const std::string asm_arn = "arn:aws:secretsmanager:eu-central-1:111122223333:secret:a";
  const Case cases[] = {
      {"digest", With({.image = "nginx@sha256:0123"}), {"docker 1.21"}},
      {"registry's password",
       With({.image = "r.example/a", .repositoryCredentials = {{asm_arn}}}),
       {"private-registry-authentication.secretsmanager"}},
      {"ECR without a role", With({.image = kEcrImage}), {"old ecr-auth"}},
      {"no ECR", With({.image = "dkr.ecr.example/amazonaws.com"}), {}},
      {"log driver without options",
       With({.logConfiguration = {{.logDriver = LogDriver::kJsonFile}}}),
       {"docker 1.18", "old logging-driver.json-file"}},
      {"log driver with options",
       With({.logConfiguration = {{.logDriver = LogDriver::kFluentd, .options = {{"a", "b"}}}}}),
       {"docker 1.19", "old logging-driver.fluentd"}},
      {"log driver's secrets",
       With({.logConfiguration = {{.logDriver = LogDriver::kSplunk,
                                   .secretOptions = {{"a", asm_arn}, {"b", "/b"}}}}}),
       {"docker 1.18", "old logging-driver.splunk", "secrets.asm.bootstrap.log-driver",
        "secrets.ssm.bootstrap.log-driver"}},
      {"times in logs",
       With({.logConfiguration = Awslogs({{"awslogs-datetime-format", "%Y"}})}),
       {"docker 1.19", "docker 1.30", "old logging-driver.awslogs"}},
      {"log router's buffer",
       With({.logConfiguration = {{.logDriver = LogDriver::kAwsfirelens,
                                   .options = {{"log-driver-buffer-limit", "1"}}}}}),
       {"docker 1.19", "old logging-driver.awsfirelens",
        "logging-driver.awsfirelens.log-driver-buffer-limit"}},
      {"log router's file",
       With({.firelensConfiguration = {{.type = FirelensConfigurationType::kFluentd,
                                        .options = {{"config-file-type", "s3"}}}}}),
       {"firelens.fluentd", "firelens.options.config.s3"}},
      {"health check that waits",
       With({.healthCheck = {{.command = {"CMD", "true"}, .startPeriod = 10}}}),
       {"container-health-check", "docker 1.29"}},
      {"order", With({.dependsOn = {{.containerName = "a"}}}), {"container-ordering"}},
      {"restarts", With({.restartPolicy = {{.enabled = true}}}), {"container-restart-policy"}},
      {"no restarts", With({.restartPolicy = {{.enabled = false}}}), {}},
      {"environment files",
       With({.environmentFiles = {{.value = "arn:aws:s3:::a/b.env"}}}),
       {"env-files.s3"}},
      {"port range",
       With({.portMappings = {{.containerPortRange = "80-90"}}}),
       {"network.container-port-range"}},
      {"security options",
       With({.dockerSecurityOptions = {"label:type:x", "apparmor:p", "no-new-privileges"}}),
       {"docker 1.17", "docker 1.23", "old apparmor", "old selinux"}},
      {"init", With({.linuxParameters = {{.initProcessEnabled = true}}}), {"docker 1.25"}},
      {"labels", With({.dockerLabels = {{"a", "b"}}}), {"docker 1.17"}},
      {"Docker volume",
       {.volumes = {{.name = "a", .dockerVolumeConfiguration = {{.driver = "rexray/ebs:latest"}}}}},
       {"docker 1.25", "docker-plugin.rexray/ebs.latest"}},
      {"Docker's own volume",
       {.volumes = {{.name = "a", .dockerVolumeConfiguration = {{}}}}},
       {"docker 1.25", "docker-plugin.local"}},
      {"host volume", {.volumes = {{.name = "a", .host = {{}}}}}, {}},
      {"EBS",
       {.volumes = {{.name = "a", .configuredAtLaunch = true}}},
       {"storage.ebs-task-volume-attach"}},
      {"process namespace", {.pidMode = PidMode::kTask}, {"pid-ipc-namespace-sharing"}},
      {"no IPC", {.ipcMode = IpcMode::kNone}, {"docker 1.32", "pid-ipc-namespace-sharing"}},
      {"proxy", {.proxyConfiguration = {{.containerName = "envoy"}}}, {"aws-appmesh"}},
      {"storage", {.ephemeralStorage = {{.sizeInGiB = 21}}}, {"extensible-ephemeral-storage"}},
      {"faults", {.enableFaultInjection = true}, {"fault-injection"}},
      {"task role", {.taskRoleArn = "a"}, {"old task-iam-role"}},
      {"size", {.cpu = 256, .memory = 512}, {}},
  };
  for (const Case& each : cases) {
    EXPECT_THAT(Short(each.definition), testing::UnorderedElementsAreArray(each.attributes))
        << each.what;
  }
}

}  // namespace
}  // namespace berth::ecs
