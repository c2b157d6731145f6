#include "cgroups/devices/interpreter.h"

#include <array>
#include <cstring>
#include <optional>

namespace berth::cgroups {
namespace {

class Machine {
 public:
  explicit Machine(const bpf_cgroup_dev_ctx& request) : request_(request) {}

  /// One instruction; the answer once the program has ended.
  Result<std::optional<uint32_t>> Step(const bpf_insn& insn) {
    ++next_;
    if (insn.code == (BPF_JMP | BPF_EXIT)) return std::optional(TRY(Read(BPF_REG_0)));
    switch (BPF_CLASS(insn.code)) {
      case BPF_LDX:
        TRY(Load(insn));
        break;
      case BPF_ALU:
        TRY(Calculate(insn));
        break;
      case BPF_JMP32:
        TRY(Jump(insn));
        break;
      default:
        return Unknown(insn);
    }
    return std::optional<uint32_t>();
  }
  size_t next() const { return next_; }

 private:
  static Error Unknown(const bpf_insn& insn) { return MakeError("instruction {:#x}", insn.code); }

  Result<uint32_t> Read(unsigned reg) const {
    if (!registers_.at(reg)) return MakeError("register {} was never written", reg);
    return *registers_.at(reg);
  }
  Result<void> Load(const bpf_insn& insn) {
    const bool word = insn.code == (BPF_LDX | BPF_MEM | BPF_W) && insn.src_reg == BPF_REG_1;
    if (!word || insn.off < 0 || insn.off % 4 != 0 || insn.off + 4U > sizeof request_) {
      return Unknown(insn);
    }
    uint32_t value = 0;
    std::memcpy(&value, reinterpret_cast<const char*>(&request_) + insn.off, sizeof value);
    registers_.at(insn.dst_reg) = value;
    return {};
  }
  Result<void> Calculate(const bpf_insn& insn) {
    const auto value = static_cast<uint32_t>(insn.imm);
    if (insn.code == (BPF_ALU | BPF_MOV | BPF_K)) {
      registers_.at(insn.dst_reg) = value;
      return {};
    }
    const uint32_t old = TRY(Read(insn.dst_reg));
    if (insn.code == (BPF_ALU | BPF_AND | BPF_K)) {
      registers_.at(insn.dst_reg) = old & value;
    } else if (insn.code == (BPF_ALU | BPF_RSH | BPF_K)) {
      registers_.at(insn.dst_reg) = old >> value;
    } else {
      return Unknown(insn);
    }
    return {};
  }
  Result<void> Jump(const bpf_insn& insn) {
    const uint32_t left = TRY(Read(insn.dst_reg));
    const auto right = static_cast<uint32_t>(insn.imm);
    bool taken = false;
    if (insn.code == (BPF_JMP32 | BPF_JNE | BPF_K)) {
      taken = left != right;
    } else if (insn.code == (BPF_JMP32 | BPF_JSET | BPF_K)) {
      taken = (left & right) != 0;
    } else {
      return Unknown(insn);
    }
    if (insn.off < 0) return MakeError("a jump back");
    if (taken) next_ += static_cast<size_t>(insn.off);
    return {};
  }

  bpf_cgroup_dev_ctx request_;
  std::array<std::optional<uint32_t>, 11> registers_;
  size_t next_ = 0;
};

}  // namespace

Result<uint32_t> Interpret(std::span<const bpf_insn> code, const bpf_cgroup_dev_ctx& request) {
  Machine machine(request);
  while (machine.next() < code.size()) {
    const auto answer = TRY(machine.Step(code[machine.next()]));
    if (answer) return *answer;
  }
  return MakeError("runs past its end");
}

bpf_cgroup_dev_ctx MakeRequest(uint32_t type, uint32_t major, uint32_t minor, uint32_t access) {
  return {.access_type = access << 16 | type, .major = major, .minor = minor};
}

}  // namespace berth::cgroups
