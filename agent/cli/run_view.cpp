#include "agent/cli/run_view.h"

#include <unistd.h>

#include "agent/cli/terminal.h"
#include "agent/cli/views.h"

namespace berth::agent::cli {

std::unique_ptr<RunView> MakeRunView(ViewKind kind) {
  switch (kind) {
    case ViewKind::kLive:
      return MakeLiveView();
    case ViewKind::kPlain:
      return MakePlainView();
    case ViewKind::kJson:
      return MakeJsonView();
  }
  return MakePlainView();
}

ViewKind ViewForStderr() { return IsTerminal(STDERR_FILENO) ? ViewKind::kLive : ViewKind::kPlain; }

}  // namespace berth::agent::cli
