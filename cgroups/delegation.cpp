#include "cgroups/delegation.h"

#include <fcntl.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <algorithm>

#include "base/files.h"

namespace berth::cgroups {
namespace {

bool CanWrite(const std::string& path) {
  return ::faccessat(AT_FDCWD, path.c_str(), W_OK, AT_EACCESS) == 0;
}

// systemd 252 sets both, older ones the one that only root can read.
bool HasDelegateMark(const std::string& path) {
  for (const char* name : {"user.delegate", "trusted.delegate"}) {
    char value = 0;
    if (::getxattr(path.c_str(), name, &value, 1) == 1 && value == '1') return true;
  }
  return false;
}

// "/a/b" to "/a", "/a" to "".
std::string Above(const std::string& path) { return path.substr(0, path.rfind('/')); }

// The unit of the systemd at `manager` that `path` is in: the first below that is no slice.
std::string UnitOf(const std::string& path, const std::string& manager) {
  size_t end = manager.size();
  while (end < path.size()) {
    end = std::min(path.find('/', end + 1), path.size());
    if (!path.substr(0, end).ends_with(".slice")) break;
  }
  return path.substr(0, end);
}

}  // namespace

CgroupView ViewCgroup(const std::string& path) {
  return {.writable = CanWrite(path) && CanWrite(path + "/cgroup.procs") &&
                      CanWrite(path + "/cgroup.subtree_control"),
          .delegated = HasDelegateMark(path),
          .has_manager = Exists(path + "/init.scope"),
          .top = !Exists(path + "/cgroup.type")};
}

DelegatedRoot FindDelegatedRoot(const std::string& own_path,
                                const std::function<CgroupView(const std::string&)>& view) {
  const CgroupView all = view("");
  if (all.writable) {
    const bool ours = own_path.empty() && !all.top && !all.has_manager;
    return {.path = "",
            .writable = true,
            .inhabitants = ours ? Inhabitants::kOurs : Inhabitants::kOthers};
  }
  DelegatedRoot root;
  for (std::string path = own_path; !path.empty(); path = Above(path)) {
    const CgroupView here = view(path);
    if (!here.writable) break;
    if (here.has_manager) {
      root = {.path = UnitOf(own_path, path),
              .writable = true,
              .inhabitants = Inhabitants::kMaybeOthers};
      break;
    }
    root = {.path = path, .writable = true, .inhabitants = Inhabitants::kOurs};
    if (here.delegated) break;
  }
  if (root.path != own_path) root.inhabitants = Inhabitants::kOthers;
  return root;
}

}  // namespace berth::cgroups
