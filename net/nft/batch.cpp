#include "net/nft/batch.h"

#include <arpa/inet.h>
#include <endian.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>

#include <algorithm>

namespace berth::net {
namespace {

uint16_t Type(uint16_t message) {
  return static_cast<uint16_t>(NFNL_SUBSYS_NFTABLES << 8 | message);
}

nfgenmsg Header(uint8_t family) { return {.nfgen_family = family, .version = NFNETLINK_V0}; }

NetlinkMessage BatchEdge(const char* what, uint16_t type) {
  const nfgenmsg header = {
      .nfgen_family = AF_UNSPEC, .version = NFNETLINK_V0, .res_id = htons(NFNL_SUBSYS_NFTABLES)};
  return {.what = what, .type = type, .body = NetlinkBody(header)};
}

/// nft(8) numbers a concatenation by its parts, six bits each.
uint32_t ConcatNumber(const std::vector<NftType>& types) {
  uint32_t number = 0;
  for (const NftType& type : types) number = number << 6 | type.number;
  return number;
}

uint32_t ConcatSize(const std::vector<NftType>& types) {
  if (types.size() == 1) return types[0].size;
  uint32_t size = 0;
  for (const NftType& type : types) size += (type.size + 3) / 4 * 4;
  return size;
}

/// What the kernel keeps for nft(8) about a set: how to show it.
std::string SetUserData(const NftSet& set) {
  constexpr uint8_t kKeyByteOrder = 0;
  constexpr uint8_t kComment = 7;
  constexpr uint32_t kHostOrder = 1;
  std::string told;
  if (set.key.size() == 1 && set.key[0].number == kNftInterface.number) {
    told = std::string{kKeyByteOrder, sizeof kHostOrder} + RawBytes(kHostOrder);
  }
  if (!set.comment.empty()) told += NftComment(set.comment, kComment);
  return told;
}

/// How packets fill a set.
void AddFilling(const NftSet& set, Attributes& attributes) {
  // Enough for ten thousand tasks. What has no place is not counted, and so not let through.
  constexpr uint32_t kMostElements = 1 << 20;
  const bool ages = set.kept.count() > 0;
  Attributes description;
  description.BigEndian(NFTA_SET_DESC_SIZE, kMostElements);
  attributes.BigEndian(NFTA_SET_FLAGS, uint32_t{NFT_SET_EVAL} | (ages ? NFT_SET_TIMEOUT : 0))
      .Nest(NFTA_SET_DESC, description);
  if (ages) attributes.Number<uint64_t>(NFTA_SET_TIMEOUT, htobe64(set.kept.count()));
}

NetlinkMessage Question(std::string what, uint16_t message, const Attributes& attributes,
                        uint8_t family = kNftInet) {
  return {.what = std::move(what),
          .type = Type(message),
          .body = NetlinkBody(Header(family), attributes)};
}

/// What a counter has counted.
uint64_t PacketsIn(const AttributeView& expression) {
  const AttributeView counter(expression.Find(NFTA_EXPR_DATA));
  return be64toh(FromBytes<uint64_t>(counter.Find(NFTA_COUNTER_PACKETS)));
}

std::optional<NftElement> ParseElement(const std::string& set, std::string_view bytes) {
  const AttributeView element(bytes);
  const std::string_view key = AttributeView(element.Find(NFTA_SET_ELEM_KEY)).Find(NFTA_DATA_VALUE);
  if (key.empty()) return std::nullopt;
  const AttributeView data(element.Find(NFTA_SET_ELEM_DATA));
  return NftElement{.set = set,
                    .key = std::string(key),
                    .comment = NftCommentIn(element.Find(NFTA_SET_ELEM_USERDATA)),
                    .packets = PacketsIn(AttributeView(element.Find(NFTA_SET_ELEM_EXPR))),
                    .value = std::string(data.Find(NFTA_DATA_VALUE)),
                    .chain = AttributeView(data.Find(NFTA_DATA_VERDICT)).Text(NFTA_VERDICT_CHAIN)};
}

}  // namespace

std::string NftCommentIn(std::string_view userdata) {
  while (userdata.size() >= 2) {
    const auto type = static_cast<uint8_t>(userdata[0]);
    const std::string_view value = userdata.substr(2, static_cast<uint8_t>(userdata[1]));
    if (type == 0) return std::string(value.substr(0, value.find('\0')));
    userdata.remove_prefix(2 + value.size());
  }
  return {};
}

bool IsFilledNftSet(std::string_view body) {
  const auto flags = BodyAttributes<nfgenmsg>(body).Find(NFTA_SET_FLAGS);
  return !flags.empty() && (ntohl(FromBytes<uint32_t>(flags)) & NFT_SET_EVAL) != 0;
}

std::string NftConcat(const std::vector<std::string>& parts) {
  std::string key;
  for (const std::string& part : parts) {
    key += part;
    key.resize((key.size() + 3) / 4 * 4);
  }
  return key;
}

std::string NftInterfaceName(std::string_view name) {
  std::string key(name);
  key.resize(kNftInterface.size);
  return key;
}

NftBatch& NftBatch::Add(std::string what, uint16_t type, uint16_t flags,
                        const Attributes& attributes) {
  messages_.push_back({.what = std::move(what),
                       .type = Type(type),
                       .flags = flags,
                       .body = NetlinkBody(Header(family_), attributes)});
  return *this;
}

NftBatch& NftBatch::AddTable(std::string_view comment) {
  Attributes table;
  table.Text(NFTA_TABLE_NAME, table_).Bytes(NFTA_TABLE_USERDATA, NftComment(comment));
  return Add("add the table inet " + table_, NFT_MSG_NEWTABLE, NLM_F_CREATE, table);
}

NftBatch& NftBatch::DeleteTable() {
  Attributes table;
  table.Text(NFTA_TABLE_NAME, table_);
  return Add("delete the table inet " + table_, NFT_MSG_DELTABLE, 0, table);
}

NftBatch& NftBatch::DeleteChain(const std::string& chain) {
  Attributes attributes;
  attributes.Text(NFTA_CHAIN_TABLE, table_).Text(NFTA_CHAIN_NAME, chain);
  return Add("delete the chain " + chain, NFT_MSG_DELCHAIN, 0, attributes);
}

NftBatch& NftBatch::DeleteSet(const std::string& set) {
  Attributes attributes;
  attributes.Text(NFTA_SET_TABLE, table_).Text(NFTA_SET_NAME, set);
  return Add("delete the set " + set, NFT_MSG_DELSET, 0, attributes);
}

NftBatch& NftBatch::AddSet(const NftSet& set) {
  Attributes attributes;
  attributes.Text(NFTA_SET_TABLE, table_)
      .Text(NFTA_SET_NAME, set.name)
      // Only has to be unique among the new sets of a batch.
      .BigEndian(NFTA_SET_ID, static_cast<uint32_t>(messages_.size()) + 1)
      .BigEndian(NFTA_SET_KEY_TYPE, ConcatNumber(set.key))
      .BigEndian(NFTA_SET_KEY_LEN, ConcatSize(set.key));
  if (set.values != NftSet::Values::kNone) attributes.BigEndian(NFTA_SET_FLAGS, NFT_SET_MAP);
  if (set.filled) AddFilling(set, attributes);
  if (set.values == NftSet::Values::kVerdicts) {
    attributes.BigEndian(NFTA_SET_DATA_TYPE, NFT_DATA_VERDICT);
  } else if (set.values == NftSet::Values::kData) {
    attributes.BigEndian(NFTA_SET_DATA_TYPE, ConcatNumber(set.data))
        .BigEndian(NFTA_SET_DATA_LEN, ConcatSize(set.data));
  }
  if (set.counted) {
    Attributes counter;
    counter.Text(NFTA_EXPR_NAME, "counter").Nest(NFTA_EXPR_DATA, {});
    attributes.Nest(NFTA_SET_EXPR, counter);
  }
  if (const std::string told = SetUserData(set); !told.empty()) {
    attributes.Bytes(NFTA_SET_USERDATA, told);
  }
  return Add("add the set " + set.name, NFT_MSG_NEWSET, NLM_F_CREATE, attributes);
}

NftBatch& NftBatch::AddChain(const std::string& chain, std::string_view comment) {
  Attributes attributes;
  attributes.Text(NFTA_CHAIN_TABLE, table_).Text(NFTA_CHAIN_NAME, chain);
  if (!comment.empty()) attributes.Bytes(NFTA_CHAIN_USERDATA, NftComment(comment));
  return Add("add the chain " + chain, NFT_MSG_NEWCHAIN, NLM_F_CREATE, attributes);
}

NftBatch& NftBatch::AddBaseChain(const NftHook& hook) {
  Attributes place;
  place.BigEndian(NFTA_HOOK_HOOKNUM, hook.hook)
      .BigEndian(NFTA_HOOK_PRIORITY, static_cast<uint32_t>(hook.priority));
  Attributes attributes;
  attributes.Text(NFTA_CHAIN_TABLE, table_)
      .Text(NFTA_CHAIN_NAME, hook.chain)
      .Nest(NFTA_CHAIN_HOOK, place)
      .BigEndian(NFTA_CHAIN_POLICY, NF_ACCEPT)
      .Text(NFTA_CHAIN_TYPE, hook.type)
      .Bytes(NFTA_CHAIN_USERDATA, NftComment(hook.comment));
  return Add("add the chain " + hook.chain, NFT_MSG_NEWCHAIN, NLM_F_CREATE, attributes);
}

NftBatch& NftBatch::FlushChain(const std::string& chain) {
  Attributes attributes;
  attributes.Text(NFTA_RULE_TABLE, table_).Text(NFTA_RULE_CHAIN, chain);
  return Add("flush the chain " + chain, NFT_MSG_DELRULE, 0, attributes);
}

NftBatch& NftBatch::AddRule(const NftRule& rule) {
  Attributes attributes;
  attributes.Text(NFTA_RULE_TABLE, table_)
      .Text(NFTA_RULE_CHAIN, rule.chain())
      .Nest(NFTA_RULE_EXPRESSIONS, rule.expressions());
  if (!rule.comment().empty()) attributes.Bytes(NFTA_RULE_USERDATA, NftComment(rule.comment()));
  return Add("add a rule to the chain " + rule.chain(), NFT_MSG_NEWRULE,
             NLM_F_CREATE | NLM_F_APPEND, attributes);
}

namespace {

Attributes ElementList(const std::string& table, const NftElement& element,
                       const Attributes& parts) {
  Attributes list;
  list.Nest(NFTA_LIST_ELEM, parts);
  Attributes attributes;
  attributes.Text(NFTA_SET_ELEM_LIST_TABLE, table)
      .Text(NFTA_SET_ELEM_LIST_SET, element.set)
      .Nest(NFTA_SET_ELEM_LIST_ELEMENTS, list);
  return attributes;
}

}  // namespace

NftBatch& NftBatch::AddElement(const NftElement& element) {
  Attributes parts;
  parts.Nest(NFTA_SET_ELEM_KEY, NftValue(element.key));
  if (!element.data.bytes().empty()) parts.Nest(NFTA_SET_ELEM_DATA, element.data);
  if (!element.comment.empty()) parts.Bytes(NFTA_SET_ELEM_USERDATA, NftComment(element.comment));
  return Add(fmt::format("add {} to {}", element.shown, element.set), NFT_MSG_NEWSETELEM,
             NLM_F_CREATE | NLM_F_EXCL, ElementList(table_, element, parts));
}

NftBatch& NftBatch::DeleteElement(const NftElement& element) {
  Attributes parts;
  parts.Nest(NFTA_SET_ELEM_KEY, NftValue(element.key));
  return Add(fmt::format("delete an element of {} from {}", element.comment, element.set),
             NFT_MSG_DELSETELEM, 0, ElementList(table_, element, parts));
}

NftBatch& NftBatch::Append(std::vector<NetlinkMessage> messages) {
  for (NetlinkMessage& message : messages) {
    message.flags &= static_cast<uint16_t>(~NLM_F_EXCL);
    messages_.push_back(std::move(message));
  }
  return *this;
}

Result<void> NftBatch::Commit(NetlinkSocket& socket) const {
  if (messages_.empty()) return {};
  return CommitNft(socket, {messages_});
}

Result<void> CommitNft(NetlinkSocket& socket, const NftMessages& messages) {
  std::vector<NetlinkMessage> all;
  all.push_back(BatchEdge("begin an nftables transaction", NFNL_MSG_BATCH_BEGIN));
  for (const auto& some : messages) all.insert(all.end(), some.begin(), some.end());
  all.push_back(BatchEdge("commit an nftables transaction", NFNL_MSG_BATCH_END));
  return socket.Send(all).Context("nftables");
}

Result<std::optional<std::string>> FindNftTable(NetlinkSocket& socket, const std::string& table,
                                                uint8_t family) {
  Attributes name;
  name.Text(NFTA_TABLE_NAME, table);
  std::optional<std::string> comment;
  const auto asked =
      socket.Ask(Question("find the table " + table, NFT_MSG_GETTABLE, name, family),
                 [&](std::string_view body) {
                   comment = NftCommentIn(BodyAttributes<nfgenmsg>(body).Find(NFTA_TABLE_USERDATA));
                 });
  if (!asked && !asked.error().Is(ENOENT)) return Error(asked.error());
  return comment;
}

Result<std::vector<std::string>> ListNftSets(NetlinkSocket& socket) {
  Attributes table;
  table.Text(NFTA_SET_TABLE, kBerthTable);
  return socket.List<std::string>(Question("list the sets of inet berth", NFT_MSG_GETSET, table),
                                  [](std::string_view body) -> std::optional<std::string> {
                                    if (IsFilledNftSet(body)) return std::nullopt;
                                    return BodyAttributes<nfgenmsg>(body).Text(NFTA_SET_NAME);
                                  });
}

std::vector<NftElement> NftElementsIn(std::string_view body) {
  const AttributeView attributes = BodyAttributes<nfgenmsg>(body);
  const std::string set = attributes.Text(NFTA_SET_ELEM_LIST_SET);
  const AttributeView list(attributes.Find(NFTA_SET_ELEM_LIST_ELEMENTS));
  std::vector<NftElement> elements;
  for (const auto& item : list.all()) {
    if (auto element = ParseElement(set, item.second)) elements.push_back(*std::move(element));
  }
  return elements;
}

Result<std::vector<NftElement>> ListNftElements(NetlinkSocket& socket, const std::string& set) {
  Attributes attributes;
  attributes.Text(NFTA_SET_ELEM_LIST_TABLE, kBerthTable).Text(NFTA_SET_ELEM_LIST_SET, set);
  using Elements = std::vector<NftElement>;
  const auto parts = TRY(socket.List<Elements>(
      Question("list the set " + set, NFT_MSG_GETSETELEM, attributes),
      [](std::string_view body) { return std::optional(NftElementsIn(body)); }));
  Elements all;
  for (const Elements& part : parts) all.insert(all.end(), part.begin(), part.end());
  return all;
}

}  // namespace berth::net
