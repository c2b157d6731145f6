// NftRun: one packet's way through a program, as nf_tables(4) would take it.
#pragma once

#include <array>
#include <optional>
#include <string>

#include "net/nft/program.h"

namespace berth::net {

class NftRun {
 public:
  NftRun(const NftProgram& program, const NftPacket& packet) : program_(program), packet_(packet) {}

  Result<NftDecision> Decide(const std::string& base_chain);

 private:
  // What a rule, or a chain, came to. Nothing: on to the next rule.
  struct Verdict {
    int32_t code = 0;
    bool refused = false;  // with an answer to the sender
    std::string chain;     // for a jump or goto
  };

  Result<std::optional<Verdict>> RunChain(const std::string& chain, int depth);
  Result<std::optional<Verdict>> RunRule(const NftProgram::Rule& rule);
  /// Whether the rule goes on after the expression; `verdict` is set if it decides.
  Result<bool> Run(const NftProgram::Expression& expression);
  Result<bool> Load(const std::string& kind, const AttributeView& data);
  Result<bool> LookUp(const AttributeView& data);

  /// The bytes in the registers from one on.
  std::string Bytes(uint32_t from, size_t size);
  void Store(uint32_t from, std::string bytes);

  const NftProgram& program_;
  const NftPacket& packet_;
  std::array<std::string, 20> registers_;
  std::optional<Verdict> verdict_;
  std::string says_;    // of the rule under way
  std::string loaded_;  // what was loaded last, in words
  std::string mask_;    // that was laid over it
  NftDecision decision_;
};

}  // namespace berth::net
