// The view of programs; views.h has its fields.
#include <unistd.h>

#include <nlohmann/json.hpp>

#include "agent/cli/layer_bars.h"
#include "agent/cli/task_json.h"
#include "agent/cli/views.h"
#include "base/sys.h"

namespace berth::agent::cli {
namespace {

// A reader that has gone away is no reason to fail: the work itself is elsewhere.
void WriteLine(const std::string& line) {
  (void)sys::WriteAll(STDOUT_FILENO, line + "\n").has_value();
}

void Write(const Json& object) { WriteLine(DumpJson(object)); }

class JsonView final : public RunView {
 public:
  void Report(const images::LayerProgress& layer) override {
    Write({{"type", "pull"},
           {"image", pulling_},
           {"layer", layer.id},
           {"state", Name(layer.state)},
           {"bytesDone", layer.bytes_done},
           {"bytesTotal", layer.bytes_total}});
  }
  void Warning(std::string_view text) override { Write({{"type", "warning"}, {"text", text}}); }
  void PullBegan(std::string_view image) override {
    pulling_ = image;
    Write({{"type", "pull"}, {"image", image}});
  }
  void ImageReady(std::string_view image, std::string_view digest) override {
    Write({{"type", "image"}, {"image", image}, {"digest", digest}});
  }
  void NetworkReady(const TaskView& task) override {
    Write({{"type", "network"}, {"task", DescribeTask(task)}});
  }
  void Happened(const shim::Event& event) override {
    std::string line = shim::FormatEvent(event);  // a JSON object and a line feed
    line.pop_back();
    WriteLine("{\"type\":\"event\"," + line.substr(1));
  }
  void Output(std::string_view container, const logs::LogEntry& entry) override {
    const bool to_stdout = entry.stream == logs::Stream::kStdout;
    Write({{"type", "output"},
           {"time", FormatTime(entry.time)},
           {"container", container},
           {"stream", to_stdout ? "stdout" : "stderr"},
           {"text", entry.text}});
  }
  void Stopping() override { Write(Json::object({{"type", "stopping"}})); }
  void Finished(const TaskView& task) override {
    Json object = {{"type", "finished"}, {"task", DescribeTask(task)}};
    if (const auto code = task.ExitCode()) object["exitCode"] = *code;
    Write(object);
  }

 private:
  std::string pulling_;  // the image
};

}  // namespace

std::unique_ptr<RunView> MakeJsonView() { return std::make_unique<JsonView>(); }

}  // namespace berth::agent::cli
