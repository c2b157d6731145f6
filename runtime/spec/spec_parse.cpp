#include "runtime/spec/spec_parse.h"

#include <nlohmann/json.hpp>

#include "base/json_reader.h"
#include "runtime/mounts/mount_options.h"
#include "runtime/spec/annotations.h"
#include "runtime/spec/linux_parse.h"
#include "runtime/spec/parse_checks.h"
#include "runtime/spec/process_parse.h"

namespace berth::runtime {

// `static`, not in the unnamed namespace: JsonReader finds these by the type of `out`.
static void ReadJson(const JsonReader& in, Root& out) {
  in.Require("path", out.path);
  in.Read("readonly", out.readonly);
}

static void ReadJson(const JsonReader& in, Mount& out) {
  in.Require("destination", out.destination);
  in.Read("type", out.type);
  in.Read("source", out.source);
  in.Read("options", out.options);
  in.Read("uidMappings", out.uidMappings);
  in.Read("gidMappings", out.gidMappings);
  RefuseNul(in, {out.destination, out.type, out.source});
  RefuseNul(in, out.options);
  if (const auto options = ParseMountOptions(out); !options) {
    in.Complain(options.error().message());
  }
}

static void ReadJson(const JsonReader& in, Hook& out) {
  in.Require("path", out.path);
  in.Read("args", out.args);
  in.Read("env", out.env);
  in.Read("timeout", out.timeout);
  RequireAbsolute(in, "path", out.path);
  RefuseNul(in, {out.path});
  RefuseNul(in, out.args);
  RefuseNul(in, out.env);
  if (out.timeout == 0U) in.Complain("timeout must be greater than 0");
}

static void ReadJson(const JsonReader& in, Hooks& out) {
  in.Read("prestart", out.prestart);
  in.Read("createRuntime", out.createRuntime);
  in.Read("createContainer", out.createContainer);
  in.Read("startContainer", out.startContainer);
  in.Read("poststart", out.poststart);
  in.Read("poststop", out.poststop);
}

static void ReadJson(const JsonReader& in, Spec& out) {
  in.Require("ociVersion", out.ociVersion);
  in.Read("process", out.process);
  in.Require("root", out.root);
  in.Read("hostname", out.hostname);
  in.Read("domainname", out.domainname);
  in.Read("mounts", out.mounts);
  in.Read("annotations", out.annotations);
  if (out.annotations.find("") != out.annotations.end()) {
    in.Complain("annotations has an empty name");
  }
  in.Read("linux", out.linux_);
  in.Read("hooks", out.hooks);
  ActOnAnnotations(in, out);
  RefuseFields(in, {"windows", "solaris", "vm", "zos", "freebsd"}, "is for another platform");
  if (!out.ociVersion.starts_with("1.")) {
    in.Complain(fmt::format("ociVersion \"{}\" is not 1.x", out.ociVersion));
  }
}

template <typename T>
static Result<T> ParseDocument(std::string_view json) {
  const Json document = TRY(ParseJson(json));
  JsonProblems problems;
  T value;
  ReadJson(JsonReader(document, problems), value);
  TRY(problems.Check());
  return value;
}

Result<Spec> ParseSpec(std::string_view json) { return ParseDocument<Spec>(json); }

Result<std::vector<Mount>> ParseMounts(std::string_view json) {
  const Json document = TRY(ParseJson(json));
  JsonProblems problems;
  const JsonReader reader(document, problems);
  std::vector<Mount> mounts;
  if (reader.IsArray()) {
    ReadJson(reader, mounts);
  } else if (reader.IsObject() && reader.Find("mounts")) {
    reader.Read("mounts", mounts);
  } else {
    ReadJson(reader, mounts.emplace_back());
  }
  TRY(problems.Check());
  return mounts;
}

Result<Process> ParseProcess(std::string_view json) { return ParseDocument<Process>(json); }

}  // namespace berth::runtime
