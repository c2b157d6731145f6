// What is remembered of an attachment: enough to find all of it again and to give all of it back.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "net/addresses/ipv6.h"
#include "net/attachment.h"

namespace berth::net::cni {

/// What the specification tells attachments apart by.
struct AttachmentKey {
  std::string network;
  std::string containerId;
  std::string ifname;

  /// The id under which net/ has it: "cni-", something of the container's id and of the interface's
  /// name for people to recognise, and a hash of the three.
  std::string Id() const;
  bool operator==(const AttachmentKey&) const = default;
};

struct Record {
  /// kIntent: written before anything is made. What stays so was cut short.
  enum class Phase { kIntent, kLive };

  AttachmentKey key;
  Phase phase = Phase::kIntent;
  Ipv4 address;
  std::optional<Ipv6> ipv6Address;
  MacAddress mac;
  std::string blocks;  // of the subnet that they are from, as Subnet::FormatBlocks writes them
  std::vector<std::string> groups;

  std::vector<IpAddress> Addresses() const;
  bool operator==(const Record&) const = default;
};

std::string FormatRecord(const Record& record);
Result<Record> ParseRecord(std::string_view text);

}  // namespace berth::net::cni
