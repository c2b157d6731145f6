#include "runtime/state/record.h"

#include <nlohmann/json.hpp>

#include "base/json_reader.h"
#include "runtime/spec/json_writer.h"

namespace berth::runtime {

static void ReadJson(const JsonReader& in, CgroupRecord& out) {
  in.Require("name", out.name);
  in.Require("path", out.path);
  in.Require("scope", out.scope);
  in.RefuseOtherFields();
}

static void ReadJson(const JsonReader& in, AddedMount& out) {
  in.Require("destination", out.destination);
  in.Require("id", out.id);
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
  in.Read("streams", out.streams);
  in.Read("addedMounts", out.added_mounts);
  in.RefuseOtherFields();
  if (auto time = ParseTime(created)) {
    out.created = *time;
  } else {
    in.Complain(time.error().message());
  }
  if (out.pid < 0) in.Complain("pid is negative");
}

static void Write(std::string& out, const CgroupRecord& cgroup) {
  JsonObject json(out);
  json.Always("name", cgroup.name);
  json.Always("path", cgroup.path);
  json.Always("scope", cgroup.scope);
}

static void Write(std::string& out, const AddedMount& mount) {
  JsonObject json(out);
  json.Always("destination", mount.destination);
  json.Always("id", mount.id);
}

static void Write(std::string& out, const Record& record) {
  JsonObject json(out);
  json.Always("id", record.id);
  json.Always("bundle", record.bundle);
  json.Always("rootfs", record.rootfs);
  json.Always("pid", record.pid);
  json.Always("startTime", record.start_time);
  json.Always("created", FormatTime(record.created));
  json.Always("owner", record.owner);
  json.Always("cgroup", record.cgroup);
  json.Always("lateHooks", record.late_hooks);
  json.Always("annotations", record.annotations);
  json.Put("streams", record.streams);
  json.Put("addedMounts", record.added_mounts);
}

std::string DumpRecord(const Record& record) {
  std::string json;
  Write(json, record);
  return json;
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
