// Which task has which address.
#include <map>

#include "agent/state/state.h"

namespace berth::agent {
namespace {

// How long an address rests after its task: the VPC CNI's figure. Until then a peer's connection
// or a security group elsewhere may still take it for the last owner.
constexpr int64_t kCoolDownSeconds = 30;

// As the table of cursors has it.
int64_t Number(net::IpFamily family) { return family == net::IpFamily::kIpv4 ? 4 : 6; }

int64_t Seconds(WallTime time) {
  return std::chrono::duration_cast<std::chrono::seconds>(time.time_since_epoch()).count();
}

}  // namespace

bool AddressRecord::IsOf(size_t container) const {
  return attachment_id == task_id || attachment_id == fmt::format("{}-{}", task_id, container);
}

std::vector<net::IpAddress> AddressRecord::Reachable() const {
  std::vector<net::IpAddress> addresses;
  // A link-local one leads to the host's services alone (net::EndpointSubnet).
  if (!net::Ipv4Cidr::LinkLocal().Contains(address)) addresses.push_back(address);
  if (ipv6_address) addresses.push_back(*ipv6_address);
  return addresses;
}

Result<net::IpAddress> State::PickAddress(const AddressWish& wish) {
  const std::string& subnet = wish.subnet.subnetId;
  net::AddressUse use;
  auto rows = TRY(database_.Prepare("SELECT address, task FROM addresses WHERE subnet = ?"));
  rows.Bind(subnet);
  while (TRY(rows.Step())) {
    const net::IpAddress address = TRY(net::IpAddress::Parse(rows.Text(0)));
    if (address.family() != wish.family) continue;
    (rows.Text(1).empty() ? use.cooling : use.used).insert(address);
  }
  if (wish.given) {
    // Whoever gave it has seen to its rest.
    if (!use.used.contains(*wish.given)) return *wish.given;
    return MakeError("RESOURCE:ENI: another task has the address {}", wish.given->Format());
  }
  auto cursor =
      TRY(database_.Prepare("SELECT last_given FROM cursors WHERE subnet = ? AND family = ?"));
  cursor.Bind(subnet).Bind(Number(wish.family));
  if (TRY(cursor.Step())) use.lastGiven = TRY(net::IpAddress::Parse(cursor.Text(0)));
  return net::PickAddress(wish.subnet, wish.family, use);
}

Result<net::IpAddress> State::TakeAddress(const AddressWish& wish) {
  const std::string& subnet = wish.subnet.subnetId;
  const net::IpAddress address = TRY(PickAddress(wish));
  auto insert =
      TRY(database_.Prepare("INSERT OR REPLACE INTO addresses VALUES (?, ?, ?, ?, NULL)"));
  insert.Bind(subnet).Bind(address.Format()).Bind(wish.task_id);
  TRY(insert.Bind(wish.attachment_id).Run());
  auto advance = TRY(database_.Prepare("INSERT OR REPLACE INTO cursors VALUES (?, ?, ?)"));
  advance.Bind(subnet).Bind(Number(wish.family));
  TRY(advance.Bind(address.Format()).Run());
  return address;
}

Result<AddressRecord> State::TakeAddresses(const Wish& wish, const Wish::Interface& interface) {
  const int64_t rested = Seconds(wish.task.created) - kCoolDownSeconds;
  auto forget = TRY(database_.Prepare("DELETE FROM addresses WHERE task IS NULL AND released < ?"));
  TRY(forget.Bind(rested).Run());

  const net::Subnet& subnet = interface.subnet;
  AddressRecord record = {.task_id = wish.task.id,
                          .attachment_id = interface.attachment_id,
                          .subnet_id = subnet.subnetId};
  const auto take = [&](const net::Subnet& from, net::IpFamily family,
                        std::optional<net::IpAddress> given) {
    return TakeAddress({.task_id = wish.task.id,
                        .attachment_id = interface.attachment_id,
                        .subnet = from,
                        .family = family,
                        .given = given});
  };
  if (subnet.cidrBlock) {
    record.address = TRY(take(subnet, net::IpFamily::kIpv4, interface.given)).ipv4();
  } else {
    record.address = TRY(take(net::EndpointSubnet(), net::IpFamily::kIpv4, {})).ipv4();
  }
  if (subnet.ipv6CidrBlock) {
    record.ipv6_address = TRY(take(subnet, net::IpFamily::kIpv6, interface.given_ipv6)).ipv6();
  }
  return record;
}

Result<std::vector<AddressRecord>> State::Addresses(std::string_view task_id) {
  auto rows =
      TRY(database_.Prepare("SELECT attachment, subnet, address FROM addresses WHERE task = ?"));
  rows.Bind(task_id);
  std::map<std::string, AddressRecord> records;
  while (TRY(rows.Step())) {
    AddressRecord& record = records[rows.Text(0)];
    record.task_id = task_id;
    record.attachment_id = rows.Text(0);
    const std::string subnet = rows.Text(1);
    if (record.subnet_id.empty() || subnet != net::EndpointSubnet().subnetId) {
      record.subnet_id = subnet;
    }
    const net::IpAddress address = TRY(net::IpAddress::Parse(rows.Text(2)));
    if (address.IsIpv4()) {
      record.address = address.ipv4();
    } else {
      record.ipv6_address = address.ipv6();
    }
  }
  std::vector<AddressRecord> list;
  for (auto& [attachment, record] : records) list.push_back(std::move(record));
  return list;
}

Result<void> State::ReleaseAddresses(std::string_view task_id) {
  auto release =
      TRY(database_.Prepare("UPDATE addresses SET task = NULL, released = ? WHERE task = ?"));
  return release.Bind(Seconds(Now())).Bind(task_id).Run();
}

}  // namespace berth::agent
