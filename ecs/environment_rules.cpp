#include <set>

#include "ecs/rules.h"

namespace berth::ecs {

void CheckEnvironmentFiles(const std::vector<EnvironmentFile>& files, const Place& at) {
  if (files.size() > 10) at.Complain("must have at most 10 files, not {}", files.size());
  for (size_t i = 0; i < files.size(); ++i) {
    const std::string& value = files[i].value;
    if (!at[i].CheckGiven("value", value)) continue;
    const bool is_object = value.starts_with("arn:") && value.find(":s3:::") != std::string::npos;
    if (is_object && value.ends_with(".env")) continue;
    at[i]["value"].Complain("must be the ARN of an S3 object that ends in .env, not {}",
                            QuoteJson(value));
  }
}

void CheckEnvironment(const ContainerDefinition& container, const Place& at) {
  std::set<std::string_view> names;
  for (size_t i = 0; i < container.environment.size(); ++i) {
    const Place variable = at["environment"][i];
    const std::string& name = container.environment[i].name;
    if (!variable.CheckGiven("name", name)) continue;
    names.insert(name);
    if (name.find('=') == std::string::npos) continue;
    variable["name"].Complain("must not hold \"=\", as {} does", QuoteJson(name));
  }
  for (size_t i = 0; i < container.secrets.size(); ++i) {
    const Place secret = at["secrets"][i];
    const auto& [name, value_from] = container.secrets[i];
    secret.CheckGiven("valueFrom", value_from);
    if (!secret.CheckGiven("name", name)) continue;
    // ECS minds a secret that has the name of another variable, but not two variables of one name.
    if (names.insert(name).second) continue;
    secret["name"].Complain("{} is the name of another variable or secret", QuoteJson(name));
  }
  CheckEnvironmentFiles(container.environmentFiles, at["environmentFiles"]);
}

}  // namespace berth::ecs
