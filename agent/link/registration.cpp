#include "agent/link/registration.h"

#include <sys/utsname.h>

#include <algorithm>

#include "agent/task/resources.h"
#include "base/log.h"
#include "base/text.h"
#include "ecs/api/cluster.h"

namespace berth::agent::link {
namespace {

// Docker's API levels that features of task definitions are tied to (ecs-agent 1.105).
constexpr const char* kDockerApis[] = {"1.17", "1.18", "1.19", "1.20", "1.21", "1.22", "1.23",
                                       "1.24", "1.25", "1.28", "1.29", "1.30", "1.32"};

constexpr const char* kCapabilities[] = {
    "com.amazonaws.ecs.capability.logging-driver.json-file",
    "com.amazonaws.ecs.capability.privileged-container",
    "com.amazonaws.ecs.capability.task-iam-role",
    "com.amazonaws.ecs.capability.task-iam-role-network-host",
    "ecs.capability.container-health-check",
    "ecs.capability.container-ordering",
    "ecs.capability.container-restart-policy",
    "ecs.capability.full-sync",
    "ecs.capability.increased-task-cpu-limit",
    "ecs.capability.task-cpu-mem-limit",
    "ecs.capability.task-eni",
    "ecs.capability.task-eni-block-instance-metadata",
};

constexpr const char* kArn = "container-instance-arn";
constexpr const char* kCluster = "cluster";

std::string Architecture() {
  utsname name{};
  ::uname(&name);
  return std::string(name.machine) == "aarch64" ? "arm64" : name.machine;
}

bool SameValue(const ecs::api::Attribute& a, const ecs::api::Attribute& b) {
  return a.name == b.name && a.value.value_or("") == b.value.value_or("");
}

}  // namespace

std::vector<ecs::api::Attribute> Capabilities() {
  std::vector<ecs::api::Attribute> attributes;
  for (const char* version : kDockerApis) {
    attributes.push_back(
        {.name = fmt::format("com.amazonaws.ecs.capability.docker-remote-api.{}", version)});
  }
  for (const char* name : kCapabilities) attributes.push_back({.name = name});
  attributes.push_back({.name = "ecs.os-type", .value = "linux"});
  attributes.push_back({.name = "ecs.os-family", .value = "LINUX"});
  attributes.push_back({.name = "ecs.cpu-architecture", .value = Architecture()});
  return attributes;
}

std::vector<ecs::api::Resource> TotalResources(const LinkSettings& settings) {
  const HostCapacity capacity = Capacity();
  return {
      {.name = "CPU", .type = "INTEGER", .integerValue = capacity.cpu},
      {.name = "MEMORY",
       .type = "INTEGER",
       .integerValue = capacity.memory - settings.reserved_memory},
      {.name = "PORTS", .type = "STRINGSET", .stringSetValue = settings.reserved_ports},
      {.name = "PORTS_UDP", .type = "STRINGSET", .stringSetValue = settings.reserved_ports_udp}};
}

void Registration::Begin(std::function<void(Result<RegisteredInstance>)> done) {
  done_ = std::move(done);
  const LinkSettings& settings = api_.settings();
  const auto known = book_.Fact(kArn);
  const auto cluster = book_.Fact(kCluster);
  if (!known || !cluster) return done_(known ? cluster.error() : known.error());
  if (*cluster && **cluster != settings.cluster) {
    return done_(MakeError(
        "this host is registered in cluster {}, and ECS_CLUSTER says {}: deregister it there and "
        "remove the agent's state, or set ECS_CLUSTER back",
        **cluster, settings.cluster));
  }
  request_ = {.cluster = settings.cluster,
              .instanceIdentityDocument = "",
              .instanceIdentityDocumentSignature = "",
              .totalResources = TotalResources(settings),
              .containerInstanceArn = *known,
              .attributes = Capabilities(),
              .tags = settings.tags,
              .clientToken = RandomHex(16)};
  if (!*known) {
    request_.attributes.insert(request_.attributes.end(), settings.attributes.begin(),
                               settings.attributes.end());
  }
  Try();
}

void Registration::Try() {
  api_.Call<ecs::api::ContainerInstanceResponse>(
      "RegisterContainerInstance", request_, [this](auto answer) { Answered(std::move(answer)); });
}

void Registration::Answered(tl::expected<ecs::api::ContainerInstanceResponse, CallError> answer) {
  if (answer) return done_(Check(answer->containerInstance));
  const CallError& error = answer.error();
  if (error.Transient()) {
    log::Warning("register: {}; trying again", error.Text());
    retry_ = loop_.After(backoff_.Next(), [this] { Try(); });
    return;
  }
  // Where no cluster was named, the default one is made.
  if (error.error.code == "ClusterNotFoundException" && request_.cluster == "default") {
    return CreateCluster();
  }
  done_(MakeError("register: {}", error.Text()));
}

void Registration::CreateCluster() {
  api_.Call<ecs::api::ClusterResponse>(
      "CreateCluster", ecs::api::CreateClusterRequest{.clusterName = "default"},
      [this](const auto& answer) {
        if (answer) return Try();
        done_(MakeError("create the cluster default: {}", answer.error().Text()));
      });
}

// A scheduler that did not take an attribute would place tasks by what this host does not have.
Result<RegisteredInstance> Registration::Check(const ecs::api::ContainerInstance& instance) const {
  for (const ecs::api::Attribute& sent : request_.attributes) {
    const auto& got = instance.attributes;
    const bool there = std::any_of(got.begin(), got.end(), [&](const ecs::api::Attribute& each) {
      return SameValue(each, sent);
    });
    if (!there) {
      return MakeError("register: the scheduler has not taken the attribute {}", sent.name);
    }
  }
  if (instance.containerInstanceArn.empty()) {
    return MakeError("register: the answer names no container instance");
  }
  TRY(book_.SetFact(kArn, instance.containerInstanceArn));
  TRY(book_.SetFact(kCluster, api_.settings().cluster));
  return RegisteredInstance{.arn = instance.containerInstanceArn,
                            .attributes = instance.attributes};
}

}  // namespace berth::agent::link
