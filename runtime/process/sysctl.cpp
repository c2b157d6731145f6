#include "runtime/process/sysctl.h"

#include <linux/magic.h>
#include <sys/mount.h>
#include <sys/vfs.h>

#include <algorithm>
#include <array>
#include <string_view>

#include "base/files.h"
#include "base/sys.h"
#include "runtime/namespaces.h"

namespace berth::runtime {
namespace {

struct Family {
  std::string_view prefix;
  std::string_view namespace_type;
};
constexpr std::array<Family, 7> kFamilies = {{{"net/", "network"},
                                              {"fs/mqueue/", "ipc"},
                                              {"kernel/msg", "ipc"},
                                              {"kernel/sem", "ipc"},
                                              {"kernel/shm", "ipc"},
                                              {"kernel/hostname", "uts"},
                                              {"kernel/domainname", "uts"}}};

// "net.ipv4.ip_forward" as a path; in a name with slashes the dots are part of a name (sysctl(8)).
std::string Path(std::string name) {
  const size_t first = name.find_first_of("./");
  if (first != std::string::npos && name[first] == '/') return name;
  for (char& c : name) {
    c = c == '.' ? '/' : c == '/' ? '.' : c;
  }
  return name;
}

// In a user namespace with the host's processes none can be mounted: the host's is used. Its
// parameters of a namespace are those of whoever writes them.
Result<UniqueFd> HostsProc() {
  UniqueFd proc = TRY(sys::Open("/proc", O_PATH | O_DIRECTORY));
  struct statfs info;
  if (::fstatfs(proc.get(), &info) < 0) return ErrnoError("statfs /proc");
  if (info.f_type != PROC_SUPER_MAGIC) return MakeError("/proc is not a procfs");
  return proc;
}

Result<UniqueFd> OpenProc() {
  const UniqueFd fs = TRY(sys::FsOpen("proc"));
  auto created = sys::FsConfigCreate(fs.get());
  if (!created && created.error().Is(EPERM)) return HostsProc();
  TRY(std::move(created));
  return sys::FsMount(fs.get(), MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC);
}

Result<void> CheckSysctl(const Linux& config, const std::string& name) {
  const std::string path = Path(name);
  if (("/" + path + "/").find("/../") != std::string::npos) return MakeError("is not a name");
  for (const Family& family : kFamilies) {
    if (!path.starts_with(family.prefix)) continue;
    if (FindNamespace(config, family.namespace_type) != nullptr) return {};
    return MakeError("is the host's: the container has no {} namespace", family.namespace_type);
  }
  return MakeError("is not a parameter of a namespace: it would change the host's");
}

}  // namespace

Result<void> CheckSysctls(const Linux& config) {
  for (const auto& [name, value] : config.sysctl) {
    TRY(CheckSysctl(config, name).Context("linux.sysctl.{}", name));
  }
  return {};
}

Result<void> SetSysctls(const Linux& config) {
  if (config.sysctl.empty()) return {};
  const UniqueFd proc = TRY(OpenProc());
  for (const auto& [name, value] : config.sysctl) {
    const UniqueFd file =
        TRY(sys::OpenAt2(proc.get(), "sys/" + Path(name), O_WRONLY,
                         RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_XDEV));
    TRY(sys::WriteAll(file.get(), value).Context("{}={}", name, value));
  }
  return {};
}

}  // namespace berth::runtime
