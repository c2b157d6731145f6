// list: the containers below --root.
#include <unistd.h>

#include "base/sys.h"
#include "runtime/cli/command.h"
#include "runtime/cli/describe.h"

namespace berth::runtime::cli {
namespace {

constexpr Option kListOptions[] = {
    {"format", 'f', "FORMAT", "table (default) or json"},
    {"quiet", 'q', nullptr, "Print the ids alone"},
};

std::string ContainersAsTable(const std::vector<Container>& containers) {
  size_t width = 2;
  for (const Container& container : containers) width = std::max(width, container.record.id.size());
  std::string text = fmt::format("{:<{}}  {:<8}  {:<8}  {:<30}  {:<10}  {}\n", "ID", width, "PID",
                                 "STATUS", "CREATED", "OWNER", "BUNDLE");
  for (const Container& container : containers) {
    const Record& record = container.record;
    text += fmt::format("{:<{}}  {:<8}  {:<8}  {:<30}  {:<10}  {}\n", record.id, width,
                        container.state.pid, Name(container.state.status),
                        FormatTime(record.created), UserName(record.owner), record.bundle);
  }
  return text;
}

std::string ContainersAsJson(const std::vector<Container>& containers) {
  std::string text = "[";
  for (const Container& container : containers) {
    if (text.size() > 1) text += ',';
    text += Describe(container);
  }
  return text + "]\n";
}

Result<int> RunList(const Globals& globals, const Arguments& arguments) {
  const std::string format = arguments.Value("format", "table");
  if (format != "table" && format != "json") {
    return MakeError("--format {}: must be table or json", format);
  }
  std::vector<Container> containers;
  for (const std::string& id : TRY(StateDir::List(globals.root))) {
    // One that is being made or removed right now is not there yet, or no more.
    auto container = FindContainer(globals, id);
    if (container) containers.push_back(std::move(*container));
    if (!container && !container.error().Is(ENOENT)) return std::move(container).error();
  }
  std::string text;
  if (arguments.Has("quiet")) {
    for (const Container& container : containers) text += container.record.id + "\n";
  } else {
    text = format == "json" ? ContainersAsJson(containers) : ContainersAsTable(containers);
  }
  TRY(sys::WriteAll(STDOUT_FILENO, text));
  return 0;
}

}  // namespace

const Command kList = {.name = "list",
                       .words = "",
                       .help = "List the containers",
                       .options = kListOptions,
                       .order = Order::kAnywhere,
                       .least_words = 0,
                       .most_words = 0,
                       .run = RunList};

}  // namespace berth::runtime::cli
