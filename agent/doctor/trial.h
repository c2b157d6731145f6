// Trying something where it can do no harm.
#pragma once

#include <functional>

#include "agent/doctor/doctor.h"
#include "base/result.h"

namespace berth::doctor {

/// Does `work` in a child process that has new namespaces of the kinds in `namespaces` (CLONE_NEW*,
/// 0 for none) and ends right after it. Answers what `work` did, its failure's errno included.
/// With CLONE_NEWNS the child's mounts do not reach the host.
Result<void> TryInChild(int namespaces, const std::function<Result<void>()>& work);

/// What a trial means for the host.
struct Verdict {
  std::string name;
  std::string works;   // what is said if it worked
  State without;       // the state if it failed
  std::string change;  // and what is to be done then
};
Finding Judge(const Verdict& verdict, const Result<void>& tried);

}  // namespace berth::doctor
