#include "net/firewall/midstream.h"

#include <netinet/in.h>

namespace berth::net {

void DropMidstream(NftBatch& batch, const std::string& chain) {
  constexpr uint8_t kFin = 1, kSyn = 2, kRst = 4, kAck = 16;  // RFC 9293, 3.1
  batch.AddRule(NftRule(chain)
                    .Load(NftField::kProtocol)
                    .Is(RawBytes(uint8_t{IPPROTO_TCP}))
                    .Load(NftField::kTcpFlags)
                    .Of(RawBytes(static_cast<uint8_t>(kFin | kSyn | kRst | kAck)))
                    .IsNot(RawBytes(kSyn))
                    .Drop()
                    .Comment("the middle of a connection"));
}

}  // namespace berth::net
