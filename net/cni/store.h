// What the plugin remembers between calls, in a directory that dies with the boot as the
// attachments do:
//
//   lock                     see locks.h
//   swept                    there once nothing is left of an earlier boot
//   attachments/ID           a record (record.h)
//   addresses/ADDRESS        the id that has it, or since when it rests
//   last/BLOCK               the address of a subnet that was given last
//   groups/GROUP             the network that has defined the group, and how
//
// Each file is replaced whole. A record is written before its address is marked and removed after
// that is given back, so an address whose id has no record is free. No look-up reads a directory.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "net/cni/config.h"
#include "net/cni/locks.h"
#include "net/cni/record.h"

namespace berth::net::cni {

class Store {
 public:
  /// Makes what is missing of the directory, for root alone.
  static Result<Store> Open(std::string directory);

  /// Whether SetSwept has been called since the boot.
  bool IsSwept() const;
  Result<void> SetSwept() const;

  Locks locks() const { return Locks(directory_ + "/lock"); }

  Result<std::optional<Record>> Find(const std::string& id) const;
  Result<std::vector<Record>> List() const;
  /// Chooses an address and writes the intent. Fails with kAddressTaken or kTryAgainLater where
  /// there is none to have, with kInvalidConfig where another network has another group of the
  /// same id.
  Answer<Record> Reserve(const AttachmentKey& key, const NetworkConfig& config) const;
  Result<void> Write(const Record& record) const;
  /// Gives the address back, to rest for a while, and forgets the record.
  Result<void> Release(const Record& record) const;
  /// Fails where Reserve would find no address.
  Answer<void> CheckAddresses(const NetworkConfig& config) const;
  /// Removes what writers that were killed have left, and the marks of addresses that have rested.
  /// Under AllAttachments.
  Result<void> Tidy() const;

 private:
  explicit Store(std::string directory) : directory_(std::move(directory)) {}

  std::string RecordPath(const std::string& id) const;
  std::string AddressPath(const IpAddress& address) const;
  std::string LastPath(const Subnet& subnet, IpFamily family) const;

  enum class AddressState { kFree, kResting, kTaken };
  Result<AddressState> StateOf(const IpAddress& address) const;
  Result<IpAddress> Pick(const Subnet& subnet, IpFamily family) const;
  /// The wished address if there is one, otherwise the next.
  Answer<IpAddress> Choose(const Subnet& subnet, IpFamily family,
                           const NetworkConfig& config) const;
  /// The addresses of a record, from one subnet.
  Answer<void> ChooseAll(const NetworkConfig& config, Record& record) const;
  Result<void> Mark(const Record& record, const Subnet& subnet) const;
  Answer<void> RegisterGroups(const AttachmentKey& key, const NetworkConfig& config) const;
  Result<bool> IsMember(const std::string& network, const std::string& group) const;

  std::string directory_;
};

}  // namespace berth::net::cni
