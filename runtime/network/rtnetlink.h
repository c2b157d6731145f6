// Interfaces and addresses as the kernel tells and takes them (rtnetlink(7)): the little that
// moving an interface between network namespaces takes.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "base/result.h"
#include "base/unique_fd.h"

namespace berth::runtime {

/// A request or an answer: the header of its kind (struct ifinfomsg, struct ifaddrmsg), then
/// attributes.
class RouteMessage {
 public:
  template <typename Header>
  requires std::is_trivially_copyable_v<Header>
  explicit RouteMessage(const Header& header)
      : bytes_(reinterpret_cast<const char*>(&header), sizeof header) {}
  explicit RouteMessage(std::string bytes) : bytes_(std::move(bytes)) {}

  RouteMessage& Add(uint16_t type, std::string_view payload);
  RouteMessage& Add(uint16_t type, uint32_t number);

  const std::string& bytes() const { return bytes_; }
  /// The header, of which an answer has all or is dropped.
  template <typename Header>
  requires std::is_trivially_copyable_v<Header> Header Head()
  const {
    Header header = {};
    bytes_.copy(reinterpret_cast<char*>(&header), sizeof header);
    return header;
  }
  struct Attribute {
    uint16_t type;
    std::string_view payload;  // refers to the message
  };
  /// What follows a header of that size.
  std::vector<Attribute> Attributes(size_t header_size) const;

 private:
  std::string bytes_;
};

/// A socket in the network namespace in which it was opened; it stays there.
class RouteSocket {
 public:
  static Result<RouteSocket> Open();

  /// Sends a request of `type` (RTM_*) and waits for the kernel's yes or no. `flags` are NLM_F_*
  /// beside NLM_F_REQUEST and NLM_F_ACK.
  Result<void> Ask(uint16_t type, uint16_t flags, const RouteMessage& message);
  /// All objects that the kernel has of the kind that `type` (RTM_GET*) asks for.
  Result<std::vector<RouteMessage>> List(uint16_t type, const RouteMessage& message);

 private:
  explicit RouteSocket(UniqueFd fd) : fd_(std::move(fd)) {}
  Result<void> Send(uint16_t type, uint16_t flags, const RouteMessage& message);

  UniqueFd fd_;
};

}  // namespace berth::runtime
