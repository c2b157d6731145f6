#include <set>

#include "base/text.h"
#include "ecs/names.h"
#include "ecs/rules.h"

namespace berth::ecs {
namespace {

void CheckImage(std::string_view image, const Place& at) {
  const size_t digest = image.find('@');
  const std::string_view name = image.substr(0, digest);
  if (name.empty() || name.size() > 255 || !IsMadeOf(name, "-_:./#")) {
    return at.Complain("must be 1 to 255 letters, digits and -_:./#, not {}", QuoteJson(image));
  }
  if (digest == std::string_view::npos) return;
  constexpr std::string_view kSha256 = "@sha256:";
  const std::string_view rest = image.substr(digest);
  const bool valid =
      rest.starts_with(kSha256) && rest.size() == kSha256.size() + 64 &&
      rest.find_first_not_of("0123456789abcdefABCDEF", kSha256.size()) == std::string_view::npos;
  if (!valid) {
    at.Complain("must end in @sha256: and 64 hexadecimal digits, not {}", QuoteJson(rest));
  }
}

// user, user:group, uid, uid:gid and mixtures.
void CheckUser(std::string_view user, const Place& at) {
  const std::vector<std::string> parts = Split(user, ':');
  const auto valid = [](std::string_view part) {
    return !part.empty() && part.find_first_of(" \t\r\n/") == std::string_view::npos;
  };
  if (parts.size() <= 2 && std::all_of(parts.begin(), parts.end(), valid)) return;
  at.Complain("must be user, user:group, uid or uid:gid, not {}", QuoteJson(user));
}

void CheckHostname(NetworkMode mode, std::string_view hostname, const Place& at) {
  if (mode == NetworkMode::kAwsvpc) at.Complain("must not be given in networkMode awsvpc");
  if (hostname.size() <= 255 && IsMadeOf(hostname, "-.")) return;
  at.Complain("must be at most 255 letters, digits, hyphens and dots, not {}", QuoteJson(hostname));
}

void CheckNameResolution(NetworkMode mode, const ContainerDefinition& container, const Place& at) {
  if (container.hostname) CheckHostname(mode, *container.hostname, at["hostname"]);
  for (size_t i = 0; i < container.dnsServers.size(); ++i) {
    at["dnsServers"][i].CheckAddress(container.dnsServers[i]);
  }
  for (size_t i = 0; i < container.dnsSearchDomains.size(); ++i) {
    const std::string& domain = container.dnsSearchDomains[i];
    if (!domain.empty() && IsMadeOf(domain, "-_.")) continue;
    at["dnsSearchDomains"][i].Complain("must be a domain name, not {}", QuoteJson(domain));
  }
  const Place hosts = at["extraHosts"];
  if (!container.extraHosts.empty() && mode == NetworkMode::kAwsvpc) {
    hosts.Complain("must not be given in networkMode awsvpc");
  }
  for (size_t i = 0; i < container.extraHosts.size(); ++i) {
    const auto& [hostname, address] = container.extraHosts[i];
    if (hosts[i].CheckGiven("hostname", hostname) && !IsMadeOf(hostname, "-_.")) {
      hosts[i]["hostname"].Complain("must be a host name, not {}", QuoteJson(hostname));
    }
    if (hosts[i].CheckGiven("ipAddress", address)) hosts[i]["ipAddress"].CheckAddress(address);
  }
}

void CheckSecurity(const ContainerDefinition& container, const Place& at) {
  for (size_t i = 0; i < container.dockerSecurityOptions.size(); ++i) {
    const std::string_view option = container.dockerSecurityOptions[i];
    if (option == "no-new-privileges" || option.starts_with("apparmor:") ||
        option.starts_with("label:") || option.starts_with("credentialspec:")) {
      continue;
    }
    at["dockerSecurityOptions"][i].Complain(
        "must be no-new-privileges, apparmor:PROFILE, label:VALUE or credentialspec:FILE, not {}",
        QuoteJson(option));
  }
  const Place specs = at["credentialSpecs"];
  if (container.credentialSpecs.size() > 1) {
    specs.Complain("must have at most 1 entry, not {}", container.credentialSpecs.size());
  }
  for (size_t i = 0; i < container.credentialSpecs.size(); ++i) {
    const std::string_view spec = container.credentialSpecs[i];
    if (spec.starts_with("credentialspec:") || spec.starts_with("credentialspecdomainless:")) {
      continue;
    }
    specs[i].Complain("must be credentialspec:ARN or credentialspecdomainless:ARN, not {}",
                      QuoteJson(spec));
  }
}

void CheckRestartPolicy(const ContainerRestartPolicy& policy, const Place& at) {
  at["restartAttemptPeriod"].CheckRange(policy.restartAttemptPeriod, 60, 1800);
  const auto& codes = policy.ignoredExitCodes;
  const Place list = at["ignoredExitCodes"];
  if (codes.size() > 50) list.Complain("must have at most 50 exit codes, not {}", codes.size());
  for (size_t i = 0; i < codes.size(); ++i) list[i].CheckRange(codes[i], 0, 255);
}

void CheckHealthCheck(const HealthCheck& check, const Place& at) {
  const Place command = at["command"];
  if (check.command.empty()) {
    at.Complain("command is required");
  } else if (check.command[0] != "CMD" && check.command[0] != "CMD-SHELL") {
    command[0].Complain("must be \"CMD\" or \"CMD-SHELL\", not {}", QuoteJson(check.command[0]));
  } else if (check.command.size() == 1) {
    command.Complain("must have what to run after {}", check.command[0]);
  }
  at["interval"].CheckRange(check.interval, 5, 300);
  at["timeout"].CheckRange(check.timeout, 2, 60);
  at["retries"].CheckRange(check.retries, 1, 10);
  at["startPeriod"].CheckRange(check.startPeriod, 0, 300);
}

void CheckResourceRequirements(const TaskDefinition& definition,
                               const std::vector<ResourceRequirement>& requirements,
                               const Place& at) {
  const auto& accelerators = definition.inferenceAccelerators;
  std::set<ResourceType> types;
  for (size_t i = 0; i < requirements.size(); ++i) {
    const auto& [value, type] = requirements[i];
    if (!types.insert(type).second) at[i].Complain("{} is required twice", NameOf(type));
    if (!at[i].CheckGiven("value", value)) continue;
    if (type == ResourceType::kInferenceAccelerator) {
      const auto same = [&value = value](const auto& other) { return other.deviceName == value; };
      if (std::any_of(accelerators.begin(), accelerators.end(), same)) continue;
      at[i]["value"].Complain("no inferenceAccelerator is named {}", QuoteJson(value));
    } else if (ParseInteger<uint16_t>(value).value_or(0) == 0) {
      at[i]["value"].Complain("must be how many, from \"1\", not {}", QuoteJson(value));
    }
  }
}

}  // namespace

void CheckContainer(const TaskDefinition& definition, const ContainerDefinition& container,
                    const Place& at) {
  if (at.CheckGiven("name", container.name)) at["name"].CheckName(container.name);
  if (at.CheckGiven("image", container.image)) CheckImage(container.image, at["image"]);
  if (container.repositoryCredentials) {
    at["repositoryCredentials"].CheckGiven("credentialsParameter",
                                           container.repositoryCredentials->credentialsParameter);
  }
  at["cpu"].CheckRange(container.cpu, 0, INT32_MAX);
  if (container.startTimeout) at["startTimeout"].CheckRange(*container.startTimeout, 1, INT32_MAX);
  if (container.stopTimeout) at["stopTimeout"].CheckRange(*container.stopTimeout, 1, INT32_MAX);
  if (container.user) CheckUser(*container.user, at["user"]);
  if (container.workingDirectory) at["workingDirectory"].CheckAbsolute(*container.workingDirectory);
  CheckNameResolution(definition.networkMode, container, at);
  CheckEnvironment(container, at);
  CheckSecurity(container, at);
  CheckUlimits(container.ulimits, at["ulimits"]);
  CheckResourceRequirements(definition, container.resourceRequirements, at["resourceRequirements"]);
  if (container.restartPolicy) CheckRestartPolicy(*container.restartPolicy, at["restartPolicy"]);
  if (container.healthCheck) CheckHealthCheck(*container.healthCheck, at["healthCheck"]);
  if (container.linuxParameters) {
    CheckLinuxParameters(*container.linuxParameters, at["linuxParameters"]);
  }
}

}  // namespace berth::ecs
