#include "cgroups/delegation.h"

#include <fcntl.h>
#include <sys/xattr.h>
#include <unistd.h>

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
    return {.path = "", .writable = true, .ours = own_path.empty() && !all.top && !all.has_manager};
  }
  DelegatedRoot root;
  for (std::string path = own_path; !path.empty(); path = Above(path)) {
    const CgroupView here = view(path);
    if (!here.writable) break;
    if (here.has_manager) return {.path = own_path, .writable = true};
    root = {.path = path, .writable = true, .ours = path == own_path};
    if (here.delegated) break;
  }
  return root;
}

}  // namespace berth::cgroups
