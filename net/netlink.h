// Netlink (netlink(7)): messages as values, many of them in one system call, and the kernel's
// complaints put into words.
#pragma once

#include <linux/netlink.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "base/result.h"
#include "base/unique_fd.h"

namespace berth::net {

/// The bytes of a number or a kernel struct, as they lie in memory.
template <typename T>
requires std::is_trivially_copyable_v<T> std::string RawBytes(const T& value) {
  return std::string(reinterpret_cast<const char*>(&value), sizeof value);
}

/// A number from the front of `bytes`; 0 if there are too few.
template <typename T>
requires std::is_trivially_copyable_v<T> T FromBytes(std::string_view bytes) {
  T value{};
  if (bytes.size() >= sizeof value) std::memcpy(&value, bytes.data(), sizeof value);
  return value;
}

/// Attributes (struct nlattr) one after another, to be put into a message.
class Attributes {
 public:
  Attributes& Bytes(uint16_t type, std::string_view payload);
  /// With its terminating NUL.
  Attributes& Text(uint16_t type, const std::string& text);
  /// In host byte order and in its own width, as rtnetlink wants them.
  template <typename T>
  requires std::is_integral_v<T> Attributes& Number(uint16_t type, T value) {
    return Bytes(type, RawBytes(value));
  }
  /// 32 bits in network byte order, as nf_tables wants them.
  Attributes& BigEndian(uint16_t type, uint32_t value);
  Attributes& Nest(uint16_t type, const Attributes& inner);

  const std::string& bytes() const { return bytes_; }

 private:
  std::string bytes_;
};

/// The attributes of a message that came in. Refers to the bytes it was made from.
class AttributeView {
 public:
  explicit AttributeView(std::string_view bytes);

  /// The payload of the first of that type; empty if there is none.
  std::string_view Find(uint16_t type) const;
  /// Without the NUL.
  std::string Text(uint16_t type) const;
  const std::vector<std::pair<uint16_t, std::string_view>>& all() const { return all_; }

 private:
  std::vector<std::pair<uint16_t, std::string_view>> all_;
};

/// A request. `what` says in a few words what it is for, for the message of a failure.
struct NetlinkMessage {
  std::string what;
  uint16_t type = 0;
  uint16_t flags = 0;  // NLM_F_*; NLM_F_REQUEST is added
  std::string body;    // the family's own header, then attributes
};

/// The body of a message: the header that its family prescribes, then attributes.
template <typename Header>
std::string NetlinkBody(const Header& header, const Attributes& attributes = {}) {
  static_assert(sizeof(Header) % 4 == 0);
  return RawBytes(header) + attributes.bytes();
}
/// The attributes of a body with such a header.
template <typename Header>
AttributeView BodyAttributes(std::string_view body) {
  return AttributeView(body.substr(std::min(body.size(), sizeof(Header))));
}

/// Calls `each` with header and body of every message in a datagram.
void ForEachMessage(std::string_view datagram,
                    const std::function<void(const nlmsghdr& header, std::string_view body)>& each);

/// A netlink socket of the network namespace that the thread was in when it was opened.
class NetlinkSocket {
 public:
  /// `protocol`: NETLINK_ROUTE or NETLINK_NETFILTER.
  static Result<NetlinkSocket> Open(int protocol);

  /// Gives the socket a port id by which those who hear of its changes know them as Berth's own.
  Result<void> Mark();
  static bool IsMarked(uint32_t port_id) { return port_id >> 16 == kMark; }

  /// Sends the messages in one sendmsg(2), in which the kernel handles them in turn. Fails with the
  /// first one's complaint. (rtnetlink carries on with the rest all the same; an nftables batch is
  /// undone as a whole.)
  Result<void> Send(std::span<const NetlinkMessage> messages);
  Result<void> Send(const NetlinkMessage& message) { return Send(std::span(&message, 1)); }

  /// Asks for one thing and calls `each` with the body of every answer. Fails with EINTR if
  /// `message` asks for a dump and what it is about changed meanwhile.
  Result<void> Ask(const NetlinkMessage& message,
                   const std::function<void(std::string_view body)>& each);
  /// Asks for all there is of something (NLM_F_DUMP is added), until it has been read without a
  /// change in between, and keeps what `pick` makes of the answers' bodies.
  template <typename Item>
  Result<std::vector<Item>> List(
      NetlinkMessage message,
      const std::function<std::optional<Item>(std::string_view body)>& pick) {
    message.flags |= NLM_F_DUMP;
    while (true) {
      std::vector<Item> items;
      const Result<void> asked = Ask(message, [&](std::string_view body) {
        if (auto item = pick(body)) items.push_back(*std::move(item));
      });
      if (asked) return items;
      if (!asked.error().Is(EINTR)) return asked.error();
    }
  }

 private:
  // "bt": no process has such a number, and the kernel gives out others.
  static constexpr uint32_t kMark = 0x6274;

  explicit NetlinkSocket(UniqueFd fd) : fd_(std::move(fd)) {}
  Result<void> Write(std::span<const NetlinkMessage> messages);
  /// The next datagram; empty if there is none: the kernel answers before sendmsg(2) returns.
  Result<std::string_view> Read();

  UniqueFd fd_;
  uint32_t sequence_ = 0;  // of the last message sent
  std::vector<char> buffer_;
};

}  // namespace berth::net
