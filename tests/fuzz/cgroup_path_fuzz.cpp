// linux.cgroupsPath and the kernel's lists of cgroups and mounts: "path \0 id \0 mountinfo". What
// is accepted is a place below the root to work in, and the same place when it is asked for again.
#include "base/mountinfo.h"
#include "base/text.h"
#include "runtime/rdt/intel_rdt.h"
#include "runtime/rdt/schemata.h"
#include "runtime/resources/place.h"
#include "runtime/state/state_dir.h"
#include "tests/fuzz/target.h"

namespace {

using namespace berth;           // NOLINT
using namespace berth::runtime;  // NOLINT

void CheckName(std::string_view name) {
  Expect(!name.empty(), "no name", name);
  for (const std::string& part : Split(name, '/')) {
    Expect(!part.empty() && part != "." && part != "..", "a way out", name);
    Expect(part.find_first_of(std::string_view("\0\n", 2)) == std::string::npos, "a part", name);
  }
}

void CheckPlace(const PlaceRequest& request) {
  const auto place = PlaceOf(request);
  if (!place) {
    Expect(!place.error().message().empty(), "refused without a word", request.cgroups_path);
    return;
  }
  if (request.manager == cgroups::Manager::kSystemd) {
    CheckName(place->slice);
    CheckName(place->scope);
    Expect(place->slice.ends_with(".slice") && place->scope.ends_with(".scope"), "no units",
           place->slice + " " + place->scope);
    Expect((place->slice + place->scope).find('/') == std::string::npos, "a path", place->scope);
    return;
  }
  CheckName(place->name);
  const auto again = PlaceOf({.cgroups_path = "/" + place->name, .id = request.id});
  Expect(again && again->name == place->name, "moves when asked for again", place->name);
}

void CheckMounts(std::string_view mountinfo) {
  for (const MountedAt& mount : ParseMountinfo(mountinfo)) {
    Expect(mount.place.size() <= mountinfo.size(), "grows", mount.place);
  }
  static_cast<void>(FindResctrl(mountinfo));
  Expect(CompareSchemata(mountinfo, mountinfo).has_value(), "differs from itself", mountinfo);
}

}  // namespace

int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  std::string_view rest = Text(data, size);
  const std::string path(Next(rest, '\0'));
  const std::string id(Next(rest, '\0'));
  if (CheckId(id)) {
    CheckPlace({.cgroups_path = path, .id = id});
    CheckPlace({.cgroups_path = path, .id = id, .manager = cgroups::Manager::kSystemd});
  }
  CheckMounts(rest);
  return 0;
}
