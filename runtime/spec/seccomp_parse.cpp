#include "runtime/spec/seccomp_parse.h"

#include "runtime/spec/parse_checks.h"

namespace berth::runtime {

// `static`, not in the unnamed namespace: JsonReader finds these by the type of `out`.
static void ReadJson(const JsonReader& in, SeccompArg& out) {
  constexpr std::array<std::string_view, 7> kOperators = {
      "SCMP_CMP_NE", "SCMP_CMP_LT", "SCMP_CMP_LE",       "SCMP_CMP_EQ",
      "SCMP_CMP_GE", "SCMP_CMP_GT", "SCMP_CMP_MASKED_EQ"};
  in.Require("index", out.index);
  in.Require("value", out.value);
  in.Read("valueTwo", out.valueTwo);
  in.Require("op", out.op);
  RequireOneOf(in, "op", out.op, kOperators);
  if (out.index > 5) in.Complain("index must be from 0 to 5");
}

static void ReadJson(const JsonReader& in, SeccompSyscall& out) {
  in.Require("names", out.names);
  in.Require("action", out.action);
  in.Read("errnoRet", out.errnoRet);
  in.Read("args", out.args);
  if (in.Find("names") && out.names.empty()) in.Complain("names is empty");
}

void ReadJson(const JsonReader& in, Seccomp& out) {
  in.Require("defaultAction", out.defaultAction);
  in.Read("defaultErrnoRet", out.defaultErrnoRet);
  in.Read("architectures", out.architectures);
  in.Read("flags", out.flags);
  in.Read("syscalls", out.syscalls);
  in.Read("listenerPath", out.listenerPath);
  in.Read("listenerMetadata", out.listenerMetadata);
  if (out.defaultAction == "SCMP_ACT_NOTIFY") {
    in.Complain(
        "defaultAction: SCMP_ACT_NOTIFY can be the action of named calls alone, or nobody "
        "could tell of any");
  }
  if (out.listenerPath.empty() && !out.listenerMetadata.empty()) {
    in.Complain("listenerMetadata is of no use without listenerPath");
  }
}

}  // namespace berth::runtime
