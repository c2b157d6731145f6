#include "ecs/network_configuration.h"

#include <nlohmann/json.hpp>
#include <set>

#include "ecs/place.h"
#include "ecs/read.h"
#include "ecs/skeleton.h"

namespace berth::ecs {
namespace {

void CheckIds(const std::vector<std::string>& ids, const Place& at) {
  std::set<std::string_view> seen;
  for (size_t i = 0; i < ids.size(); ++i) {
    if (ids[i].empty() || !IsMadeOf(ids[i], "-_")) {
      at[i].Complain("must be an id of letters, digits, hyphens and underscores, not {}",
                     QuoteJson(ids[i]));
    } else if (!seen.insert(ids[i]).second) {
      at[i].Complain("{} is given twice", QuoteJson(ids[i]));
    }
  }
}

void CheckAwsVpc(const AwsVpcConfiguration& awsvpc, const Place& at) {
  if (awsvpc.subnets.empty()) at.Complain("subnets is required");
  if (awsvpc.subnets.size() > 16) {
    at["subnets"].Complain("must have at most 16 subnets, not {}", awsvpc.subnets.size());
  }
  if (awsvpc.securityGroups.size() > 5) {
    at["securityGroups"].Complain("must have at most 5 groups, not {}",
                                  awsvpc.securityGroups.size());
  }
  CheckIds(awsvpc.subnets, at["subnets"]);
  CheckIds(awsvpc.securityGroups, at["securityGroups"]);
}

}  // namespace

Result<NetworkConfiguration> ParseNetworkConfiguration(std::string_view json) {
  const Json document = WithoutBlanks(TRY(ParseInput(json)));
  JsonProblems problems;
  NetworkConfiguration configuration;
  const JsonReader in(document, problems);
  Place at(problems);
  RefuseNul(in);
  const bool in_request = in.IsObject() && document.contains("networkConfiguration");
  const bool named = in_request || (in.IsObject() && document.contains("awsvpcConfiguration"));
  if (in_request) {
    in.Read("networkConfiguration", configuration);
    in.RefuseOtherFields();
    at = at["networkConfiguration"];
  } else if (named) {
    ReadJson(in, configuration);
  } else {
    ReadJson(in, configuration.awsvpcConfiguration);
  }
  if (named) at = at["awsvpcConfiguration"];
  TRY(problems.Check());
  CheckAwsVpc(configuration.awsvpcConfiguration, at);
  TRY(problems.Check());
  return configuration;
}

}  // namespace berth::ecs
