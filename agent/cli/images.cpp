#include <unistd.h>

#include <nlohmann/json.hpp>

#include "agent/cli/age.h"
#include "agent/cli/commands.h"
#include "agent/cli/table.h"
#include "agent/images/store.h"
#include "base/json.h"
#include "base/sys.h"
#include "base/text.h"

namespace berth::agent::cli {
namespace {

std::string Text(const std::vector<images::Image>& list) {
  Table table({"IMAGE", "DIGEST", "PLATFORM", "LAYERS", "SIZE", "AGE"});
  for (const images::Image& image : list) {
    table.Add({image.name, image.digest.Short(),
               fmt::format("{}/{}", image.config.os, image.config.architecture),
               std::to_string(image.layers.size()), HumanSize(image.size),
               Age(image.created, Now())});
  }
  return table.Render();
}

std::string JsonText(const std::vector<images::Image>& list) {
  Json images = Json::array();
  for (const images::Image& image : list) {
    images.push_back({{"name", image.name},
                      {"digest", image.digest.ToString()},
                      {"os", image.config.os},
                      {"architecture", image.config.architecture},
                      {"layers", image.layers},
                      {"size", image.size},
                      {"createdAt", FormatTime(image.created)}});
  }
  return DumpJsonPretty(images) + "\n";
}

}  // namespace

Result<int> Images(const Paths& paths, const ImagesOptions& options) {
  const images::Store store = TRY(images::Store::Open(paths.Images()));
  const std::vector<images::Image> list = TRY(store.List());
  TRY(sys::WriteAll(STDOUT_FILENO, options.output == Output::kJson ? JsonText(list) : Text(list)));
  return 0;
}

}  // namespace berth::agent::cli
