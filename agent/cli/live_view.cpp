// The view of a terminal: what is over goes by as lines, what is under way stands below them.
//
//   image web:1 ready (sha256:0123456789ab)
//   network 172.31.0.5 (02:00:00:00:00:05) eth0
//   web     | listening on port 80
//     web      RUNNING  HEALTHY                 <- from here on redrawn in place
//     sidecar  PENDING
#include <unistd.h>

#include <algorithm>

#include "agent/cli/container_rows.h"
#include "agent/cli/layer_bars.h"
#include "agent/cli/live_block.h"
#include "agent/cli/output_lines.h"
#include "agent/cli/plain_lines.h"
#include "agent/cli/views.h"

namespace berth::agent::cli {
namespace {

class LiveView final : public RunView {
 public:
  LiveView()
      : block_(STDERR_FILENO),
        colours_(ColoursFor(STDERR_FILENO)),
        stdout_({.colours = ColoursFor(STDOUT_FILENO)}),
        stderr_({.colours = colours_}) {}

  void Report(const images::LayerProgress& layer) override {
    const auto change = bars_.Update(layer, std::chrono::steady_clock::now());
    Refresh(change == LayerBars::Change::kState ? LiveBlock::Urgency::kNow
                                                : LiveBlock::Urgency::kSoon);
  }
  void Warning(std::string_view text) override {
    Say(Painted("warning:", Paint::kYellow, colours_) + fmt::format(" {}", text));
  }
  void PullBegan(std::string_view image) override {
    pulling_ = image;
    bars_ = {};
    Refresh();
  }
  void ImageReady(std::string_view image, std::string_view digest) override {
    pulling_.clear();
    bars_ = {};
    Refresh();
    Say(ImageLine(image, digest));
  }
  void NetworkReady(const TaskView& task) override {
    task_ = task;
    for (const ContainerView& container : task.containers) {
      stdout_.Add(container.name);
      stderr_.Add(container.name);
    }
    for (const std::string& line : NetworkLines(task)) Say(line);
    Refresh();
  }
  void Happened(const shim::Event& event) override {
    task_ = FoldEvents(std::move(task_), {&event, 1});
    Refresh();
  }
  void Output(std::string_view container, const logs::LogEntry& entry) override {
    const bool to_stdout = entry.stream == logs::Stream::kStdout;
    OutputLines& lines = to_stdout ? stdout_ : stderr_;
    const int fd = to_stdout ? STDOUT_FILENO : STDERR_FILENO;
    std::string text = lines.Format(std::string(container), entry);
    // The block starts on a line of its own, so above it no line stays open.
    if (SameTerminal(fd, STDERR_FILENO)) text += lines.Close();
    block_.PrintAbove(fd, text);
  }
  void Stopping() override {
    stopping_ = true;
    Refresh();
  }
  void Finished(const TaskView& task) override {
    block_.PrintAbove(STDOUT_FILENO, stdout_.Close());
    block_.Clear();
    if (task.status == shim::Status::kStopped) {
      for (const ContainerView& container : task.containers) Say(ContainerLine(container));
    }
    Say(Painted(TaskLine(task), Paint::kBold, colours_));
  }

 private:
  void Say(const std::string& line) { block_.PrintAbove(STDERR_FILENO, line + "\n"); }

  void Refresh(LiveBlock::Urgency urgency = LiveBlock::Urgency::kNow) {
    block_.Show(Lines(SizeOfTerminal(STDERR_FILENO)), urgency);
  }

  std::vector<std::string> Lines(TerminalSize size) const {
    std::vector<std::string> lines;
    if (!pulling_.empty()) lines.push_back("pulling " + pulling_);
    const auto room = static_cast<size_t>(std::max(size.rows - 2, 1));
    for (std::string& line : bars_.Lines(room, size.columns - 1, colours_)) {
      lines.push_back(std::move(line));
    }
    for (std::string& row : ContainerRows(task_, colours_)) lines.push_back(std::move(row));
    if (stopping_) lines.push_back("  stopping; Ctrl-C again kills");
    return lines;
  }

  LiveBlock block_;
  Colours colours_;
  OutputLines stdout_;
  OutputLines stderr_;
  std::string pulling_;  // the image; empty when none is pulled
  LayerBars bars_;
  TaskView task_;  // once the network is ready
  bool stopping_ = false;
};

}  // namespace

std::unique_ptr<RunView> MakeLiveView() { return std::make_unique<LiveView>(); }

}  // namespace berth::agent::cli
