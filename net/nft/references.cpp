#include "net/nft/references.h"

#include <arpa/inet.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>

#include <algorithm>

#include "net/nft/batch.h"

namespace berth::net {
namespace {

NetlinkMessage ListOfTable(const char* what, uint16_t message, uint16_t table_attribute) {
  const nfgenmsg header = {.nfgen_family = NFPROTO_INET, .version = NFNETLINK_V0};
  Attributes table;
  table.Text(table_attribute, kBerthTable);
  return {.what = what,
          .type = static_cast<uint16_t>(NFNL_SUBSYS_NFTABLES << 8 | message),
          .body = NetlinkBody(header, table)};
}

/// The chain or set that an expression of a rule names; "" if it names none.
std::string NamedBy(const AttributeView& expression) {
  const std::string name = expression.Text(NFTA_EXPR_NAME);
  const AttributeView data(expression.Find(NFTA_EXPR_DATA));
  if (name == "lookup") return data.Text(NFTA_LOOKUP_SET);
  if (name != "immediate") return {};
  const AttributeView value(data.Find(NFTA_IMMEDIATE_DATA));
  return AttributeView(value.Find(NFTA_DATA_VERDICT)).Text(NFTA_VERDICT_CHAIN);
}

/// Calls `each` with the chain, if there is one of that name.
Result<void> AskForChain(NetlinkSocket& socket, const std::string& chain,
                         const std::function<void(const AttributeView& found)>& each) {
  NetlinkMessage question = ListOfTable("find a chain", NFT_MSG_GETCHAIN, NFTA_CHAIN_TABLE);
  Attributes name;
  name.Text(NFTA_CHAIN_NAME, chain);
  question.body += name.bytes();
  auto asked =
      socket.Ask(question, [&](std::string_view body) { each(BodyAttributes<nfgenmsg>(body)); });
  if (!asked && asked.error().Is(ENOENT)) return {};
  return asked;
}

}  // namespace

Result<std::vector<std::string>> ListNftChains(NetlinkSocket& socket) {
  // The kernel sends those of all tables of the family.
  return socket.List<std::string>(
      ListOfTable("list the chains of inet berth", NFT_MSG_GETCHAIN, NFTA_CHAIN_TABLE),
      [](std::string_view body) -> std::optional<std::string> {
        const AttributeView chain = BodyAttributes<nfgenmsg>(body);
        if (chain.Text(NFTA_CHAIN_TABLE) != kBerthTable) return std::nullopt;
        return chain.Text(NFTA_CHAIN_NAME);
      });
}

Result<std::optional<std::string>> FindNftChain(NetlinkSocket& socket, const std::string& chain) {
  std::optional<std::string> comment;
  TRY(AskForChain(socket, chain, [&](const AttributeView& found) {
    comment = NftCommentIn(found.Find(NFTA_CHAIN_USERDATA));
  }));
  return comment;
}

Result<std::optional<size_t>> CountNftUsers(NetlinkSocket& socket, const std::string& chain) {
  std::optional<size_t> uses;
  TRY(AskForChain(socket, chain, [&](const AttributeView& found) {
    uses = ntohl(FromBytes<uint32_t>(found.Find(NFTA_CHAIN_USE)));
  }));
  if (!uses) return uses;
  // Its own rules count among its uses.
  NetlinkMessage question =
      ListOfTable("list the rules of a chain", NFT_MSG_GETRULE, NFTA_RULE_TABLE);
  Attributes name;
  name.Text(NFTA_RULE_CHAIN, chain);
  question.body += name.bytes();
  const auto rules = TRY(socket.List<std::string>(
      question, [](std::string_view body) { return std::optional(std::string(body)); }));
  return *uses - std::min(*uses, rules.size());
}

Result<uint32_t> NftGeneration(NetlinkSocket& socket) {
  uint32_t generation = 0;
  const nfgenmsg header = {.nfgen_family = NFPROTO_UNSPEC, .version = NFNETLINK_V0};
  TRY(socket.Ask({.what = "ask for the ruleset's generation",
                  .type = NFNL_SUBSYS_NFTABLES << 8 | NFT_MSG_GETGEN,
                  .body = NetlinkBody(header)},
                 [&](std::string_view body) {
                   generation =
                       ntohl(FromBytes<uint32_t>(BodyAttributes<nfgenmsg>(body).Find(NFTA_GEN_ID)));
                 }));
  return generation;
}

Result<void> ForEachNftRule(
    NetlinkSocket& socket,
    const std::function<void(const std::string& chain, const AttributeView& expressions)>& each) {
  // Kept until all are there: one that changes in between begins anew.
  const auto rules = TRY(socket.List<std::string>(
      ListOfTable("list the rules of inet berth", NFT_MSG_GETRULE, NFTA_RULE_TABLE),
      [](std::string_view body) { return std::optional(std::string(body)); }));
  for (const std::string& body : rules) {
    const AttributeView rule = BodyAttributes<nfgenmsg>(body);
    if (rule.Text(NFTA_RULE_TABLE) != kBerthTable) continue;
    each(rule.Text(NFTA_RULE_CHAIN), AttributeView(rule.Find(NFTA_RULE_EXPRESSIONS)));
  }
  return {};
}

Result<std::vector<std::string>> ListNftRules(NetlinkSocket& socket) {
  std::vector<std::string> chains;
  TRY(ForEachNftRule(
      socket, [&](const std::string& chain, const AttributeView&) { chains.push_back(chain); }));
  return chains;
}

Result<std::vector<NftReference>> ListNftReferences(NetlinkSocket& socket) {
  std::vector<NftReference> references;
  TRY(ForEachNftRule(socket, [&](const std::string& chain, const AttributeView& expressions) {
    for (const auto& item : expressions.all()) {
      std::string to = NamedBy(AttributeView(item.second));
      if (!to.empty()) references.push_back({.chain = chain, .to = std::move(to)});
    }
  }));
  return references;
}

}  // namespace berth::net
