// The config document of an image, read and written (image-spec, config.md).
#include <nlohmann/json.hpp>

#include "agent/images/image.h"
#include "base/json_reader.h"

namespace berth::agent::images {
namespace {

// Sets are objects with empty values there: {"80/tcp": {}}.
std::vector<std::string> ReadNames(const JsonReader& in, std::string_view field) {
  std::vector<std::string> names;
  if (const auto set = in.Find(field)) {
    for (const auto& [name, value] : set->Fields()) names.push_back(name);
  }
  return names;
}

void ReadNanoseconds(const JsonReader& in, std::string_view field, std::chrono::nanoseconds& out) {
  if (const auto value = in.Find(field)) {
    out = std::chrono::nanoseconds(value->Integer(0, INT64_MAX));
  }
}

}  // namespace

static void ReadJson(const JsonReader& in, ImageHealthcheck& out) {
  in.Read("Test", out.test);
  ReadNanoseconds(in, "Interval", out.interval);
  ReadNanoseconds(in, "Timeout", out.timeout);
  ReadNanoseconds(in, "StartPeriod", out.startPeriod);
  in.Read("Retries", out.retries);
}

static void ReadJson(const JsonReader& in, ImageConfig& out) {
  in.Read("User", out.user);
  in.Read("WorkingDir", out.workingDir);
  in.Read("Entrypoint", out.entrypoint);
  in.Read("Cmd", out.cmd);
  in.Read("Env", out.env);
  in.Read("Labels", out.labels);
  in.Read("StopSignal", out.stopSignal);
  in.Read("Healthcheck", out.healthcheck);
  out.volumes = ReadNames(in, "Volumes");
  out.exposedPorts = ReadNames(in, "ExposedPorts");
}

static void ReadJson(const JsonReader& in, Digest& out) {
  auto digest = Digest::Parse(in.String());
  if (!digest) {
    in.Complain(digest.error().message());
  } else {
    out = std::move(*digest);
  }
}

Result<ConfigDocument> ParseConfigDocument(std::string_view json) {
  const Json document = TRY(ParseJson(json).Context("image config"));
  JsonProblems problems;
  const JsonReader in(document, problems);
  ConfigDocument out;
  in.Read("architecture", out.config.architecture);
  in.Read("os", out.config.os);
  in.Read("config", out.config);
  const auto rootfs = in.Find("rootfs");
  if (!rootfs) {
    in.Complain("rootfs is required");
  } else {
    const auto type = rootfs->Find("type");
    if (!type || type->String() != "layers") rootfs->Complain("type must be \"layers\"");
    rootfs->Require("diff_ids", out.diff_ids);
  }
  TRY(problems.Check().Context("image config"));
  return out;
}

std::string WriteConfigDocument(const ConfigDocument& document) {
  const ImageConfig& from = document.config;
  Json config = Json::object();
  const auto put = [&](const char* field, const auto& value) {
    if (!value.empty()) config[field] = value;
  };
  const auto put_set = [&](const char* field, const std::vector<std::string>& names) {
    for (const std::string& name : names) config[field][name] = Json::object();
  };
  put("User", from.user);
  put_set("ExposedPorts", from.exposedPorts);
  put("Env", from.env);
  put("Entrypoint", from.entrypoint);
  put("Cmd", from.cmd);
  put_set("Volumes", from.volumes);
  put("WorkingDir", from.workingDir);
  put("Labels", from.labels);
  put("StopSignal", from.stopSignal);
  if (from.healthcheck) {
    config["Healthcheck"] = {{"Test", from.healthcheck->test},
                             {"Interval", from.healthcheck->interval.count()},
                             {"Timeout", from.healthcheck->timeout.count()},
                             {"StartPeriod", from.healthcheck->startPeriod.count()},
                             {"Retries", from.healthcheck->retries}};
  }
  Json diff_ids = Json::array();
  for (const Digest& diff_id : document.diff_ids) diff_ids.push_back(diff_id.ToString());
  Json out = {{"architecture", from.architecture}, {"os", from.os}};
  out["config"] = std::move(config);
  out["rootfs"] = {{"type", "layers"}, {"diff_ids", std::move(diff_ids)}};
  return DumpJson(out);
}

}  // namespace berth::agent::images
