#include "runtime/spec/spec_dump.h"

#include "runtime/spec/spec_parse.h"

namespace berth::runtime {

// `static`, not in an unnamed namespace: JsonObject finds these by the type of the value.
static void Write(std::string& out, const Root& root) {
  JsonObject json(out);
  json.Always("path", root.path);
  json.Put("readonly", root.readonly);
}

static void Write(std::string& out, const Mount& mount) {
  JsonObject json(out);
  json.Always("destination", mount.destination);
  json.Put("type", mount.type);
  json.Put("source", mount.source);
  json.Put("options", mount.options);
  json.Put("uidMappings", mount.uidMappings);
  json.Put("gidMappings", mount.gidMappings);
}

static void Write(std::string& out, const Hook& hook) {
  JsonObject json(out);
  json.Always("path", hook.path);
  json.Put("args", hook.args);
  json.Put("env", hook.env);
  json.Put("timeout", hook.timeout);
}

static void Write(std::string& out, const Hooks& hooks) {
  JsonObject json(out);
  json.Put("prestart", hooks.prestart);
  json.Put("createRuntime", hooks.createRuntime);
  json.Put("createContainer", hooks.createContainer);
  json.Put("startContainer", hooks.startContainer);
  json.Put("poststart", hooks.poststart);
  json.Put("poststop", hooks.poststop);
}

static void Write(std::string& out, const Spec& spec) {
  JsonObject json(out);
  json.Always("ociVersion", spec.ociVersion);
  if (spec.process != Process()) json.Always("process", spec.process);
  json.Always("root", spec.root);
  json.Put("hostname", spec.hostname);
  json.Put("domainname", spec.domainname);
  json.Put("mounts", spec.mounts);
  json.Put("annotations", spec.annotations);
  if (spec.hooks != Hooks()) json.Always("hooks", spec.hooks);
  if (spec.linux_ != Linux()) json.Always("linux", spec.linux_);
}

std::string DumpSpec(const Spec& spec) {
  std::string json;
  Write(json, spec);
  return json;
}

}  // namespace berth::runtime
