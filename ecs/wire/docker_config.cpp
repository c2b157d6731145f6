#include "ecs/wire/docker_config.h"

#include <strings.h>

#include <nlohmann/json.hpp>

#include "ecs/read.h"
#include "ecs/write.h"

namespace berth::ecs {

// clang-format off
BERTH_ECS_FIELDS(wire::DockerHealthcheck,
                 Always{"Test", &S::Test},
                 Always{"Interval", &S::Interval},
                 Always{"Timeout", &S::Timeout},
                 Always{"Retries", &S::Retries},
                 Field{"StartPeriod", &S::StartPeriod});
BERTH_ECS_FIELDS(wire::DockerContainerConfig,
                 Field{"Hostname", &S::Hostname},
                 Field{"User", &S::User},
                 Field{"WorkingDir", &S::WorkingDir},
                 Field{"Labels", &S::Labels},
                 Field{"OpenStdin", &S::OpenStdin},
                 Field{"Tty", &S::Tty},
                 Field{"NetworkDisabled", &S::NetworkDisabled},
                 Field{"Healthcheck", &S::Healthcheck},
                 Field{"Image", &S::Image},
                 Field{"Env", &S::Env},
                 Field{"Cmd", &S::Cmd},
                 Field{"Entrypoint", &S::Entrypoint});
BERTH_ECS_FIELDS(wire::DockerUlimit,
                 Required{"Name", &S::Name},
                 Always{"Soft", &S::Soft},
                 Always{"Hard", &S::Hard});
BERTH_ECS_FIELDS(wire::DockerDevice,
                 Required{"PathOnHost", &S::PathOnHost},
                 Always{"PathInContainer", &S::PathInContainer},
                 Always{"CgroupPermissions", &S::CgroupPermissions});
BERTH_ECS_FIELDS(wire::DockerLogConfig,
                 Always{"Type", &S::Type},
                 Always{"Config", &S::Config});
BERTH_ECS_FIELDS(wire::DockerHostConfig,
                 Field{"NetworkMode", &S::NetworkMode},
                 Always{"CapAdd", &S::CapAdd},
                 Always{"CapDrop", &S::CapDrop},
                 Field{"Memory", &S::Memory},
                 Field{"MemoryReservation", &S::MemoryReservation},
                 Field{"MemorySwap", &S::MemorySwap},
                 Field{"MemorySwappiness", &S::MemorySwappiness},
                 Field{"CpuShares", &S::CpuShares},
                 Field{"Privileged", &S::Privileged},
                 Field{"ReadonlyRootfs", &S::ReadonlyRootfs},
                 Field{"Dns", &S::Dns},
                 Field{"DnsSearch", &S::DnsSearch},
                 Field{"ExtraHosts", &S::ExtraHosts},
                 Field{"SecurityOpt", &S::SecurityOpt},
                 Field{"Ulimits", &S::Ulimits},
                 Field{"Devices", &S::Devices},
                 Field{"Init", &S::Init},
                 Field{"ShmSize", &S::ShmSize},
                 Field{"Tmpfs", &S::Tmpfs},
                 Field{"Sysctls", &S::Sysctls},
                 Field{"LogConfig", &S::LogConfig});
// clang-format on

namespace wire {
namespace {

bool SameInAnyCase(std::string_view a, std::string_view b) {
  return a.size() == b.size() && ::strncasecmp(a.data(), b.data(), a.size()) == 0;
}

// The field of `Struct` that Go's decoder takes `name` for; "" if there is none.
template <typename Struct>
std::string_view KnownName(std::string_view name) {
  std::string_view known;
  const auto compare = [&](std::string_view field) {
    if (SameInAnyCase(name, field)) known = field;
  };
  Fields<Struct>::Visit([&](const auto&... field) { (compare(field.name), ...); });
  return known;
}

bool IsZero(const Json& value) {
  if (value.is_structured()) return value.empty();
  if (value.is_string()) return value.get_ref<const std::string&>().empty();
  return value.is_null() || value == false || (value.is_number() && value == 0);
}

// `document` with the struct's spelling of its fields, without what says nothing.
template <typename Struct>
Json InOurSpelling(const Json& document) {
  Json object = Json::object();
  for (auto field = document.begin(); field != document.end(); ++field) {
    const std::string_view known = KnownName<Struct>(field.key());
    if (known.empty() && IsZero(field.value())) continue;
    // One that comes twice stays, to be complained about.
    object.get_ref<Json::object_t&>().Container::emplace_back(
        known.empty() ? field.key() : std::string(known), field.value());
  }
  return object;
}

template <typename Struct>
Result<Struct> Parse(std::string_view json) {
  Json document = TRY(ParseJson(json.empty() ? "{}" : json));
  if (document.is_object()) document = InOurSpelling<Struct>(document);
  JsonProblems problems;
  const JsonReader in(document, problems);
  RefuseNul(in);
  Struct config;
  ReadJson(in, config);
  TRY(problems.Check());
  return config;
}

}  // namespace

std::string FormatContainerConfig(const DockerContainerConfig& config) {
  return ToJson(config, Defaults::kWritten);
}
std::string FormatHostConfig(const DockerHostConfig& config) {
  return ToJson(config, Defaults::kWritten);
}

Result<DockerContainerConfig> ParseContainerConfig(std::string_view json) {
  return Parse<DockerContainerConfig>(json);
}
Result<DockerHostConfig> ParseHostConfig(std::string_view json) {
  return Parse<DockerHostConfig>(json);
}

Result<std::vector<std::string>> ParseOverriddenCommand(std::string_view json) {
  const Json document = TRY(ParseJson(json.empty() ? "{}" : json));
  JsonProblems problems(UnknownFields::kIgnored);
  const JsonReader in(document, problems);
  RefuseNul(in);
  std::vector<std::string> command;
  in.Read("command", command);
  TRY(problems.Check());
  return command;
}

}  // namespace wire
}  // namespace berth::ecs
