#include "runtime/seccomp/seccomp_names.h"

#include <seccomp.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <utility>

namespace berth::runtime {
namespace {

constexpr std::array<std::pair<std::string_view, uint32_t>, 7> kPlainActions = {
    {{"SCMP_ACT_NOTIFY", SCMP_ACT_NOTIFY},
     {"SCMP_ACT_KILL", SCMP_ACT_KILL_THREAD},
     {"SCMP_ACT_KILL_THREAD", SCMP_ACT_KILL_THREAD},
     {"SCMP_ACT_KILL_PROCESS", SCMP_ACT_KILL_PROCESS},
     {"SCMP_ACT_TRAP", SCMP_ACT_TRAP},
     {"SCMP_ACT_ALLOW", SCMP_ACT_ALLOW},
     {"SCMP_ACT_LOG", SCMP_ACT_LOG}}};

constexpr std::array<std::pair<std::string_view, scmp_compare>, 7> kOperators = {
    {{"SCMP_CMP_NE", SCMP_CMP_NE},
     {"SCMP_CMP_LT", SCMP_CMP_LT},
     {"SCMP_CMP_LE", SCMP_CMP_LE},
     {"SCMP_CMP_EQ", SCMP_CMP_EQ},
     {"SCMP_CMP_GE", SCMP_CMP_GE},
     {"SCMP_CMP_GT", SCMP_CMP_GT},
     {"SCMP_CMP_MASKED_EQ", SCMP_CMP_MASKED_EQ}}};

constexpr std::array<std::pair<std::string_view, unsigned>, 4> kFlags = {
    {{"SECCOMP_FILTER_FLAG_TSYNC", SECCOMP_FILTER_FLAG_TSYNC},
     {"SECCOMP_FILTER_FLAG_LOG", SECCOMP_FILTER_FLAG_LOG},
     {"SECCOMP_FILTER_FLAG_SPEC_ALLOW", SECCOMP_FILTER_FLAG_SPEC_ALLOW},
     {"SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV", SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV}}};

template <typename Table>
auto Find(const Table& table, std::string_view name) -> std::optional<decltype(table[0].second)> {
  for (const auto& [known, value] : table) {
    if (known == name) return value;
  }
  return std::nullopt;
}

template <typename Table>
std::vector<std::string> Names(const Table& table) {
  std::vector<std::string> names;
  for (const auto& [name, value] : table) names.emplace_back(name);
  std::sort(names.begin(), names.end());
  return names;
}

// seccomp(2): a flag that is known gets as far as the filter, which isn't there.
bool KernelTakes(unsigned flag) {
  if (flag == SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV) flag |= SECCOMP_FILTER_FLAG_NEW_LISTENER;
  return ::syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flag, nullptr) < 0 && errno == EFAULT;
}

}  // namespace

std::optional<uint32_t> SeccompPlainAction(std::string_view name) {
  return Find(kPlainActions, name);
}
std::optional<int> SeccompOperator(std::string_view name) { return Find(kOperators, name); }
std::optional<unsigned> SeccompFlag(std::string_view name) { return Find(kFlags, name); }

// SCMP_ARCH_X86_64 is called x86_64 by the library.
Result<uint32_t> SeccompArchitecture(const std::string& name) {
  constexpr std::string_view kPrefix = "SCMP_ARCH_";
  std::string lower;
  if (name.starts_with(kPrefix)) {
    for (const char c : name.substr(kPrefix.size())) {
      lower += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    }
  }
  const uint32_t token = ::seccomp_arch_resolve_name(lower.c_str());
  if (token == 0) return MakeError("unknown architecture \"{}\"", name);
  return token;
}

SeccompNames KnownSeccompNames() {
  SeccompNames names = {
      .actions = Names(kPlainActions), .operators = Names(kOperators), .flags = Names(kFlags)};
  for (const char* action : {"SCMP_ACT_ERRNO", "SCMP_ACT_TRACE"}) names.actions.push_back(action);
  std::sort(names.actions.begin(), names.actions.end());
  for (const char* name :
       {"AARCH64",   "ARM",    "LOONGARCH64", "M68K",        "MIPS",   "MIPS64",
        "MIPS64N32", "MIPSEL", "MIPSEL64",    "MIPSEL64N32", "PARISC", "PARISC64",
        "PPC",       "PPC64",  "PPC64LE",     "RISCV64",     "S390",   "S390X",
        "SHEB",      "SH",     "X32",         "X86",         "X86_64"}) {
    const std::string full = fmt::format("SCMP_ARCH_{}", name);
    if (SeccompArchitecture(full)) names.architectures.push_back(full);
  }
  std::sort(names.architectures.begin(), names.architectures.end());
  for (const auto& [name, flag] : kFlags) {
    if (KernelTakes(flag)) names.supported_flags.emplace_back(name);
  }
  std::sort(names.supported_flags.begin(), names.supported_flags.end());
  return names;
}

}  // namespace berth::runtime
