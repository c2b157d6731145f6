// From the body of a request to the body of its answer.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "ecs/api_error.h"
#include "scheduler/api/call.h"

namespace berth::scheduler {

/// Runs the operation that `call` names. Errors: those of the operation; SerializationException for
/// a body that can't be read; UnsupportedFeatureException, which names it, for an operation of the
/// ECS API that is not served yet; UnknownOperationException for any other name.
ecs::ApiResult<std::string> Dispatch(const Call& call, std::string_view body);

struct OperationInfo {
  std::string_view name;
  bool served = false;
};

/// Every operation of the ECS API (that of August 2026), sorted by name.
std::vector<OperationInfo> AllOperations();

/// docs/api-coverage.md.
std::string ApiCoveragePage();

}  // namespace berth::scheduler
