#include "net/nft/program.h"

#include <arpa/inet.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>

#include "net/nft/batch.h"
#include "net/nft/references.h"
#include "net/nft/run.h"

namespace berth::net {

Result<NftProgram> NftProgram::Read(NetlinkSocket& socket) {
  NftProgram program;
  if (!TRY(FindNftTable(socket))) return program;
  for (const std::string& chain : TRY(ListNftChains(socket))) program.chains_[chain];
  TRY(ForEachNftRule(socket, [&](const std::string& chain, const AttributeView& expressions) {
    Rule& rule = program.chains_[chain].emplace_back();
    for (const auto& item : expressions.all()) {
      const AttributeView expression(item.second);
      rule.push_back({.name = expression.Text(NFTA_EXPR_NAME),
                      .data = std::string(expression.Find(NFTA_EXPR_DATA))});
    }
  }));
  for (const std::string& set : TRY(ListNftSets(socket))) {
    auto& elements = program.sets_[set];
    for (NftElement& element : TRY(ListNftElements(socket, set))) {
      elements[element.key] = {.value = std::move(element.value),
                               .chain = std::move(element.chain)};
    }
  }
  return program;
}

Result<NftDecision> NftProgram::Decide(const std::string& base_chain,
                                       const NftPacket& packet) const {
  return NftRun(*this, packet).Decide(base_chain);
}

std::string NftProgram::Find(const std::string& map, const std::string& key) const {
  const auto set = sets_.find(map);
  if (set == sets_.end()) return {};
  const auto element = set->second.find(key);
  return element == set->second.end() ? "" : element->second.value;
}

std::string NftProgram::ChainFor(const std::string& map, const std::string& key) const {
  const auto set = sets_.find(map);
  if (set == sets_.end()) return {};
  const auto element = set->second.find(key);
  return element == set->second.end() ? "" : element->second.chain;
}

std::vector<std::string> NftProgram::JumpsOf(const std::string& chain) const {
  std::vector<std::string> jumps;
  const auto rules = chains_.find(chain);
  if (rules == chains_.end()) return jumps;
  for (const Rule& rule : rules->second) {
    for (const Expression& expression : rule) {
      if (expression.name != "immediate") continue;
      const AttributeView value(AttributeView(expression.data).Find(NFTA_IMMEDIATE_DATA));
      std::string to = AttributeView(value.Find(NFTA_DATA_VERDICT)).Text(NFTA_VERDICT_CHAIN);
      if (!to.empty()) jumps.push_back(std::move(to));
    }
  }
  return jumps;
}

}  // namespace berth::net
