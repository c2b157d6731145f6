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
  std::string name;       // of the user or role
  std::string unique_id;  // AIDA..., AROA...:SESSION; "" if it has none
  std::string access_key_id;
  /// Where the request came from ("10.0.0.7"); "" if that is not known.
  std::string source_ip;
  std::vector<Policy> policies;
};

}  // namespace berth::scheduler
