// nf_tables over netlink: changes to a table of ours in one transaction, and what is in it.
//
// Written as raw netlink: libnftables and the nft command read whole sets back at every command,
// which makes the ten-thousandth element a thousand times dearer than the first.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "net/netlink.h"
#include "net/nft/rule.h"

namespace berth::net {

/// A type of set keys and data: the number that nft(8) shows it by (its datatype.h) and its bytes.
struct NftType {
  uint32_t number;
  uint32_t size;
};
inline constexpr NftType kNftIpv4 = {7, 4};
inline constexpr NftType kNftIpv6 = {8, 16};
inline constexpr NftType kNftEther = {9, 6};
inline constexpr NftType kNftProtocol = {12, 1};
inline constexpr NftType kNftPort = {13, 2};
inline constexpr NftType kNftMark = {19, 4};
inline constexpr NftType kNftInterface = {41, 16};

/// A hash set, or a map if it has data or verdicts.
struct NftSet {
  enum class Values { kNone, kData, kVerdicts };

  std::string name;
  std::vector<NftType> key;  // more than one: a concatenation
  Values values = Values::kNone;
  std::vector<NftType> data = {};
  std::string comment;
  bool counted = false;  // how often each element was found
  /// By packets, from the rules: an element is there while it counts flows, or for some time.
  bool filled = false;
  std::chrono::milliseconds kept = {};  // how long; 0: while it counts flows
};

/// The parts of a concatenation, each padded as its registers are.
std::string NftConcat(const std::vector<std::string>& parts);
/// An interface's name as a key.
std::string NftInterfaceName(std::string_view name);

/// Where a base chain is hooked in (netfilter.h), as nft(8) describes it. Its policy is accept.
struct NftHook {
  std::string chain;
  const char* type;  // filter or nat
  uint32_t hook;     // NF_INET_*
  int32_t priority;
  std::string comment;
};

inline constexpr uint8_t kNftInet = 1;  // NFPROTO_INET

/// The tables, of the family inet.
inline constexpr const char* kBerthTable = "berth";           // tasks: there while there is one
inline constexpr const char* kAgentTable = "berth_agent";     // the way to the agent's endpoint
inline constexpr const char* kResolverTable = "berth_names";  // the way to the resolver

struct NftElement {
  std::string set;
  std::string key;
  std::string comment;
  Attributes data = {};    // NftValue or NftVerdict, for maps
  std::string shown;       // as a person would write it, for messages
  uint64_t packets = 0;    // that found one of a counted set, when it was listed
  std::string value = {};  // the data, as bytes, of one that was listed
  std::string chain = {};  // where its verdict leads, of one that was listed
};

/// Changes that happen together or not at all, each by name in one table.
class NftBatch {
 public:
  /// `family`: NFPROTO_INET, or that of one family for what nf_tables has for each alone.
  explicit NftBatch(std::string table = kBerthTable, uint8_t family = kNftInet)
      : table_(std::move(table)), family_(family) {}

  // Making what exists already is no error, but for elements.
  NftBatch& AddTable(std::string_view comment);
  NftBatch& AddSet(const NftSet& set);
  NftBatch& AddChain(const std::string& chain, std::string_view comment = {});
  NftBatch& AddBaseChain(const NftHook& hook);
  NftBatch& FlushChain(const std::string& chain);
  NftBatch& AddRule(const NftRule& rule);
  NftBatch& AddElement(const NftElement& element);
  // Removing what isn't there fails the batch.
  NftBatch& DeleteElement(const NftElement& element);
  NftBatch& DeleteChain(const std::string& chain);
  NftBatch& DeleteSet(const std::string& set);
  NftBatch& DeleteTable();

  /// Changes that another batch was made of. Elements that are there already are no error.
  NftBatch& Append(std::vector<NetlinkMessage> messages);
  const std::vector<NetlinkMessage>& messages() const { return messages_; }

  /// Fails with the complaint about the first change that can't be made.
  Result<void> Commit(NetlinkSocket& socket) const;

 private:
  NftBatch& Add(std::string what, uint16_t type, uint16_t flags, const Attributes& attributes);

  std::string table_;
  uint8_t family_;
  std::vector<NetlinkMessage> messages_;
};

/// Messages of a transaction, as they lie here and there.
using NftMessages = std::vector<std::span<const NetlinkMessage>>;
/// Makes all of them happen together or not at all. Fails with the complaint about the first that
/// can't.
Result<void> CommitNft(NetlinkSocket& socket, const NftMessages& messages);

/// The comment in an object's user data: the first entry of the type 0.
std::string NftCommentIn(std::string_view userdata);
/// Whether a message that makes or describes a set is about one that packets fill.
bool IsFilledNftSet(std::string_view body);
/// The comment of the table; nothing if there is no such table.
Result<std::optional<std::string>> FindNftTable(NetlinkSocket& socket,
                                                const std::string& table = kBerthTable,
                                                uint8_t family = kNftInet);
/// The names of the sets and maps of the table `inet berth`, but for those that packets fill.
Result<std::vector<std::string>> ListNftSets(NetlinkSocket& socket);
/// The elements that a message adds or tells of, with set, key, comment and the chain of a verdict.
std::vector<NftElement> NftElementsIn(std::string_view body);
/// The elements of one, as above.
Result<std::vector<NftElement>> ListNftElements(NetlinkSocket& socket, const std::string& set);

}  // namespace berth::net
