#include "runtime/cli/describe.h"

#include <nlohmann/json.hpp>

#include "base/files.h"
#include "base/json.h"
#include "base/text.h"

namespace berth::runtime::cli {
namespace {

Json ToJson(const Container& container) {
  const Record& record = container.record;
  Json json = {{"ociVersion", kOciVersion},
               {"id", record.id},
               {"pid", container.state.pid},
               {"status", Name(container.state.status)},
               {"bundle", record.bundle},
               {"rootfs", record.rootfs},
               {"created", FormatTime(record.created)},
               {"owner", UserName(record.owner)}};
  if (!record.annotations.empty()) json["annotations"] = record.annotations;
  for (const AddedMount& mount : record.added_mounts) {
    json["addedMounts"].push_back(mount.destination);
  }
  if (!record.cgroup.scope.empty()) json["systemd-scope"] = record.cgroup.scope;
  return json;
}

}  // namespace

std::string DescribePretty(const Container& container) { return DumpJsonPretty(ToJson(container)); }

std::string Describe(const Container& container) { return DumpJson(ToJson(container)); }

// The file alone: a static program has no other sources of names.
std::string UserName(uint32_t uid) {
  const std::string passwd = ReadFile("/etc/passwd").ValueOr("");
  for (const std::string& line : Split(passwd, '\n')) {
    const auto fields = Split(line, ':');
    if (fields.size() > 2 && ParseInteger<uint32_t>(fields[2]) == uid) return fields[0];
  }
  return std::to_string(uid);
}

}  // namespace berth::runtime::cli
