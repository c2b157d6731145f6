#include "net/cni/store.h"

#include <time.h>

#include <algorithm>

#include "base/files.h"
#include "base/sys.h"
#include "base/text.h"
#include "net/addresses/address_pool.h"
#include "net/cni/config_groups.h"

namespace berth::net::cni {
namespace {

// How long an address rests before another gets it: until then a peer may still take it for the
// last owner's.
constexpr int64_t kRestSeconds = 30;
constexpr const char* kRestingSince = "resting ";
// What base/files.h puts behind the name of a file that is being replaced.
constexpr const char* kUnfinished = ".new-";

int64_t SecondsSinceBoot() {
  timespec now{};
  ::clock_gettime(CLOCK_BOOTTIME, &now);
  return now.tv_sec;
}

/// The content of a file; nothing if there is none.
Result<std::optional<std::string>> ReadIfThere(const std::string& path) {
  auto content = ReadFile(path);
  if (content) return std::optional(*std::move(content));
  if (content.error().Is(ENOENT)) return std::optional<std::string>();
  return content.error();
}

std::string WithoutSlash(std::string text) {
  for (char& c : text) {
    if (c == '/') c = '-';
  }
  return text;
}

/// The subnet that attachments in `subnet` get their address of IPv4 from: without a block of its
/// own, one by which they reach the agent alone.
Subnet WithIpv4(const Subnet& subnet) { return subnet.cidrBlock ? subnet : EndpointSubnet(); }

bool HasAll(const Subnet& subnet, const std::vector<IpAddress>& addresses) {
  return std::all_of(addresses.begin(), addresses.end(), [&](const IpAddress& address) {
    return address.IsIpv4()
               ? subnet.cidrBlock && subnet.cidrBlock->Contains(address.ipv4())
               : subnet.ipv6CidrBlock && subnet.ipv6CidrBlock->Contains(address.ipv6());
  });
}

bool HasRested(std::string_view mark) {
  mark.remove_prefix(std::string_view(kRestingSince).size());
  return SecondsSinceBoot() - ParseInteger<int64_t>(mark).value_or(0) >= kRestSeconds;
}

}  // namespace

Result<Store> Store::Open(std::string directory) {
  for (const char* part : {"attachments", "addresses", "last", "groups"}) {
    TRY(sys::MakeDirectories(directory + "/" + part, 0700));
  }
  return Store(std::move(directory));
}

bool Store::IsSwept() const { return Exists(directory_ + "/swept"); }
Result<void> Store::SetSwept() const { return ReplaceFile(directory_ + "/swept", "", 0600); }

std::string Store::RecordPath(const std::string& id) const {
  return directory_ + "/attachments/" + id;
}
std::string Store::AddressPath(const IpAddress& address) const {
  return directory_ + "/addresses/" + address.Format();
}
std::string Store::LastPath(const Subnet& subnet, IpFamily family) const {
  const std::string block =
      family == IpFamily::kIpv4 ? subnet.cidrBlock->Format() : subnet.ipv6CidrBlock->Format();
  return directory_ + "/last/" + WithoutSlash(block);
}

Result<std::optional<Record>> Store::Find(const std::string& id) const {
  const auto content = TRY(ReadIfThere(RecordPath(id)));
  if (!content) return std::optional<Record>();
  return std::optional(TRY(ParseRecord(*content).Context("{}", RecordPath(id))));
}

Result<std::vector<Record>> Store::List() const {
  std::vector<Record> records;
  for (const std::string& name : TRY(ListDirectory(directory_ + "/attachments"))) {
    if (name.find(kUnfinished) != std::string::npos) continue;
    if (auto record = TRY(Find(name))) records.push_back(*std::move(record));
  }
  return records;
}

Result<void> Store::Write(const Record& record) const {
  return WriteFileAtomically(RecordPath(record.key.Id()), FormatRecord(record), 0600);
}

Result<Store::AddressState> Store::StateOf(const IpAddress& address) const {
  const auto mark = TRY(ReadIfThere(AddressPath(address)));
  if (!mark) return AddressState::kFree;
  if (mark->starts_with(kRestingSince)) {
    return HasRested(*mark) ? AddressState::kFree : AddressState::kResting;
  }
  return Exists(RecordPath(*mark)) ? AddressState::kTaken : AddressState::kFree;
}

Result<IpAddress> Store::Pick(const Subnet& subnet, IpFamily family) const {
  AddressUse use;
  const std::string path = LastPath(subnet, family);
  if (const auto last = TRY(ReadIfThere(path))) {
    use.lastGiven = TRY(IpAddress::Parse(*last).Context("{}", path));
  }
  while (true) {
    const IpAddress candidate = TRY(PickAddress(subnet, family, use));
    const AddressState state = TRY(StateOf(candidate));
    if (state == AddressState::kFree) return candidate;
    (state == AddressState::kResting ? use.cooling : use.used).insert(candidate);
    use.lastGiven = candidate;
  }
}

Answer<IpAddress> Store::Choose(const Subnet& subnet, IpFamily family,
                                const NetworkConfig& config) const {
  const auto& wished = config.addresses;
  const auto wish = std::find_if(wished.begin(), wished.end(), [&](const IpAddress& address) {
    return address.family() == family;
  });
  if (wish == wished.end()) return TRY_OR(Code::kTryAgainLater, Pick(subnet, family));
  // Whoever names an address may have had it a moment ago: it need not have rested.
  if (TRY_OR(Code::kFailed, StateOf(*wish)) == AddressState::kTaken) {
    return Fail(Code::kAddressTaken,
                fmt::format("{} belongs to another container", wish->Format()));
  }
  return *wish;
}

Answer<void> Store::ChooseAll(const NetworkConfig& config, Record& record) const {
  Answer<void> failed;
  for (const Subnet& subnet : config.subnets) {
    if (!HasAll(subnet, config.addresses)) continue;
    const auto ipv4 = Choose(WithIpv4(subnet), IpFamily::kIpv4, config);
    const auto ipv6 = subnet.ipv6CidrBlock ? Choose(subnet, IpFamily::kIpv6, config) : ipv4;
    if (ipv4 && ipv6) {
      record.address = ipv4->ipv4();
      if (subnet.ipv6CidrBlock) record.ipv6Address = ipv6->ipv6();
      record.blocks = subnet.FormatBlocks();
      return {};
    }
    failed = tl::unexpected(ipv4 ? ipv6.error() : ipv4.error());
  }
  return failed;
}

Result<void> Store::Mark(const Record& record, const Subnet& subnet) const {
  for (const IpAddress& address : record.Addresses()) {
    TRY(ReplaceFile(AddressPath(address), record.key.Id(), 0600));
    const Subnet source = address.IsIpv4() ? WithIpv4(subnet) : subnet;
    TRY(ReplaceFile(LastPath(source, address.family()), address.Format(), 0600));
  }
  return {};
}

Result<bool> Store::IsMember(const std::string& network, const std::string& group) const {
  for (const Record& record : TRY(List())) {
    if (record.key.network != network) continue;
    for (const std::string& id : record.groups) {
      if (id == group) return true;
    }
  }
  return false;
}

Answer<void> Store::RegisterGroups(const AttachmentKey& key, const NetworkConfig& config) const {
  for (const SecurityGroup& group : config.securityGroups) {
    const std::string path = directory_ + "/groups/" + group.id;
    const std::string ours = key.network + "\n" + Digest(group);
    const auto known = TRY_OR(Code::kFailed, ReadIfThere(path));
    if (known == ours) continue;
    const std::string network = known ? known->substr(0, known->find('\n')) : key.network;
    const bool same = known && known->ends_with("\n" + Digest(group));
    if (network != key.network && !same && TRY_OR(Code::kFailed, IsMember(network, group.id))) {
      return Fail(Code::kInvalidConfig,
                  fmt::format("securityGroups: network {} has a group {} with other rules; give "
                              "this one another GroupId, or both the same rules",
                              network, group.id.substr(kCniIdPrefix.size())));
    }
    TRY_OR(Code::kFailed, ReplaceFile(path, ours, 0600));
  }
  return {};
}

Answer<Record> Store::Reserve(const AttachmentKey& key, const NetworkConfig& config) const {
  const auto lock = TRY_OR(Code::kFailed, locks().Addresses());
  TRY_ANSWER(RegisterGroups(key, config));
  Record record = {.key = key, .mac = config.mac.value_or(MacAddress::Derive(key.Id()))};
  for (const SecurityGroup& group : config.securityGroups) record.groups.push_back(group.id);
  TRY_ANSWER(ChooseAll(config, record));
  TRY_OR(Code::kFailed, Write(record));
  for (const Subnet& subnet : config.subnets) {
    if (subnet.FormatBlocks() == record.blocks) TRY_OR(Code::kFailed, Mark(record, subnet));
  }
  return record;
}

Result<void> Store::Release(const Record& record) const {
  const auto lock = TRY(locks().Addresses());
  for (const IpAddress& address : record.Addresses()) {
    const std::string path = AddressPath(address);
    if (TRY(ReadIfThere(path)) != record.key.Id()) continue;
    TRY(ReplaceFile(path, fmt::format("{}{}", kRestingSince, SecondsSinceBoot()), 0600));
  }
  return sys::Unlink(RecordPath(record.key.Id()));
}

Answer<void> Store::CheckAddresses(const NetworkConfig& config) const {
  const auto lock = TRY_OR(Code::kFailed, locks().Addresses());
  Record nobody;
  return ChooseAll(config, nobody);
}

Result<void> Store::Tidy() const {
  for (const char* part : {"attachments", "addresses", "last", "groups"}) {
    const std::string directory = fmt::format("{}/{}/", directory_, part);
    for (const std::string& name : TRY(ListDirectory(directory))) {
      const bool unfinished = name.find(kUnfinished) != std::string::npos;
      if (unfinished) TRY(sys::Unlink(directory + name));
      if (unfinished || part != std::string_view("addresses")) continue;
      const auto mark = TRY(ReadIfThere(directory + name));
      if (!mark) continue;
      const bool resting = mark->starts_with(kRestingSince);
      if (resting ? HasRested(*mark) : !Exists(RecordPath(*mark))) {
        TRY(sys::Unlink(directory + name));
      }
    }
  }
  return {};
}

}  // namespace berth::net::cni
