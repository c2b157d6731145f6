// What is remembered of an attachment: enough to find all of it again and to give all of it back.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "net/addresses/address.h"
#include "net/addresses/subnet.h"
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
  MacAddress mac;
  Ipv4Cidr block;  // of the subnet that the address is from
  std::vector<std::string> groups;

  bool operator==(const Record&) const = default;
};

std::string FormatRecord(const Record& record);
Result<Record> ParseRecord(std::string_view text);

}  // namespace berth::net::cni
