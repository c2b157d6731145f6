// berth sg: the security groups of this host.
#include <unistd.h>

#include <nlohmann/json.hpp>

#include "agent/cli/commands.h"
#include "agent/cli/input.h"
#include "agent/groups/group_book.h"
#include "agent/groups/group_changes.h"
#include "agent/task/agent_context.h"
#include "base/files.h"
#include "base/json.h"
#include "base/sys.h"
#include "base/text.h"
#include "ecs/permission_edit.h"

namespace berth::agent::cli {
namespace {

Result<int> Print(const Json& answer) {
  TRY(sys::WriteAll(STDOUT_FILENO, DumpJsonPretty(answer) + "\n"));
  return 0;
}

GroupSite SiteOf(AgentContext& context) {
  return {.paths = context.paths, .config = context.config, .state = context.state};
}

// EC2 lets everything out of a new group.
ecs::SecurityGroup NewGroup(const SgCreateOptions& options) {
  return {.GroupId = options.group_id.empty() ? "sg-" + RandomHex(9).substr(1) : options.group_id,
          .GroupName = options.name,
          .Description = options.description,
          .IpPermissionsEgress = ecs::DefaultSecurityGroup().IpPermissionsEgress};
}

using Change = Result<void> (*)(std::vector<ecs::IpPermission>&,
                                const std::vector<ecs::IpPermission>&);

Result<size_t> ChangeRules(const Paths& paths, const SgRuleOptions& options, Change change) {
  PermissionFlags flags = options.rule;
  if (!options.permissions_file.empty())
    flags.permissions = TRY(ReadInput(options.permissions_file));
  const std::vector<ecs::IpPermission> permissions = TRY(ReadPermissionFlags(flags));
  AgentContext context = TRY(AgentContext::Open(paths));
  return ChangeGroup(SiteOf(context),
                     {.group = options.group,
                      .edit =
                          [&](ecs::SecurityGroup& group) {
                            return change(options.direction == RuleDirection::kIngress
                                              ? group.IpPermissions
                                              : group.IpPermissionsEgress,
                                          permissions);
                          },
                      .flows = options.cut == Cut::kForbiddenFlows ? Flows::kCut : Flows::kLive});
}

}  // namespace

Result<int> SgCreate(const Paths& paths, const SgCreateOptions& options) {
  AgentContext context = TRY(AgentContext::Open(paths));
  const ecs::SecurityGroup group = NewGroup(options);
  TRY(CreateGroup(SiteOf(context), group));
  return Print({{"GroupId", group.GroupId}});
}

Result<int> SgAuthorize(const Paths& paths, const SgRuleOptions& options) {
  TRY(ChangeRules(paths, options, ecs::AuthorizePermissions));
  return Print({{"Return", true}});
}

Result<int> SgRevoke(const Paths& paths, const SgRuleOptions& options) {
  const size_t cut = TRY(ChangeRules(paths, options, ecs::RevokePermissions));
  Json answer = {{"Return", true}};
  if (options.cut == Cut::kForbiddenFlows) answer["FlowsCut"] = cut;
  return Print(answer);
}

Result<int> SgDescribe(const Paths& paths, const SgDescribeOptions& options) {
  AgentContext context = TRY(AgentContext::Open(paths));
  const GroupBook book(context.config, context.state);
  std::vector<HostGroup> found;
  for (const std::string& name : options.groups) found.push_back(TRY(book.Find(name)));
  if (options.groups.empty()) found = TRY(book.All());
  std::vector<ecs::SecurityGroup> groups;
  for (HostGroup& one : found) {
    // Whose word it is: in the form that EC2 has for what it does not know.
    one.group.Tags.push_back({.Key = "berth:origin", .Value = std::string(Name(one.origin))});
    groups.push_back(std::move(one.group));
  }
  return Print(TRY(ParseJson(ecs::DescribeSecurityGroups(groups))));
}

Result<int> SgDelete(const Paths& paths, const SgDeleteOptions& options) {
  AgentContext context = TRY(AgentContext::Open(paths));
  TRY(DeleteGroup(SiteOf(context), options.group));
  return Print({{"Return", true}});
}

}  // namespace berth::agent::cli
