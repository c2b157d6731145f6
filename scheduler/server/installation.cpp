#include "scheduler/server/installation.h"

#include <algorithm>

#include "base/files.h"
#include "base/sys.h"
#include "base/text.h"
#include "scheduler/iam/new_user.h"

namespace berth::scheduler {
namespace {

constexpr const char* kOperator = "operator";
constexpr const char* kAgent = "agent";
constexpr const char* kEverything =
    R"({"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}})";

void AddUser(World& world, const std::string& name, const std::string& path, WallTime now) {
  if (world.users().Find(name) != nullptr) return;
  UserRecord user = NewUser(world.identity(), name, path, now);
  if (name == kOperator) user.policies = {{.name = "everything", .document = kEverything}};
  world.PutAccessKey(NewAccessKey(user, now));
  world.PutUser(std::move(user));
}

const AccessKeyRecord* KeyOf(const World& world, const std::string& user) {
  for (const auto& [id, key] : world.access_keys().all()) {
    if (key.user == user && key.active) return &key;
  }
  return nullptr;
}

bool SameButForLastGiven(SubnetRecord a, const SubnetRecord& b) {
  return a.cidr_block == b.cidr_block && a.ipv6_cidr_block == b.ipv6_cidr_block &&
         a.parent == b.parent && a.gateway == b.gateway && a.ipv6_gateway == b.ipv6_gateway &&
         a.availability_zone == b.availability_zone && a.mtu == b.mtu &&
         a.masquerade == b.masquerade && a.dns_servers == b.dns_servers;
}

void RemoveUnconfiguredSubnets(World& world, const SchedulerConfig& config) {
  std::vector<std::string> gone;
  for (const auto& [id, subnet] : world.subnets().all()) {
    const bool wanted = std::any_of(config.subnets.begin(), config.subnets.end(),
                                    [id = id](const SubnetRecord& each) { return each.id == id; });
    if (!wanted && world.AddressesOf(id).empty()) gone.push_back(id);
  }
  for (const std::string& id : gone) world.EraseSubnet(id);
}

}  // namespace

void PrepareInstallation(World& world, const SchedulerConfig& config, WallTime now) {
  if (world.identity().account.empty()) {
    world.PutIdentity(
        {.account = config.account, .region = config.region, .seal_key = RandomHex(32)});
  }
  AddUser(world, kOperator, "/", now);
  AddUser(world, kAgent, kAgentPath, now);
  for (const SubnetRecord& wanted : config.subnets) {
    const SubnetRecord* known = world.subnets().Find(wanted.id);
    if (known != nullptr && SameButForLastGiven(*known, wanted)) continue;
    SubnetRecord subnet = wanted;
    if (known != nullptr) {
      subnet.last_given = known->last_given;
      subnet.last_given_ipv6 = known->last_given_ipv6;
    }
    world.PutSubnet(std::move(subnet));
  }
  RemoveUnconfiguredSubnets(world, config);
  std::vector<ecs::SecurityGroup> groups = config.securityGroups;
  groups.push_back(ecs::DefaultSecurityGroup());
  for (const ecs::SecurityGroup& group : groups) {
    const SecurityGroupRecord* known = world.groups().Find(group.GroupId);
    if (known == nullptr || !(known->group == group)) world.PutGroup({.group = group});
  }
}

Result<void> WriteCredentials(const World& world, const std::string& directory) {
  TRY(sys::MakeDirectories(directory, 0700));
  for (const char* user : {kOperator, kAgent}) {
    const std::string path = fmt::format("{}/{}", directory, user);
    const AccessKeyRecord* key = KeyOf(world, user);
    if (key == nullptr || Exists(path)) continue;
    TRY(WriteFileAtomically(
        path,
        fmt::format("[default]\naws_access_key_id = {}\naws_secret_access_key = {}\n",
                    key->access_key_id, key->secret_access_key),
        0600));
  }
  return {};
}

}  // namespace berth::scheduler
