// Principal: who makes a request.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "scheduler/identity/policy.h"

namespace berth::scheduler {

enum class PrincipalKind {
  kUser,   // an operator, a program: a long-lived key
  kAgent,  // a node agent: a long-lived key, too
  kRole,   // a session of a role: the temporary credentials of a task
};

struct Principal {
  PrincipalKind kind = PrincipalKind::kUser;
  /// arn:aws:iam::123456789012:user/ann, arn:aws:sts::123456789012:assumed-role/ROLE/SESSION
  std::string arn;
  std::string name;  // of the user or role
  std::string access_key_id;
  std::vector<Policy> policies;
};

}  // namespace berth::scheduler
