#include "agent/doctor/doctor.h"

#include <unistd.h>

#include "agent/cli/commands.h"
#include "agent/doctor/render.h"
#include "base/sys.h"

namespace berth::agent::cli {

Result<int> Doctor(const Paths& paths, const DoctorOptions& options) {
  const doctor::Report report = TRY(doctor::Examine({.root = paths.root}));
  std::string text =
      options.output == Output::kJson ? doctor::RenderJson(report) : doctor::RenderText(report);
  if (!text.ends_with('\n')) text += '\n';
  TRY(sys::WriteAll(STDOUT_FILENO, text));
  return report.Worst() == doctor::State::kMissing ? 1 : 0;
}

}  // namespace berth::agent::cli
