#include <set>

#include "ecs/names.h"
#include "ecs/rules.h"

namespace berth::ecs {
namespace {

using Options = std::map<std::string, std::string>;

// Complains unless the option, if it is there, has one of two values.
void CheckChoice(const Options& options, const std::string& name, std::string_view one,
                 std::string_view other, const Place& at) {
  const auto option = options.find(name);
  if (option == options.end() || option->second == one || option->second == other) return;
  at[name].Complain("must be {} or {}, not {}", one, other, QuoteJson(option->second));
}

void CheckLogConfiguration(const LogConfiguration& log, const Place& at) {
  CheckChoice(log.options, "mode", "blocking", "non-blocking", at["options"]);
  if (log.logDriver == LogDriver::kAwslogs) {
    for (const char* name : {"awslogs-group", "awslogs-region"}) {
      if (!log.options.contains(name)) at["options"].Complain("{} is required", name);
    }
  }
  std::set<std::string_view> names;
  for (size_t i = 0; i < log.secretOptions.size(); ++i) {
    const auto& [name, value_from] = log.secretOptions[i];
    const Place secret = at["secretOptions"][i];
    secret.CheckGiven("valueFrom", value_from);
    if (!secret.CheckGiven("name", name)) continue;
    if (names.insert(name).second && !log.options.contains(name)) continue;
    secret["name"].Complain("{} is the name of another option", QuoteJson(name));
  }
}

void CheckFirelens(const FirelensConfiguration& firelens, const Place& at) {
  const Options& options = firelens.options;
  const Place place = at["options"];
  CheckChoice(options, "enable-ecs-log-metadata", "true", "false", place);
  CheckChoice(options, "config-file-type", "s3", "file", place);
  if (options.contains("config-file-type") != options.contains("config-file-value")) {
    place.Complain("config-file-type and config-file-value must be given together");
  }
}

bool UsesFirelens(const ContainerDefinition& container) {
  const auto& log = container.logConfiguration;
  return log && log->logDriver == LogDriver::kAwsfirelens;
}

}  // namespace

void CheckLogging(const TaskDefinition& definition, const Place& at) {
  const auto& containers = definition.containerDefinitions;
  const Place list = at["containerDefinitions"];
  std::optional<size_t> router;
  for (size_t i = 0; i < containers.size(); ++i) {
    const ContainerDefinition& container = containers[i];
    if (container.logConfiguration) {
      CheckLogConfiguration(*container.logConfiguration, list[i]["logConfiguration"]);
    }
    if (!container.firelensConfiguration) continue;
    CheckFirelens(*container.firelensConfiguration, list[i]["firelensConfiguration"]);
    if (router) {
      list[i]["firelensConfiguration"].Complain("{} is the log router already",
                                                list[*router].path());
    } else {
      router = i;
    }
  }
  for (size_t i = 0; i < containers.size() && !router; ++i) {
    if (!UsesFirelens(containers[i])) continue;
    list[i]["logConfiguration"]["logDriver"].Complain(
        "awsfirelens needs a container with a firelensConfiguration");
  }
  if (router && std::none_of(containers.begin(), containers.end(), UsesFirelens)) {
    list[*router]["firelensConfiguration"].Complain(
        "needs a container with the logDriver awsfirelens");
  }
}

}  // namespace berth::ecs
