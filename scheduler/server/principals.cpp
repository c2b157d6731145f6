#include "scheduler/server/principals.h"

#include <map>
#include <memory>

#include "scheduler/iam/new_user.h"
#include "scheduler/model/arns.h"

namespace berth::scheduler {
namespace {

// Policies by their text: few texts, many requests.
class PolicyCache {
 public:
  std::vector<Policy> Parse(const std::vector<NamedPolicy>& policies) {
    std::vector<Policy> parsed;
    for (const NamedPolicy& policy : policies) {
      const auto found = known_.find(policy.document);
      if (found != known_.end()) {
        parsed.push_back(found->second);
        continue;
      }
      auto fresh = ParsePolicy(policy.document);
      if (!fresh) continue;
      if (known_.size() > kMost) known_.clear();
      known_.emplace(policy.document, *fresh);
      parsed.push_back(*std::move(fresh));
    }
    return parsed;
  }

 private:
  static constexpr size_t kMost = 1000;
  std::map<std::string, Policy, std::less<>> known_;
};

std::string SessionArn(const IdentityRecord& identity, const RoleRecord& role,
                       const SessionClaims& claims) {
  return fmt::format("arn:aws:sts::{}:assumed-role/{}/{}", identity.account, role.name,
                     claims.session_name);
}

}  // namespace

IdentitySource PrincipalsOf(const World& world) {
  const auto cache = std::make_shared<PolicyCache>();
  IdentitySource source = {.region = world.identity().region, .services = {"ecs", "iam", "sts"}};
  source.find_key = [&world, cache](std::string_view id) -> std::optional<KnownKey> {
    const AccessKeyRecord* key = world.access_keys().Find(id);
    if (key == nullptr || !key->active) return std::nullopt;
    const UserRecord* user = world.users().Find(key->user);
    if (user == nullptr) return std::nullopt;
    const bool agent = IsAgentPath(user->path);
    return KnownKey{.secret_access_key = key->secret_access_key,
                    .principal = {.kind = agent ? PrincipalKind::kAgent : PrincipalKind::kUser,
                                  .arn = user->arn,
                                  .name = user->name,
                                  .unique_id = user->id,
                                  .access_key_id = key->access_key_id,
                                  .policies = cache->Parse(user->policies)}};
  };
  source.find_session = [&world, cache](const SessionClaims& claims) -> std::optional<Principal> {
    const RoleRecord* role = world.roles().Find(LastPart(claims.role_arn));
    if (role == nullptr || role->arn != claims.role_arn) return std::nullopt;
    return Principal{.kind = PrincipalKind::kRole,
                     .arn = SessionArn(world.identity(), *role, claims),
                     .name = role->name,
                     .unique_id = fmt::format("{}:{}", role->id, claims.session_name),
                     .policies = cache->Parse(role->policies)};
  };
  return source;
}

}  // namespace berth::scheduler
