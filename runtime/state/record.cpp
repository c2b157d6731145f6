#include "runtime/state/record.h"

#include <nlohmann/json.hpp>

#include "base/json_reader.h"

namespace berth::runtime {

static void ReadJson(const JsonReader& in, CgroupRecord& out) {
  in.Require("name", out.name);
  in.Require("path", out.path);
  in.Require("leaf", out.leaf);
  in.Require("scope", out.scope);
  in.RefuseOtherFields();
}

static void ReadJson(const JsonReader& in, Record& out) {
  in.Require("id", out.id);
  in.Require("bundle", out.bundle);
  in.Require("rootfs", out.rootfs);
  in.Require("pid", out.pid);
  in.Require("startTime", out.start_time);
  std::string created;
  in.Require("created", created);
  in.Require("owner", out.owner);
  in.Require("cgroup", out.cgroup);
  in.Require("lateHooks", out.late_hooks);
  in.Require("annotations", out.annotations);
  in.RefuseOtherFields();
  if (auto time = ParseTime(created)) {
    out.created = *time;
  } else {
    in.Complain(time.error().message());
  }
  if (out.pid < 0) in.Complain("pid is negative");
}

std::string DumpRecord(const Record& record) {
  const Json json = {{"id", record.id},
                     {"bundle", record.bundle},
                     {"rootfs", record.rootfs},
                     {"pid", record.pid},
                     {"startTime", record.start_time},
                     {"created", FormatTime(record.created)},
                     {"owner", record.owner},
                     {"cgroup",
                      {{"name", record.cgroup.name},
                       {"path", record.cgroup.path},
                       {"leaf", record.cgroup.leaf},
                       {"scope", record.cgroup.scope}}},
                     {"lateHooks", record.late_hooks},
                     {"annotations", record.annotations}};
  return DumpJson(json);
}

Result<Record> ParseRecord(std::string_view json) {
  const Json document = TRY(ParseJson(json));
  JsonProblems problems;
  Record record;
  ReadJson(JsonReader(document, problems), record);
  TRY(problems.Check());
  return record;
}

}  // namespace berth::runtime
