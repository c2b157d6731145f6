// NftProgram: the table `inet berth` as the kernel has it, to be asked what it would do with a
// packet that begins a flow.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/result.h"
#include "net/netlink.h"

namespace berth::net {

/// What the table's rules can see of a packet. Bytes are as the packet has them.
struct NftPacket {
  bool ipv6 = false;
  uint8_t protocol = 0;
  std::string source, destination;  // 4 or 16 bytes
  uint16_t port = 0;                // of the destination
  std::string interface_in;         // "": from the host itself
  std::string mac;                  // of the sender; 6 bytes
  uint32_t group_in = 0, group_out = 0;
  uint32_t source_type = 0, destination_type = 0;  // RTN_*
  bool redirected = false;                         // to where a published port leads
};

/// A rule that took part: the `rule`th (from 0) of a chain. -1: the chain's end was reached.
struct NftStep {
  std::string chain;
  int rule = 0;
  std::string says;  // in words
};

struct NftDecision {
  enum class End { kAccepted, kDropped, kRefused };
  End end = End::kAccepted;
  std::vector<NftStep> steps;  // the last one decided
};

class NftProgram {
 public:
  /// Nothing in it without the table.
  static Result<NftProgram> Read(NetlinkSocket& socket);

  bool empty() const { return chains_.empty(); }
  bool Has(const std::string& chain) const { return chains_.contains(chain); }
  /// What comes of the packet in a base chain. Fails for a rule of a kind that Berth does not
  /// write.
  Result<NftDecision> Decide(const std::string& base_chain, const NftPacket& packet) const;
  /// The data of a map's element; "" if there is none.
  std::string Find(const std::string& map, const std::string& key) const;
  /// Where a map of verdicts leads for a key; "" if it has none.
  std::string ChainFor(const std::string& map, const std::string& key) const;
  /// Where the rules of a chain lead, in their order.
  std::vector<std::string> JumpsOf(const std::string& chain) const;

 private:
  friend class NftRun;
  struct Expression {
    std::string name;
    std::string data;  // attributes
  };
  using Rule = std::vector<Expression>;
  struct Element {
    std::string value;
    std::string chain;
  };

  std::map<std::string, std::vector<Rule>> chains_;
  std::map<std::string, std::map<std::string, Element>> sets_;
};

}  // namespace berth::net
