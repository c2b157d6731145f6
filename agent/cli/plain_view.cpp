// The view of pipes and log files: a line for everything that happens, in order.
#include <unistd.h>

#include "agent/cli/layer_bars.h"
#include "agent/cli/output_lines.h"
#include "agent/cli/plain_lines.h"
#include "agent/cli/terminal.h"
#include "agent/cli/views.h"
#include "base/sys.h"
#include "base/text.h"

namespace berth::agent::cli {
namespace {

using LayerState = images::LayerProgress::State;

class PlainView final : public RunView {
 public:
  PlainView()
      : stdout_({.colours = ColoursFor(STDOUT_FILENO)}),
        stderr_({.colours = ColoursFor(STDERR_FILENO)}) {}

  void Report(const images::LayerProgress& layer) override {
    if (layer.state != LayerState::kDone && layer.state != LayerState::kExists) return;
    Say(fmt::format(
        "layer {} {}{}", ShortLayer(layer.id), Name(layer.state),
        layer.bytes_total == 0 ? "" : fmt::format(" ({})", HumanSize(layer.bytes_total))));
  }
  void Warning(std::string_view text) override { Say(fmt::format("warning: {}", text)); }
  void PullBegan(std::string_view image) override { Say(fmt::format("pulling {}", image)); }
  void ImageReady(std::string_view image, std::string_view digest) override {
    Say(ImageLine(image, digest));
  }
  void NetworkReady(const TaskView& task) override {
    for (const std::string& line : NetworkLines(task)) Say(line);
    for (const ContainerView& container : task.containers) {
      stdout_.Add(container.name);
      stderr_.Add(container.name);
    }
  }
  void Happened(const shim::Event& event) override {
    if (event.container.empty() && event.status) told_ = *event.status;
    Say(EventLine(event));
  }
  void Output(std::string_view container, const logs::LogEntry& entry) override {
    const bool to_stdout = entry.stream == logs::Stream::kStdout;
    OutputLines& lines = to_stdout ? stdout_ : stderr_;
    Print(to_stdout ? STDOUT_FILENO : STDERR_FILENO, lines.Format(std::string(container), entry));
  }
  void Stopping() override { Say("stopping"); }
  void Finished(const TaskView& task) override {
    Print(STDOUT_FILENO, stdout_.Close());
    if (told_ != task.status) Say(TaskLine(task));
  }

 private:
  void Say(std::string_view line) {
    Print(STDERR_FILENO, fmt::format("{}{}\n", stderr_.Close(), line));
  }

  OutputLines stdout_;
  OutputLines stderr_;
  std::optional<shim::Status> told_;  // of the task
};

}  // namespace

std::unique_ptr<RunView> MakePlainView() { return std::make_unique<PlainView>(); }

}  // namespace berth::agent::cli
