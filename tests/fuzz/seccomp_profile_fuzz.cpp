// Seccomp profiles from config.json: compiled or refused, whole instructions and never too many.
#include <linux/bpf_common.h>
#include <linux/filter.h>

#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "runtime/seccomp/seccomp.h"
#include "runtime/spec/spec_parse.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  std::string document =
      R"({"ociVersion":"1.2.0","root":{"path":"r"},"process":{"user":{"uid":0,"gid":0},)"
      R"("args":["a"],"cwd":"/"},"linux":{"seccomp":)";
  document.append(reinterpret_cast<const char*>(data), size).append("}}");
  const auto spec = berth::runtime::ParseSpec(document);
  if (!spec || !spec->linux_.seccomp) return 0;
  const auto filter = berth::runtime::CompileSeccomp(*spec->linux_.seccomp);
  if (filter && filter->program.size() % sizeof(sock_filter) != 0) std::abort();
  return 0;
}
