#include "cgroups/devices/program.h"

#include <cstddef>
#include <optional>

#include "cgroups/devices/table.h"

namespace berth::cgroups {
namespace {

static_assert(kDeviceMknod == BPF_DEVCG_ACC_MKNOD);
static_assert(kDeviceRead == BPF_DEVCG_ACC_READ);
static_assert(kDeviceWrite == BPF_DEVCG_ACC_WRITE);

// --- Instructions (Documentation/bpf/standardization/instruction-set.rst), all on 32 bits ---

constexpr uint8_t kAnswer = BPF_REG_0;
constexpr uint8_t kContext = BPF_REG_1;  // struct bpf_cgroup_dev_ctx
constexpr uint8_t kType = BPF_REG_2;
constexpr uint8_t kAccess = BPF_REG_3;
constexpr uint8_t kMajor = BPF_REG_4;
constexpr uint8_t kMinor = BPF_REG_5;

bpf_insn Load(uint8_t to, size_t offset) {
  return {.code = BPF_LDX | BPF_MEM | BPF_W,
          .dst_reg = to,
          .src_reg = kContext,
          .off = static_cast<int16_t>(offset)};
}

bpf_insn Calculate(uint8_t operation, uint8_t reg, uint32_t value) {
  return {.code = static_cast<uint8_t>(BPF_ALU | BPF_K | operation),
          .dst_reg = reg,
          .imm = static_cast<int32_t>(value)};
}

// `skip` instructions are passed over where the condition holds.
bpf_insn JumpIf(uint8_t condition, uint8_t reg, uint32_t value, size_t skip) {
  return {.code = static_cast<uint8_t>(BPF_JMP32 | BPF_K | condition),
          .dst_reg = reg,
          .off = static_cast<int16_t>(skip),
          .imm = static_cast<int32_t>(value)};
}

bpf_insn Exit() { return {.code = BPF_JMP | BPF_EXIT}; }

// --- The program ---

using Code = std::vector<bpf_insn>;

Code Prologue() {
  return {Load(kType, offsetof(bpf_cgroup_dev_ctx, access_type)),
          Load(kAccess, offsetof(bpf_cgroup_dev_ctx, access_type)),
          Calculate(BPF_AND, kType, 0xffff),
          Calculate(BPF_RSH, kAccess, 16),
          Load(kMajor, offsetof(bpf_cgroup_dev_ctx, major)),
          Load(kMinor, offsetof(bpf_cgroup_dev_ctx, minor))};
}

// Answers for the devices of one entry. Unknown accesses of a later kernel are denied.
Code Verdict(DeviceAccess allowed) {
  return {Calculate(BPF_MOV, kAnswer, 0),
          JumpIf(BPF_JSET, kAccess, ~static_cast<uint32_t>(allowed), 1),
          Calculate(BPF_MOV, kAnswer, 1), Exit()};
}

// Each entry is complete in itself, with jumps no further than its end: so the verifier's work
// grows with their number and not with its square.
void Append(Code& code, const DeviceEntry& entry) {
  struct Condition {
    uint8_t reg;
    std::optional<uint32_t> value;
  };
  std::optional<uint32_t> type;
  if (entry.type == DeviceType::kBlock) type = BPF_DEVCG_DEV_BLOCK;
  if (entry.type == DeviceType::kChar) type = BPF_DEVCG_DEV_CHAR;
  const Condition conditions[] = {{kMinor, entry.minor}, {kMajor, entry.major}, {kType, type}};

  Code block = Verdict(entry.allowed);
  for (const Condition& condition : conditions) {
    if (!condition.value) continue;
    block.insert(block.begin(), JumpIf(BPF_JNE, condition.reg, *condition.value, block.size()));
  }
  code.insert(code.end(), block.begin(), block.end());
}

}  // namespace

Code CompileDeviceFilter(std::span<const DeviceRule> rules) {
  Code code = Prologue();
  for (const DeviceEntry& entry : MakeDeviceTable(rules)) Append(code, entry);
  return code;
}

}  // namespace berth::cgroups
