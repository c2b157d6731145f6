#include "agent/doctor/doctor.h"

#include <algorithm>
#include <iterator>

#include "agent/doctor/findings.h"
#include "agent/doctor/trial.h"

namespace berth::doctor {

State Report::Worst() const {
  State worst = State::kOk;
  for (const Finding& finding : findings) worst = std::max(worst, finding.state);
  return worst;
}

Result<Report> Examine(const Options& options) {
  // Without children nothing else means anything.
  TRY(TryInChild(0, [] { return Result<void>(); }).Context("start a child process"));
  Report report;
  for (auto findings : {PrivilegeFindings(), KernelFindings(), CgroupFindings(), NetworkFindings(),
                        HostFindings(options)}) {
    std::move(findings.begin(), findings.end(), std::back_inserter(report.findings));
  }
  return report;
}

}  // namespace berth::doctor
