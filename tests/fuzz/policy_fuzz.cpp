// Policy documents: refused with a word and a path, or parsed into what can be asked. A policy
// given twice decides as it does once, one that denies all is heard whatever else there is, and one
// that allows all is overruled by explicit denials only.
#include <cstdint>
#include <cstdlib>
#include <string_view>
#include <vector>

#include "scheduler/identity/policy.h"

using berth::scheduler::AccessRequest;
using berth::scheduler::Decision;
using berth::scheduler::Policy;

namespace {

Policy Parsed(std::string_view json) { return *berth::scheduler::ParsePolicy(json); }

std::vector<AccessRequest> Requests() {
  return {{.action = "ecs:RunTask",
           .resource = "arn:aws:ecs:us-east-1:123456789012:task-definition/web:1",
           .context = {{"aws:username", "a*"},
                       {"aws:sourceip", "10.0.0.7"},
                       {"aws:currenttime", "2026-11-25T12:00:00Z"},
                       {"aws:tagkeys", "one"},
                       {"aws:tagkeys", "two"},
                       {"k", "12"}}},
          {.action = "ecs:ListTasks", .resource = "*"}};
}

void Check(const Policy& policy, const AccessRequest& request) {
  static const Policy deny_all =
      Parsed(R"({"Statement": {"Effect": "Deny", "Action": "*", "Resource": "*"}})");
  static const Policy allow_all =
      Parsed(R"({"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}})");
  const Decision alone = Evaluate({policy}, request);
  if (Evaluate({policy, policy}, request) != alone) std::abort();
  if (Evaluate({policy, deny_all}, request) != Decision::kExplicitDeny) std::abort();
  const Decision overruled =
      alone == Decision::kExplicitDeny ? Decision::kExplicitDeny : Decision::kAllow;
  if (Evaluate({allow_all, policy}, request) != overruled) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const std::vector<AccessRequest> requests = Requests();
  const std::string_view json(reinterpret_cast<const char*>(data), size);
  if (const auto policy = berth::scheduler::ParsePolicy(json)) {
    for (const AccessRequest& request : requests) Check(*policy, request);
  } else if (policy.error().message().empty()) {
    std::abort();
  }
  if (const auto trust = berth::scheduler::ParseTrustPolicy(json)) {
    TrustsService(*trust, "ecs-tasks.amazonaws.com", requests.front());
  }
  return 0;
}
