#include "cgroups/devices/filter.h"

#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "base/text.h"
#include "cgroups/devices/program.h"

namespace berth::cgroups {
namespace {

// By this name the filter is found again.
constexpr std::string_view kProgramName = "berth_devices";
static_assert(kProgramName.size() < BPF_OBJ_NAME_LEN);

int Bpf(bpf_cmd command, bpf_attr& attributes) {
  return static_cast<int>(::syscall(SYS_bpf, command, &attributes, sizeof attributes));
}

template <typename T>
uint64_t Address(const T* pointer) {
  return reinterpret_cast<uintptr_t>(pointer);
}

UniqueFd TryLoad(std::span<const bpf_insn> code, std::span<char> log) {
  bpf_attr attributes = {};
  attributes.prog_type = BPF_PROG_TYPE_CGROUP_DEVICE;
  attributes.insns = Address(code.data());
  attributes.insn_cnt = static_cast<uint32_t>(code.size());
  attributes.license = Address("");  // calls no helper that asks for one
  kProgramName.copy(attributes.prog_name, BPF_OBJ_NAME_LEN - 1);
  attributes.log_level = log.empty() ? 0 : 1;
  attributes.log_size = static_cast<uint32_t>(log.size());
  attributes.log_buf = Address(log.data());
  // EAGAIN: a signal came while the verifier was at work.
  int program = -1;
  for (int attempt = 0; attempt < 5; ++attempt) {
    program = Bpf(BPF_PROG_LOAD, attributes);
    if (program >= 0 || errno != EAGAIN) break;
  }
  return UniqueFd(program);
}

// --- The programs of one cgroup ---

Result<std::vector<uint32_t>> AttachedIds(int cgroup_fd) {
  std::array<uint32_t, 64> ids;  // BPF_CGROUP_MAX_PROGS, the most that the kernel lets in
  bpf_attr attributes = {};
  attributes.query.target_fd = static_cast<uint32_t>(cgroup_fd);
  attributes.query.attach_type = BPF_CGROUP_DEVICE;
  attributes.query.prog_ids = Address(ids.data());
  attributes.query.prog_cnt = ids.size();
  if (Bpf(BPF_PROG_QUERY, attributes) < 0) return ErrnoError("list the cgroup's device filters");
  return std::vector<uint32_t>(ids.begin(), ids.begin() + attributes.query.prog_cnt);
}

Result<std::string> NameOf(int program) {
  bpf_prog_info info = {};
  bpf_attr attributes = {};
  attributes.info.bpf_fd = static_cast<uint32_t>(program);
  attributes.info.info_len = sizeof info;
  attributes.info.info = Address(&info);
  if (Bpf(BPF_OBJ_GET_INFO_BY_FD, attributes) < 0) return ErrnoError("ask for a program's name");
  return std::string(info.name);
}

// The ones that SetDeviceFilter attached: mostly one or none; several only after two processes
// attached their first at the same time.
Result<std::vector<UniqueFd>> OurPrograms(int cgroup_fd) {
  std::vector<UniqueFd> ours;
  for (const uint32_t id : TRY(AttachedIds(cgroup_fd))) {
    bpf_attr attributes = {};
    attributes.prog_id = id;
    UniqueFd program(Bpf(BPF_PROG_GET_FD_BY_ID, attributes));
    // Gone since, or guarded by a security module, which ours are not.
    if (!program && (errno == ENOENT || errno == EACCES)) continue;
    if (!program) return ErrnoError("open the cgroup's device filter {}", id);
    if (TRY(NameOf(program.get())) == kProgramName) ours.push_back(std::move(program));
  }
  return ours;
}

// In place of `old`, unless that is -1.
Result<void> Attach(int cgroup_fd, int program, int old) {
  bpf_attr attributes = {};
  attributes.target_fd = static_cast<uint32_t>(cgroup_fd);
  attributes.attach_type = BPF_CGROUP_DEVICE;
  attributes.attach_bpf_fd = static_cast<uint32_t>(program);
  attributes.attach_flags = BPF_F_ALLOW_MULTI;
  if (old >= 0) {
    attributes.attach_flags |= BPF_F_REPLACE;
    attributes.replace_bpf_fd = static_cast<uint32_t>(old);
  }
  if (Bpf(BPF_PROG_ATTACH, attributes) == 0) return {};
  if (errno == EPERM) {
    return ErrnoError(
        "attach the device filter: either CAP_NET_ADMIN and CAP_BPF are missing, or this cgroup "
        "or one above it has a filter that tolerates no other");
  }
  return ErrnoError("attach the device filter");
}

Result<void> Detach(int cgroup_fd, int program) {
  bpf_attr attributes = {};
  attributes.target_fd = static_cast<uint32_t>(cgroup_fd);
  attributes.attach_type = BPF_CGROUP_DEVICE;
  attributes.attach_bpf_fd = static_cast<uint32_t>(program);
  if (Bpf(BPF_PROG_DETACH, attributes) < 0 && errno != ENOENT) {
    return ErrnoError("detach a device filter that was left over");
  }
  return {};
}

}  // namespace

Result<bool> DeviceFilterSupported() {
  // A question about no cgroup: a kernel that has filters complains of the descriptor alone. To
  // load a program would tell as well, and take ten times as long.
  bpf_attr attributes = {};
  attributes.query.target_fd = static_cast<uint32_t>(-1);
  attributes.query.attach_type = BPF_CGROUP_DEVICE;
  if (Bpf(BPF_PROG_QUERY, attributes) == 0 || errno == EBADF) return true;
  // No bpf(2), or none for cgroups.
  if (errno == ENOSYS || errno == EINVAL) return false;
  return ErrnoError("ask for device filters");
}

Result<UniqueFd> LoadDeviceProgram(std::span<const bpf_insn> code) {
  UniqueFd program = TryLoad(code, {});
  if (program) return program;
  // To write the log takes time, so it is asked for only now; its last lines say why.
  const Error refused = ErrnoError("load the device filter ({} instructions)", code.size());
  std::string log(1 << 16, '\0');
  const UniqueFd again = TryLoad(code, log);
  const std::string_view text = Trim(log.c_str());
  if (text.empty()) return refused;
  constexpr size_t kEnough = 400;
  const size_t begin = text.size() > kEnough ? text.size() - kEnough : 0;
  return Error(fmt::format("{}; the verifier says: {}", refused.message(), text.substr(begin)),
               refused.code());
}

Result<void> SetDeviceFilter(int cgroup_fd, std::span<const DeviceRule> rules) {
  const UniqueFd program = TRY(LoadDeviceProgram(CompileDeviceFilter(rules)));
  constexpr int kAttempts = 16;
  for (int attempt = 1;; ++attempt) {
    const auto ours = TRY(OurPrograms(cgroup_fd));
    const auto attached = Attach(cgroup_fd, program.get(), ours.empty() ? -1 : ours.front().get());
    // ENOENT: somebody replaced the one that was to be replaced.
    if (!attached && attached.error().Is(ENOENT) && attempt < kAttempts) continue;
    if (!attached) return attached;
    for (size_t i = 1; i < ours.size(); ++i) TRY(Detach(cgroup_fd, ours[i].get()));
    return {};
  }
}

}  // namespace berth::cgroups
