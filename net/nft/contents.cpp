#include "net/nft/contents.h"

#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>

#include "net/nft/batch.h"
#include "net/nft/references.h"

namespace berth::net {
namespace {

/// "add 10.9.0.5 to ingress" is about "10.9.0.5 of ingress".
std::string Called(const std::string& what, const std::string& set) {
  constexpr std::string_view kAdd = "add ";
  const std::string end = " to " + set;
  if (!what.starts_with(kAdd) || !what.ends_with(end)) return "an element of " + set;
  return what.substr(kAdd.size(), what.size() - kAdd.size() - end.size()) + " of " + set;
}

void NoteElements(const NetlinkMessage& message, const AttributeView& attributes,
                  NftContents& contents) {
  const std::string set = attributes.Text(NFTA_SET_ELEM_LIST_SET);
  const AttributeView list(attributes.Find(NFTA_SET_ELEM_LIST_ELEMENTS));
  for (const auto& item : list.all()) {
    const AttributeView key(AttributeView(item.second).Find(NFTA_SET_ELEM_KEY));
    contents.elements[{set, std::string(key.Find(NFTA_DATA_VALUE))}] = Called(message.what, set);
  }
}

}  // namespace

NftContents ContentsAfter(const std::vector<NetlinkMessage>& changes) {
  NftContents contents;
  for (const NetlinkMessage& message : changes) {
    const AttributeView attributes = BodyAttributes<nfgenmsg>(message.body);
    switch (NFNL_MSG_TYPE(message.type)) {
      case NFT_MSG_NEWCHAIN:
        contents.chains.try_emplace(attributes.Text(NFTA_CHAIN_NAME), 0);
        break;
      case NFT_MSG_NEWRULE:
        ++contents.chains[attributes.Text(NFTA_RULE_CHAIN)];
        break;
      case NFT_MSG_DELRULE:  // ours flush whole chains
        contents.chains[attributes.Text(NFTA_RULE_CHAIN)] = 0;
        break;
      case NFT_MSG_NEWSET:
        if (!IsFilledNftSet(message.body)) contents.sets.insert(attributes.Text(NFTA_SET_NAME));
        break;
      case NFT_MSG_NEWSETELEM:
        NoteElements(message, attributes, contents);
        break;
      default:
        break;
    }
  }
  return contents;
}

Result<NftContents> ReadContents(NetlinkSocket& socket) {
  NftContents contents;
  if (!TRY(FindNftTable(socket))) return contents;
  for (const std::string& chain : TRY(ListNftChains(socket))) contents.chains[chain] = 0;
  for (const std::string& chain : TRY(ListNftRules(socket))) ++contents.chains[chain];
  for (const std::string& set : TRY(ListNftSets(socket))) {
    contents.sets.insert(set);
    for (const NftElement& element : TRY(ListNftElements(socket, set))) {
      contents.elements[{set, element.key}] = fmt::format("{} in {}", element.comment, set);
    }
  }
  return contents;
}

std::vector<std::string> Differences(const NftContents& wanted, const NftContents& there) {
  std::vector<std::string> words;
  if (there.chains.empty() && there.sets.empty()) return {"the whole table"};
  for (const auto& [chain, rules] : wanted.chains) {
    const auto found = there.chains.find(chain);
    if (found == there.chains.end()) {
      words.push_back("the chain " + chain);
    } else if (found->second < rules) {
      words.push_back(fmt::format("{} rules of {}", rules - found->second, chain));
    } else if (found->second > rules) {
      words.push_back(fmt::format("{} rules too many in {}", found->second - rules, chain));
    }
  }
  for (const std::string& set : wanted.sets) {
    if (!there.sets.contains(set)) words.push_back("the set " + set);
  }
  for (const auto& [key, called] : wanted.elements) {
    if (!there.elements.contains(key)) words.push_back(called);
  }
  for (const auto& [key, called] : there.elements) {
    if (!wanted.elements.contains(key)) words.push_back("a stranger: " + called);
  }
  return words;
}

}  // namespace berth::net
