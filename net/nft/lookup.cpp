#include "net/nft/lookup.h"

#include <arpa/inet.h>  // before the kernel's, which give way to it
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>

namespace berth::net {

Result<bool> HasNftElement(NetlinkSocket& socket, const NftElement& element) {
  Attributes key, list, attributes;
  key.Nest(NFTA_SET_ELEM_KEY, NftValue(element.key));
  list.Nest(NFTA_LIST_ELEM, key);
  attributes.Text(NFTA_SET_ELEM_LIST_TABLE, kBerthTable)
      .Text(NFTA_SET_ELEM_LIST_SET, element.set)
      .Nest(NFTA_SET_ELEM_LIST_ELEMENTS, list);
  const nfgenmsg header = {.nfgen_family = NFPROTO_INET, .version = NFNETLINK_V0};
  bool found = false;
  const auto asked = socket.Ask(
      {.what = fmt::format("look up {} in {}", element.shown, element.set),
       .type = NFNL_SUBSYS_NFTABLES << 8 | NFT_MSG_GETSETELEM,
       .body = NetlinkBody(header, attributes)},
      [&](std::string_view body) {
        const AttributeView items(BodyAttributes<nfgenmsg>(body).Find(NFTA_SET_ELEM_LIST_ELEMENTS));
        for (const auto& item : items.all()) {
          const AttributeView parts(item.second);
          found = found || NftCommentIn(parts.Find(NFTA_SET_ELEM_USERDATA)) == element.comment;
        }
      });
  if (!asked && !asked.error().Is(ENOENT)) return Error(asked.error());
  return found;
}

}  // namespace berth::net
