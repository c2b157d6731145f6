#include "ecs/security_group.h"

#include <nlohmann/json.hpp>
#include <set>

#include "ecs/fields.h"
#include "ecs/permission_rules.h"
#include "ecs/read.h"
#include "ecs/write.h"

namespace berth::ecs {
namespace {

void CheckGroup(const SecurityGroup& group, const Place& at) {
  CheckGroupId(group.GroupId, at);
  if (group.GroupName.size() > 255) at["GroupName"].Complain("must have at most 255 bytes");
  CheckPermissions(group.IpPermissions, at["IpPermissions"]);
  CheckPermissions(group.IpPermissionsEgress, at["IpPermissionsEgress"]);
}

}  // namespace

SecurityGroup DefaultSecurityGroup() {
  return {
      .GroupId = kDefaultGroupId,
      .GroupName = "default",
      .Description = "default VPC security group",
      .IpPermissions = {{.IpProtocol = "-1", .UserIdGroupPairs = {{.GroupId = kDefaultGroupId}}}},
      .IpPermissionsEgress = {{.IpProtocol = "-1",
                               .IpRanges = {{.CidrIp = "0.0.0.0/0"}},
                               .Ipv6Ranges = {{.CidrIpv6 = "::/0"}}}}};
}

Result<std::vector<SecurityGroup>> ParseSecurityGroups(std::string_view json) {
  const Json document = TRY(ParseInput(json));
  JsonProblems problems;
  std::vector<SecurityGroup> groups;
  const JsonReader in(document, problems);
  Place at(problems);
  RefuseNul(in);
  const bool in_answer = in.IsObject() && document.contains("SecurityGroups");
  const bool single = in.IsObject() && !in_answer;
  if (in_answer) {
    in.Read("SecurityGroups", groups);
    (void)in.Find("ResponseMetadata");
    in.RefuseOtherFields();
    at = at["SecurityGroups"];
  } else if (single) {
    ReadJson(in, groups.emplace_back());
  } else {
    ReadJson(in, groups);
  }
  TRY(problems.Check());
  std::set<std::string_view> ids;
  for (size_t i = 0; i < groups.size(); ++i) {
    const Place place = single ? at : at[i];
    CheckGroup(groups[i], place);
    if (!ids.insert(groups[i].GroupId).second) place["GroupId"].Complain("is given twice");
  }
  TRY(problems.Check());
  return groups;
}

Result<std::vector<IpPermission>> ParseIpPermissions(std::string_view json) {
  const Json document = TRY(ParseInput(json));
  JsonProblems problems;
  std::vector<IpPermission> permissions;
  const JsonReader in(document, problems);
  RefuseNul(in);
  const bool single = in.IsObject();
  if (single) {
    ReadJson(in, permissions.emplace_back());
  } else {
    ReadJson(in, permissions);
  }
  TRY(problems.Check());
  TRY(CheckIpPermissions(permissions));
  return permissions;
}

Result<void> CheckIpPermissions(const std::vector<IpPermission>& permissions) {
  JsonProblems problems;
  CheckPermissions(permissions, Place(problems));
  return problems.Check();
}

std::string DumpSecurityGroup(const SecurityGroup& group) {
  return ToJson(group, Defaults::kOmitted);
}

std::string DescribeSecurityGroups(const std::vector<SecurityGroup>& groups) {
  return fmt::format(R"({{"SecurityGroups":{}}})", ToJson(groups, Defaults::kWritten));
}

}  // namespace berth::ecs
