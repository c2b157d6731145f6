#include "runtime/id_mappings.h"

#include <fcntl.h>

#include <algorithm>

#include "base/files.h"
#include "runtime/namespaces.h"

namespace berth::runtime {
namespace {

std::string Lines(const std::vector<IdMapping>& mappings) {
  std::string lines;
  for (const IdMapping& mapping : mappings) {
    lines += fmt::format("{} {} {}\n", mapping.containerID, mapping.hostID, mapping.size);
  }
  return lines;
}

bool MapsRoot(const std::vector<IdMapping>& mappings) {
  return std::any_of(mappings.begin(), mappings.end(), [](const IdMapping& mapping) {
    return mapping.containerID == 0 && mapping.size > 0;
  });
}

}  // namespace

Result<void> CheckIdMappings(const Linux& config) {
  if (HasNew(config, "user")) {
    if (!MapsRoot(config.uidMappings)) return MakeError("linux.uidMappings: must map id 0");
    if (!MapsRoot(config.gidMappings)) return MakeError("linux.gidMappings: must map id 0");
  } else if (!config.uidMappings.empty() || !config.gidMappings.empty()) {
    return MakeError("linux.uidMappings: no user namespace to map into");
  }
  return {};
}

Result<uint32_t> HostUid(const Linux& config, uint32_t uid) {
  if (FindNamespace(config, "user") == nullptr) return uid;
  for (const IdMapping& mapping : config.uidMappings) {
    if (uid < mapping.containerID || uid - mapping.containerID >= mapping.size) continue;
    return mapping.hostID + (uid - mapping.containerID);
  }
  return MakeError("process.user.uid: {} is not mapped by linux.uidMappings", uid);
}

Result<void> WriteIdMappings(pid_t child, const Linux& config) {
  const std::string proc = fmt::format("/proc/{}/", child);
  TRY(WriteControlFile(AT_FDCWD, proc + "uid_map", Lines(config.uidMappings)));
  return WriteControlFile(AT_FDCWD, proc + "gid_map", Lines(config.gidMappings));
}

Result<void> SetOomScoreAdj(pid_t child, int score) {
  auto written = WriteControlFile(AT_FDCWD, fmt::format("/proc/{}/oom_score_adj", child),
                                  std::to_string(score));
  if (!written && written.error().Is(EACCES)) {
    return Error(fmt::format("oomScoreAdj {} is below the present one: lowering it needs "
                             "CAP_SYS_RESOURCE",
                             score),
                 EACCES);
  }
  return written;
}

}  // namespace berth::runtime
