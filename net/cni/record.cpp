#include "net/cni/record.h"

#include <algorithm>

#include "base/text.h"

namespace berth::net::cni {
namespace {

constexpr const char* kFormat = "berth-cni 1";
constexpr const char* kIntent = "intent";
constexpr const char* kLive = "live";
constexpr const char* kNoAddress = "-";
constexpr size_t kLines = 9;  // and a line for each group

/// The first letters, digits and hyphens of a text.
std::string Recognisable(std::string_view text, size_t most) {
  std::string kept;
  for (const char c : text) {
    const bool fits = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    if (kept.size() < most && fits) kept += c;
  }
  return kept;
}

}  // namespace

std::string AttachmentKey::Id() const {
  // None of the three has a slash or a newline.
  const std::string whole = network + "\n" + containerId + "\n" + ifname;
  return fmt::format("{}{}-{}-{:016x}", kCniIdPrefix, Recognisable(containerId, 12),
                     Recognisable(ifname, 15), HashName(whole));
}

std::vector<IpAddress> Record::Addresses() const {
  std::vector<IpAddress> addresses = {address};
  if (ipv6Address) addresses.push_back(*ipv6Address);
  return addresses;
}

std::string FormatRecord(const Record& record) {
  std::vector<std::string> lines = {kFormat,
                                    record.phase == Record::Phase::kLive ? kLive : kIntent,
                                    record.key.network,
                                    record.key.containerId,
                                    record.key.ifname,
                                    record.address.Format(),
                                    record.ipv6Address ? record.ipv6Address->Format() : kNoAddress,
                                    record.mac.Format(),
                                    record.blocks};
  lines.insert(lines.end(), record.groups.begin(), record.groups.end());
  return Join(lines, "\n") + "\n";
}

Result<Record> ParseRecord(std::string_view text) {
  std::vector<std::string> lines = Split(text, '\n');
  if (lines.size() < kLines + 1 || lines.front() != kFormat || !lines.back().empty()) {
    return MakeError("not a record of {}", kFormat);
  }
  lines.pop_back();
  if (lines[1] != kIntent && lines[1] != kLive) return MakeError("no phase of a record");
  const Ipv4 address = TRY(Ipv4::Parse(lines[5]));
  std::optional<Ipv6> ipv6;
  if (lines[6] != kNoAddress) ipv6 = TRY(Ipv6::Parse(lines[6]));
  const MacAddress mac = TRY(MacAddress::Parse(lines[7]));
  return Record{.key = {.network = lines[2], .containerId = lines[3], .ifname = lines[4]},
                .phase = lines[1] == kLive ? Record::Phase::kLive : Record::Phase::kIntent,
                .address = address,
                .ipv6Address = ipv6,
                .mac = mac,
                .blocks = lines[8],
                .groups = {lines.begin() + kLines, lines.end()}};
}

}  // namespace berth::net::cni
