#include "runtime/rdt/intel_rdt.h"

#include <fcntl.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/files.h"
#include "base/mountinfo.h"
#include "base/sys.h"
#include "base/text.h"
#include "runtime/rdt/schemata.h"

namespace berth::runtime {
namespace {

bool HasNewline(const std::string& text) { return text.find('\n') != std::string::npos; }

bool HasSchema(const IntelRdt& config) {
  return !config.l3CacheSchema.empty() || !config.memBwSchema.empty() || !config.schemata.empty();
}

std::string GroupPath(const std::string& resctrl, const IntelRdt& config, const std::string& id) {
  if (config.closID == "/") return resctrl;
  return resctrl + "/" + (config.closID.empty() ? id : config.closID);
}

// Where both schemas speak of memory bandwidth, memBwSchema's word counts.
std::string OldSchemata(const IntelRdt& config) {
  std::string lines;
  for (const std::string& line : Split(config.l3CacheSchema, '\n')) {
    const bool replaced = line.starts_with("MB:") && !config.memBwSchema.empty();
    if (!line.empty() && !replaced) lines += line + "\n";
  }
  return config.memBwSchema.empty() ? lines : lines + config.memBwSchema + "\n";
}

// Whether it was made now.
Result<bool> MakeGroup(const std::string& path, const IntelRdt& config) {
  if (!config.closID.empty() && !HasSchema(config)) {
    if (Exists(path)) return false;
    return MakeError("closID: there is no group {}, and no schema to make it with", path);
  }
  auto made = sys::MkdirAt(AT_FDCWD, path, 0755);
  if (made) return true;
  if (made.error().Is(EEXIST)) return false;
  if (made.error().Is(ENOSPC)) return MakeError("the processors have no more classes of service");
  return made.error();
}

Result<void> SetSchemata(int group, const IntelRdt& config, bool is_new) {
  const std::string old = OldSchemata(config);
  if (!old.empty() && is_new) TRY(WriteControlFile(group, "schemata", old));
  if (!old.empty() && !is_new) {
    TRY(CompareSchemata(old, TRY(ReadFileAt(group, "schemata"))).Context("closID"));
  }
  if (config.schemata.empty()) return {};
  return WriteControlFile(group, "schemata", Join(config.schemata, "\n") + "\n");
}

}  // namespace

Result<void> CheckIntelRdt(const IntelRdt& config) {
  const std::string& group = config.closID;
  if (group == "." || group == ".." || (group != "/" && group.find('/') != std::string::npos) ||
      HasNewline(group)) {
    return MakeError("closID: \"{}\" is not a name for a group", group);
  }
  if (!config.memBwSchema.empty() &&
      (!config.memBwSchema.starts_with("MB:") || HasNewline(config.memBwSchema))) {
    return MakeError("memBwSchema: must be one line that begins with MB:");
  }
  return {};
}

Result<std::string> FindResctrl(std::string_view mountinfo) {
  for (const MountedAt& mount : ParseMountinfo(mountinfo)) {
    if (mount.type == "resctrl") return mount.place;
  }
  return MakeError(
      "no resctrl file system is mounted on this host (mount -t resctrl resctrl /sys/fs/resctrl)");
}

Result<void> JoinRdtGroup(const std::string& resctrl, const IntelRdt& config, const std::string& id,
                          pid_t pid) {
  const std::string path = GroupPath(resctrl, config, id);
  const bool is_new = TRY(MakeGroup(path, config));
  Rollback rollback;
  if (is_new) rollback.Push([&path] { ::rmdir(path.c_str()); });
  const UniqueFd group = TRY(sys::Open(path, O_PATH | O_DIRECTORY));
  TRY(SetSchemata(group.get(), config, is_new));
  TRY(WriteControlFile(group.get(), "tasks", std::to_string(pid)));
  if (config.enableMonitoring) {
    const std::string counters = path + "/mon_groups/" + id;
    TRY(sys::MkdirAt(AT_FDCWD, counters, 0755).Context("enableMonitoring"));
    rollback.Push([counters] { ::rmdir(counters.c_str()); });
    TRY(WriteControlFile(AT_FDCWD, counters + "/tasks", std::to_string(pid)));
  }
  rollback.Commit();
  return {};
}

Result<void> JoinRdtGroup(const IntelRdt& config, const std::string& id, pid_t pid) {
  const auto join = [&]() -> Result<void> {
    return JoinRdtGroup(TRY(FindResctrl(TRY(ReadFile("/proc/self/mountinfo")))), config, id, pid);
  };
  return join().Context("linux.intelRdt");
}

Result<void> UpdateRdtGroup(const std::string& resctrl, const IntelRdt& config,
                            const std::string& id, const IntelRdt& changes) {
  TRY(CheckIntelRdt(changes));
  const std::string path = GroupPath(resctrl, config, id);
  const UniqueFd group = TRY(sys::Open(path, O_PATH | O_DIRECTORY));
  return WriteControlFile(group.get(), "schemata", OldSchemata(changes));
}

Result<void> UpdateRdtGroup(const IntelRdt& config, const std::string& id,
                            const IntelRdt& changes) {
  const auto update = [&]() -> Result<void> {
    return UpdateRdtGroup(TRY(FindResctrl(TRY(ReadFile("/proc/self/mountinfo")))), config, id,
                          changes);
  };
  return update().Context("linux.intelRdt");
}

Result<void> RemoveRdtGroup(const std::string& resctrl, const IntelRdt& config,
                            const std::string& id) {
  std::string path = GroupPath(resctrl, config, id);
  if (!config.closID.empty()) {
    if (!config.enableMonitoring) return {};
    path += "/mon_groups/" + id;
  }
  if (::rmdir(path.c_str()) < 0 && errno != ENOENT) return ErrnoError("rmdir {}", path);
  return {};
}

Result<void> RemoveRdtGroup(const IntelRdt& config, const std::string& id) {
  const auto resctrl = FindResctrl(TRY(ReadFile("/proc/self/mountinfo")));
  if (!resctrl) return {};  // what is not mounted has no groups
  return RemoveRdtGroup(*resctrl, config, id).Context("linux.intelRdt");
}

}  // namespace berth::runtime
