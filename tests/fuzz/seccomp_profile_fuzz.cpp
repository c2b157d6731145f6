// Seccomp profiles from config.json: compiled or refused; the program is one that the kernel takes
// (Documentation/networking/filter.rst): not too long, jumps that stay inside, an end that returns.
#include <linux/bpf_common.h>
#include <linux/filter.h>

#include <cstring>
#include <vector>

#include "runtime/seccomp/seccomp.h"
#include "runtime/spec/spec_parse.h"
#include "tests/fuzz/target.h"

namespace {

// The kernel's own length, and what a cache or a mistake must not shorten.
constexpr size_t kMostOfProgram = 4096;

bool IsWhole(std::string_view program) {
  const size_t count = program.size() / sizeof(sock_filter);
  if (count == 0 || count > kMostOfProgram || program.size() % sizeof(sock_filter) != 0)
    return false;
  std::vector<sock_filter> code(count);
  std::memcpy(code.data(), program.data(), program.size());
  for (size_t i = 0; i < count; ++i) {
    if (BPF_CLASS(code[i].code) != BPF_JMP) continue;
    const bool always = BPF_OP(code[i].code) == BPF_JA;
    const size_t far = always ? code[i].k : std::max(code[i].jt, code[i].jf);
    if (i + 1 + far >= count) return false;
  }
  return BPF_CLASS(code.back().code) == BPF_RET;
}

}  // namespace

int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  std::string document =
      R"({"ociVersion":"1.2.0","root":{"path":"r"},"process":{"user":{"uid":0,"gid":0},)"
      R"("args":["a"],"cwd":"/"},"linux":{"seccomp":)";
  document.append(Text(data, size)).append("}}");
  const auto spec = berth::runtime::ParseSpec(document);
  if (!spec || !spec->linux_.seccomp) return 0;
  const auto filter = berth::runtime::CompileSeccomp(*spec->linux_.seccomp);
  if (!filter) {
    Expect(!filter.error().message().empty(), "refused without a word", document);
    return 0;
  }
  Expect(IsWhole(filter->program), "no program for the kernel", document);
  return 0;
}
