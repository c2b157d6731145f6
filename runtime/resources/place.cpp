#include "runtime/resources/place.h"

#include <algorithm>

#include "base/text.h"

namespace berth::runtime {
namespace {

constexpr const char* kOwnParent = "berth-runtime";
constexpr size_t kMostOfUnitName = 255;  // systemd.unit(5)

// Parts joined by one slash each, if none of them is something else than a name.
Result<std::string> PathBelow(const std::string& path) {
  std::vector<std::string> parts;
  for (std::string& part : Split(path, '/')) {
    if (part.empty()) continue;
    if (part == "." || part == "..") {
      return MakeError("linux.cgroupsPath: \"{}\" has \"{}\" in it", path, part);
    }
    if (part.find('\n') != std::string::npos || part.find('\0') != std::string::npos) {
      return MakeError("linux.cgroupsPath: has a line break or NUL in it");
    }
    parts.push_back(std::move(part));
  }
  if (parts.empty()) return MakeError("linux.cgroupsPath: \"{}\" names no cgroup", path);
  return Join(parts, "/");
}

bool IsUnitName(const std::string& name) {
  const auto allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view(":-_.\\@").find(c) != std::string_view::npos;
  };
  return !name.empty() && name.size() <= kMostOfUnitName &&
         std::all_of(name.begin(), name.end(), allowed);
}

Result<CgroupPlace> Units(const std::string& slice, const std::string& scope) {
  if (!IsUnitName(slice) || !slice.ends_with(".slice")) {
    return MakeError("linux.cgroupsPath: \"{}\" is not a slice of systemd's", slice);
  }
  if (!IsUnitName(scope)) {
    return MakeError("linux.cgroupsPath: \"{}\" can't be a unit of systemd's", scope);
  }
  return CgroupPlace{.slice = slice, .scope = scope};
}

Result<CgroupPlace> UnitsOf(const PlaceRequest& request) {
  const std::string& path = request.cgroups_path;
  const auto parts = Split(path, ':');
  if (parts.size() == 1) {
    return Units(request.default_slice, fmt::format("{}-{}.scope", kOwnParent, request.id));
  }
  if (parts.size() != 3) {
    return MakeError(
        "linux.cgroupsPath: \"{}\" is not like slice:prefix:name, as the systemd "
        "cgroup manager takes it",
        path);
  }
  if (parts[2].ends_with(".slice")) {
    return MakeError("linux.cgroupsPath: \"{}\": a container is put into a scope, not a slice",
                     path);
  }
  return Units(parts[0].empty() ? request.default_slice : parts[0],
               parts[1].empty() ? fmt::format("{}.scope", parts[2])
                                : fmt::format("{}-{}.scope", parts[1], parts[2]));
}

}  // namespace

Result<CgroupPlace> PlaceOf(const PlaceRequest& request) {
  if (request.manager == cgroups::Manager::kSystemd) return UnitsOf(request);
  if (request.cgroups_path.empty()) {
    return CgroupPlace{.name = fmt::format("{}/{}", kOwnParent, request.id)};
  }
  return CgroupPlace{.name = TRY(PathBelow(request.cgroups_path))};
}

}  // namespace berth::runtime
