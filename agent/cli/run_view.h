// RunView: how `berth run` shows what it does: live on a terminal, plain lines when piped, JSON for
// programs. Work tells the view what happened; the view alone decides how it looks.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "agent/images/progress.h"
#include "agent/logs/json_log_reader.h"
#include "agent/shim/event.h"
#include "agent/task/task_view.h"

namespace berth::agent::cli {

class RunView : public images::ProgressSink {
 public:
  /// Something the user should know that does not stop the task.
  virtual void Warning(std::string_view text) = 0;
  /// The pull of an image begins; the calls of Report (ProgressSink) that follow are its layers'.
  virtual void PullBegan(std::string_view image) = 0;
  /// The image is here, whether it was pulled now or before.
  virtual void ImageReady(std::string_view image, std::string_view digest) = 0;
  /// The network is ready: `task` has its addresses and ports.
  virtual void NetworkReady(const TaskView& task) = 0;
  /// A container or the task has changed state.
  virtual void Happened(const shim::Event& event) = 0;
  /// A container has written a line.
  virtual void Output(std::string_view container, const logs::LogEntry& entry) = 0;
  /// The user has asked the task to stop.
  virtual void Stopping() = 0;
  /// Nothing more will come. `task` is how it stands: stopped, or running detached.
  virtual void Finished(const TaskView& task) = 0;
};

enum class ViewKind { kLive, kPlain, kJson };

/// kLive and kPlain write the containers' output to stdout and stderr as it was written, each line
/// behind its container's name ("web | "), and everything else to stderr; kJson writes one object a
/// line to stdout. kLive keeps a block of lines at the bottom of the terminal up to date: bars for
/// the layers, and a line for each container with its state.
std::unique_ptr<RunView> MakeRunView(ViewKind kind);
/// kLive if stderr is a terminal (and TERM is not dumb), else kPlain.
ViewKind ViewForStderr();

}  // namespace berth::agent::cli
