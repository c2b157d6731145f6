// The three kinds of RunView; see MakeRunView.
#pragma once

#include <memory>

#include "agent/cli/run_view.h"

namespace berth::agent::cli {

std::unique_ptr<RunView> MakeLiveView();
std::unique_ptr<RunView> MakePlainView();

/// One JSON object a line. Each has a `type`, which decides its other fields:
///
///   warning   text
///   pull      image; and again and again while its layers come: layer (digest), state (waiting,
///             downloading, unpacking, done, exists), bytesDone, bytesTotal (0: not known)
///   image     image, digest
///   network   task (as in `finished`)
///   event     time, container (absent: the task), status or health, and where there are any pid,
///             exitCode, stopCode, reason, restartCount
///   output    time, container, stream (stdout, stderr), text
///   stopping
///   finished  task (as `berth inspect` has it, without its definition), exitCode (absent while it
///             runs)
///
/// Times are RFC 3339. Further types and fields may come; none of these goes or changes.
std::unique_ptr<RunView> MakeJsonView();

}  // namespace berth::agent::cli
