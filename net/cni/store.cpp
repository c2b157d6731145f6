#include "net/cni/store.h"

#include <time.h>

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

std::string Store::RecordPath(const std::string& id) const {
  return directory_ + "/attachments/" + id;
}
std::string Store::AddressPath(Ipv4 address) const {
  return directory_ + "/addresses/" + address.Format();
}
std::string Store::LastPath(const Ipv4Cidr& block) const {
  return directory_ + "/last/" + WithoutSlash(block.Format());
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

Result<Store::AddressState> Store::StateOf(Ipv4 address) const {
  const auto mark = TRY(ReadIfThere(AddressPath(address)));
  if (!mark) return AddressState::kFree;
  if (mark->starts_with(kRestingSince)) {
    return HasRested(*mark) ? AddressState::kFree : AddressState::kResting;
  }
  return Exists(RecordPath(*mark)) ? AddressState::kTaken : AddressState::kFree;
}

Result<Ipv4> Store::Pick(const Subnet& subnet) const {
  AddressUse use;
  if (const auto last = TRY(ReadIfThere(LastPath(subnet.cidrBlock)))) {
    use.lastGiven = TRY(Ipv4::Parse(*last).Context("{}", LastPath(subnet.cidrBlock)));
  }
  while (true) {
    const Ipv4 candidate = TRY(PickAddress(subnet, use));
    const AddressState state = TRY(StateOf(candidate));
    if (state == AddressState::kFree) return candidate;
    (state == AddressState::kResting ? use.cooling : use.used).insert(candidate);
    use.lastGiven = candidate;
  }
}

Answer<std::pair<Ipv4, Ipv4Cidr>> Store::Choose(const NetworkConfig& config) const {
  std::string none;
  for (const Subnet& subnet : config.subnets) {
    if (config.address) {
      if (!subnet.cidrBlock.Contains(*config.address)) continue;
      // Whoever names an address may have had it a moment ago: it need not have rested.
      if (TRY_OR(Code::kFailed, StateOf(*config.address)) == AddressState::kTaken) {
        return Fail(Code::kAddressTaken,
                    fmt::format("{} belongs to another container", config.address->Format()));
      }
      return std::pair(*config.address, subnet.cidrBlock);
    }
    const auto picked = Pick(subnet);
    if (picked) return std::pair(*picked, subnet.cidrBlock);
    none += (none.empty() ? "" : "; ") + picked.error().message();
  }
  return Fail(Code::kTryAgainLater, none);
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
  const auto [address, block] = TRY_ANSWER(Choose(config));
  Record record = {.key = key,
                   .address = address,
                   .mac = config.mac.value_or(MacAddress::Derive(key.Id())),
                   .block = block};
  for (const SecurityGroup& group : config.securityGroups) record.groups.push_back(group.id);
  TRY_OR(Code::kFailed, Write(record));
  TRY_OR(Code::kFailed, ReplaceFile(AddressPath(address), key.Id(), 0600));
  if (!config.address) {
    TRY_OR(Code::kFailed, ReplaceFile(LastPath(block), address.Format(), 0600));
  }
  return record;
}

Result<void> Store::Release(const Record& record) const {
  const auto lock = TRY(locks().Addresses());
  const std::string path = AddressPath(record.address);
  if (TRY(ReadIfThere(path)) == record.key.Id()) {
    TRY(ReplaceFile(path, fmt::format("{}{}", kRestingSince, SecondsSinceBoot()), 0600));
  }
  return sys::Unlink(RecordPath(record.key.Id()));
}

Result<bool> Store::HasAddress(const std::vector<Subnet>& subnets) const {
  const auto lock = TRY(locks().Addresses());
  for (const Subnet& subnet : subnets) {
    if (Pick(subnet)) return true;
  }
  return false;
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
