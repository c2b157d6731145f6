#include "runtime/spec/annotations.h"

#include <linux/filter.h>

#include <algorithm>
#include <array>
#include <span>
#include <string_view>

#include "base/base64.h"
#include "base/text.h"
#include "systemd/property_text.h"

namespace berth::runtime {
namespace {

// `in` is the annotation's place in the document.
using Act = void (*)(const JsonReader& in, const std::string& value, Spec& spec);

struct Annotation {
  std::string_view name;
  Act act;
};

// As crun takes it: being there is enough.
bool IsOn(const std::string& value) { return value != "0" && value != "false"; }

bool IsPath(const JsonReader& in, const std::string& value) {
  const bool is_path = value.starts_with('/') && value.find('\0') == std::string::npos;
  if (!is_path) in.Complain(fmt::format("must be an absolute path, not \"{}\"", value));
  return is_path;
}

void KeepGroups(const JsonReader&, const std::string& value, Spec& spec) {
  spec.extensions.keep_original_groups = IsOn(value);
}

void UnknownSyscalls(const JsonReader&, const std::string& value, Spec& spec) {
  spec.extensions.unknown_syscalls_fail = IsOn(value);
}

void SeccompReceiver(const JsonReader& in, const std::string& value, Spec& spec) {
  if (IsPath(in, value) && spec.linux_.seccomp) spec.linux_.seccomp->listenerPath = value;
}

void SeccompProgram(const JsonReader& in, const std::string& value, Spec& spec) {
  constexpr size_t kMost = BPF_MAXINSNS * sizeof(sock_filter);
  auto program = DecodeBase64(value);
  if (!program || program->empty() || program->size() % sizeof(sock_filter) != 0 ||
      program->size() > kMost) {
    return in.Complain("must be a filter of 1 to 4096 instructions (struct sock_filter) in base64");
  }
  spec.extensions.seccomp_program = std::move(*program);
}

void HooksStdout(const JsonReader& in, const std::string& value, Spec& spec) {
  if (IsPath(in, value)) spec.extensions.hooks_stdout = value;
}

void HooksStderr(const JsonReader& in, const std::string& value, Spec& spec) {
  if (IsPath(in, value)) spec.extensions.hooks_stderr = value;
}

void PidfdReceiver(const JsonReader& in, const std::string& value, Spec& spec) {
  if (IsPath(in, value)) spec.extensions.pidfd_receiver = value;
}

void MountContext(const JsonReader& in, const std::string& value, Spec& spec) {
  constexpr std::array<std::string_view, 4> kTypes = {"context", "fscontext", "defcontext",
                                                      "rootcontext"};
  if (std::find(kTypes.begin(), kTypes.end(), value) == kTypes.end()) {
    return in.Complain(
        fmt::format("\"{}\" is none of context, fscontext, defcontext and rootcontext", value));
  }
  spec.extensions.mount_context = value;
}

void Subgroup(const JsonReader& in, const std::string& value, Spec& spec) {
  if (value == "." || value == ".." || value.find_first_of({"/\n\0", 3}) != std::string::npos) {
    return in.Complain(fmt::format("\"{}\" can't be the name of a cgroup", value));
  }
  spec.extensions.systemd_subgroup = value;
}

void CriuConfig(const JsonReader& in, const std::string& value, Spec& spec) {
  if (value.empty() || IsPath(in, value)) spec.extensions.criu_config = value;
}

// "monotonic 3600 0", a line a clock, as the kernel reads it; 1 and 7 are the clocks' numbers.
void TimeOffsets(const JsonReader& in, const std::string& value, Spec& spec) {
  for (const std::string& line : Split(Trim(value), '\n')) {
    const auto words = Split(line, ' ');
    const std::string clock = words.empty()                                ? ""
                              : words[0] == "1" || words[0] == "monotonic" ? "monotonic"
                              : words[0] == "7" || words[0] == "boottime"  ? "boottime"
                                                                           : "";
    const auto secs = words.size() == 3 ? ParseInteger<int64_t>(words[1]) : std::nullopt;
    const auto nanosecs = words.size() == 3 ? ParseInteger<uint32_t>(words[2]) : std::nullopt;
    if (clock.empty() || !secs || !nanosecs || *nanosecs > 999'999'999) {
      return in.Complain(
          "must be a clock (monotonic or boottime), seconds and nanoseconds: \"boottime 3600 0\"");
    }
    spec.linux_.timeOffsets[clock] = {.secs = *secs, .nanosecs = *nanosecs};
  }
}

void RefuseHandler(const JsonReader& in, const std::string& value, Spec&) {
  if (value.empty()) return;
  in.Complain(fmt::format(
      "there is no handler \"{}\" here: process.args are executed by the kernel", value));
}

// "compat-smart" leaves programs that are none of WebAssembly's alone.
void RefuseWasm(const JsonReader& in, const std::string& value, Spec&) {
  if (value == "compat") in.Complain("modules of WebAssembly can't be run here");
}

void RefusePlugins(const JsonReader& in, const std::string& value, Spec&) {
  if (value.empty()) return;
  in.Complain(
      "plugins are not loaded here: let a program listen at linux.seccomp.listenerPath instead");
}

void RefuseDelegated(const JsonReader& in, const std::string& value, Spec&) {
  if (value.empty()) return;
  in.Complain("no further cgroup is made here: the container may make cgroups below its own");
}

void RefuseVersion1(const JsonReader& in, const std::string& value, Spec&) {
  if (!value.empty()) in.Complain("hierarchies of cgroup version 1 are not mounted here");
}

constexpr Annotation kActedOn[] = {
    {"org.criu.config", CriuConfig},
    {"run.oci.hooks.stderr", HooksStderr},
    {"run.oci.hooks.stdout", HooksStdout},
    {"run.oci.keep_original_groups", KeepGroups},
    {"run.oci.mount_context_type", MountContext},
    {"run.oci.pidfd_receiver", PidfdReceiver},
    {"run.oci.seccomp.receiver", SeccompReceiver},
    {"run.oci.seccomp_bpf_data", SeccompProgram},
    {"run.oci.seccomp_fail_unknown_syscall", UnknownSyscalls},
    {"run.oci.systemd.subgroup", Subgroup},
    {"run.oci.timens_offset", TimeOffsets},
};

constexpr Annotation kRefused[] = {
    {"module.wasm.image/variant", RefuseWasm},
    {"run.oci.delegate-cgroup", RefuseDelegated},
    {"run.oci.handler", RefuseHandler},
    {"run.oci.seccomp.plugins", RefusePlugins},
    {"run.oci.systemd.force_cgroup_v1", RefuseVersion1},
};

constexpr std::string_view kUnitProperties = "org.systemd.property.";

void AddUnitProperty(const JsonReader& in, std::string_view name, const std::string& value,
                     Spec& spec) {
  auto property = systemd::ParseProperty(name, value);
  if (!property) return in.Complain(property.error().message());
  spec.extensions.unit_properties.push_back(std::move(*property));
}

}  // namespace

void ActOnAnnotations(const JsonReader& in, Spec& spec) {
  const auto all = in.Find("annotations");
  if (!all || spec.annotations.empty()) return;
  for (const auto& table : {std::span<const Annotation>(kActedOn), {kRefused}}) {
    for (const Annotation& annotation : table) {
      const auto found = spec.annotations.find(std::string(annotation.name));
      if (found == spec.annotations.end()) continue;
      annotation.act(*all->Find(annotation.name), found->second, spec);
    }
  }
  for (const auto& [name, value] : spec.annotations) {
    if (!name.starts_with(kUnitProperties)) continue;
    AddUnitProperty(*all->Find(name), std::string_view(name).substr(kUnitProperties.size()), value,
                    spec);
  }
}

std::vector<std::string> AnnotationNames() {
  std::vector<std::string> names = {std::string(kUnitProperties)};
  for (const Annotation& annotation : kActedOn) names.emplace_back(annotation.name);
  std::sort(names.begin(), names.end());
  return names;
}

}  // namespace berth::runtime
