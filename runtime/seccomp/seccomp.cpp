#include "runtime/seccomp/seccomp.h"

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <seccomp.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "base/files.h"
#include "base/unique_fd.h"
#include "runtime/seccomp/seccomp_names.h"

namespace berth::runtime {
namespace {

using Context = std::unique_ptr<void, decltype([](void* context) { ::seccomp_release(context); })>;

// libseccomp answers with a negative errno.
Result<void> Check(int answer, std::string_view what) {
  if (answer >= 0) return {};
  errno = -answer;
  return ErrnoError("{}", what);
}

Result<uint32_t> Action(const std::string& name, std::optional<uint32_t> errno_ret) {
  if (name == "SCMP_ACT_ERRNO" || name == "SCMP_ACT_TRACE") {
    const uint32_t code = errno_ret.value_or(EPERM);
    if (code > 0xffff) return MakeError("{}: errno {} is too large", name, code);
    return name == "SCMP_ACT_ERRNO" ? SCMP_ACT_ERRNO(code) : SCMP_ACT_TRACE(code);
  }
  const auto action = SeccompPlainAction(name);
  if (!action) return MakeError("unknown action \"{}\"", name);
  if (errno_ret) return MakeError("{} takes no errno", name);
  return *action;
}

Result<std::vector<uint32_t>> AddArchitectures(const Seccomp& profile, void* context) {
  std::vector<uint32_t> tokens = {::seccomp_arch_native()};
  for (const std::string& name : profile.architectures) {
    const uint32_t token = TRY(SeccompArchitecture(name));
    if (std::find(tokens.begin(), tokens.end(), token) != tokens.end()) continue;
    TRY(Check(::seccomp_arch_add(context, token), name));
    tokens.push_back(token);
  }
  return tokens;
}

Result<std::vector<scmp_arg_cmp>> Comparisons(const SeccompSyscall& rule) {
  std::vector<scmp_arg_cmp> comparisons;
  for (const SeccompArg& arg : rule.args) {
    const auto op = SeccompOperator(arg.op);
    if (!op) return MakeError("unknown operator \"{}\"", arg.op);
    if (arg.index > 5) return MakeError("argument {} of 6", arg.index);
    comparisons.push_back({.arg = arg.index,
                           .op = static_cast<scmp_compare>(*op),
                           .datum_a = arg.value,
                           .datum_b = arg.valueTwo});
  }
  return comparisons;
}

bool SameArgumentTwice(const std::vector<scmp_arg_cmp>& comparisons) {
  std::array<bool, 6> seen = {};
  return std::any_of(comparisons.begin(), comparisons.end(),
                     [&](const scmp_arg_cmp& one) { return std::exchange(seen[one.arg], true); });
}

Result<void> AddRule(const SeccompSyscall& rule, uint32_t default_action, void* context) {
  const uint32_t action = TRY(Action(rule.action, rule.errnoRet));
  if (action == default_action) return {};  // the library refuses what changes nothing
  const std::vector<scmp_arg_cmp> comparisons = TRY(Comparisons(rule));
  const auto count = static_cast<unsigned>(comparisons.size());
  for (const std::string& name : rule.names) {
    const int number = ::seccomp_syscall_resolve_name(name.c_str());
    if (number == __NR_SCMP_ERROR) continue;
    if (!SameArgumentTwice(comparisons)) {
      TRY(Check(::seccomp_rule_add_array(context, action, number, count, comparisons.data()),
                name));
      continue;
    }
    // Several comparisons of one argument can't stand in one rule; as in the other runtimes any of
    // them is then enough.
    for (const scmp_arg_cmp& one : comparisons) {
      TRY(Check(::seccomp_rule_add_array(context, action, number, 1, &one), name));
    }
  }
  return {};
}

Result<std::string> Export(void* context) {
  const UniqueFd file(::memfd_create("seccomp", MFD_CLOEXEC));
  if (!file) return ErrnoError("memfd_create");
  TRY(Check(::seccomp_export_bpf(context, file.get()), "export the filter"));
  if (::lseek(file.get(), 0, SEEK_SET) < 0) return ErrnoError("lseek");
  return ReadAll(file.get());
}

int NewestCall(const Seccomp& profile, uint32_t architecture) {
  int newest = 0;
  for (const SeccompSyscall& rule : profile.syscalls) {
    for (const std::string& name : rule.names) {
      newest = std::max(newest, ::seccomp_syscall_resolve_name_arch(architecture, name.c_str()));
    }
  }
  return newest;
}

// Instructions in front of the filter: a call with a higher number than any the profile names gets
// ENOSYS. x32 calls, which have a bit set above all numbers, go on to the filter.
std::string UnknownCallsPrelude(const Seccomp& profile, const std::vector<uint32_t>& tokens) {
  constexpr uint32_t kX32Bit = 0x40000000;
  constexpr unsigned kBlock = 6;
  std::vector<uint32_t> architectures = tokens;
  std::erase(architectures, uint32_t{SCMP_ARCH_X32});
  const auto total = static_cast<unsigned>(1 + kBlock * architectures.size());
  std::vector<sock_filter> code = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, arch))};
  for (const uint32_t token : architectures) {
    const auto newest = static_cast<uint32_t>(NewestCall(profile, token));
    code.push_back(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, token, 0, kBlock - 1));
    code.push_back(BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)));
    code.push_back(BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, kX32Bit, 1, 0));
    code.push_back(BPF_JUMP(BPF_JMP | BPF_JGT | BPF_K, newest, 1, 0));
    const auto rest = total - static_cast<unsigned>(code.size()) - 1;
    code.push_back(BPF_STMT(BPF_JMP | BPF_JA, rest));
    code.push_back(BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS));
  }
  return {reinterpret_cast<const char*>(code.data()), code.size() * sizeof(sock_filter)};
}

}  // namespace

Result<SeccompFilter> CompileSeccomp(const Seccomp& profile) {
  const uint32_t default_action =
      TRY(Action(profile.defaultAction, profile.defaultErrnoRet).Context("defaultAction"));
  const Context context(::seccomp_init(default_action));
  if (!context) return MakeError("no seccomp filter can be made");
  SeccompFilter filter;
  for (const std::string& name : profile.flags) {
    const auto flag = SeccompFlag(name);
    if (!flag) return MakeError("flags: unknown flag \"{}\"", name);
    filter.flags |= *flag;
  }
  // A binary tree instead of a list: some 10 comparisons a call instead of hundreds.
  TRY(Check(::seccomp_attr_set(context.get(), SCMP_FLTATR_CTL_OPTIMIZE, 2), "optimize"));
  const std::vector<uint32_t> tokens =
      TRY(AddArchitectures(profile, context.get()).Context("architectures"));
  for (size_t i = 0; i < profile.syscalls.size(); ++i) {
    TRY(AddRule(profile.syscalls[i], default_action, context.get()).Context("syscalls[{}]", i));
  }
  if (default_action != SCMP_ACT_ALLOW && default_action != SCMP_ACT_LOG) {
    filter.program = UnknownCallsPrelude(profile, tokens);
  }
  filter.program += TRY(Export(context.get()));
  return filter;
}

Result<void> CheckSyscalls(const Seccomp& profile) {
  for (size_t i = 0; i < profile.syscalls.size(); ++i) {
    for (const std::string& name : profile.syscalls[i].names) {
      if (::seccomp_syscall_resolve_name(name.c_str()) != __NR_SCMP_ERROR) continue;
      return MakeError("syscalls[{}].names: unknown system call \"{}\"", i, name);
    }
  }
  return {};
}

std::string LibseccompVersion() {
  const scmp_version* version = ::seccomp_version();
  return fmt::format("{}.{}.{}", version->major, version->minor, version->micro);
}

std::string SeccompCompiler() {
  return fmt::format("libseccomp {} for {:x}", LibseccompVersion(), ::seccomp_arch_native());
}

namespace {

Result<int> Install(const SeccompFilter& filter, unsigned flags) {
  std::string program = filter.program;
  const sock_fprog raw = {.len = static_cast<unsigned short>(program.size() / sizeof(sock_filter)),
                          .filter = reinterpret_cast<sock_filter*>(program.data())};
  const long answer = ::syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &raw);
  if (answer < 0) return ErrnoError("install seccomp filter");
  return static_cast<int>(answer);
}

}  // namespace

Result<void> InstallSeccomp(const SeccompFilter& filter) {
  // Without a listener there is nothing to wait for, and the kernel refuses the flag.
  TRY(Install(filter, filter.flags & ~unsigned{SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV}));
  return {};
}

Result<UniqueFd> InstallSeccompListener(const SeccompFilter& filter) {
  const unsigned flags = filter.flags & ~unsigned{SECCOMP_FILTER_FLAG_TSYNC};
  return UniqueFd(TRY(Install(filter, flags | SECCOMP_FILTER_FLAG_NEW_LISTENER)));
}

}  // namespace berth::runtime
