#include "runtime/network/rtnetlink.h"

#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>

#include <cstring>
#include <optional>

namespace berth::runtime {
namespace {

constexpr size_t kMostBytes = 32768;  // of one datagram (NLMSG_GOODSIZE is never more)

// One datagram holds several messages, each on a multiple of four bytes.
Result<std::string> ReceiveDatagram(int socket) {
  std::string bytes(kMostBytes, '\0');
  for (;;) {
    const ssize_t size = ::recv(socket, bytes.data(), bytes.size(), 0);
    if (size < 0 && errno == EINTR) continue;
    if (size < 0) return ErrnoError("receive from rtnetlink");
    bytes.resize(static_cast<size_t>(size));
    return bytes;
  }
}

struct Received {
  uint16_t type;
  std::string_view body;
};
std::vector<Received> SplitDatagram(std::string_view bytes) {
  std::vector<Received> messages;
  nlmsghdr header;
  while (bytes.size() >= sizeof header) {
    std::memcpy(&header, bytes.data(), sizeof header);
    if (header.nlmsg_len < sizeof header || header.nlmsg_len > bytes.size()) break;
    messages.push_back(
        {header.nlmsg_type, bytes.substr(sizeof header, header.nlmsg_len - sizeof header)});
    bytes.remove_prefix(std::min<size_t>(bytes.size(), NLMSG_ALIGN(header.nlmsg_len)));
  }
  return messages;
}

// An acknowledgement is an error whose number is 0; the end of a list carries one as well.
Result<void> Verdict(std::string_view body) {
  int32_t code = 0;
  if (body.size() >= sizeof code) std::memcpy(&code, body.data(), sizeof code);
  if (code == 0) return {};
  errno = -code;
  return ErrnoError("rtnetlink");
}

}  // namespace

RouteMessage& RouteMessage::Add(uint16_t type, std::string_view payload) {
  const rtattr header = {.rta_len = static_cast<uint16_t>(RTA_LENGTH(payload.size())),
                         .rta_type = type};
  bytes_.resize(NLMSG_ALIGN(bytes_.size()));
  bytes_.append(reinterpret_cast<const char*>(&header), sizeof header).append(payload);
  bytes_.resize(NLMSG_ALIGN(bytes_.size()));
  return *this;
}

RouteMessage& RouteMessage::Add(uint16_t type, uint32_t number) {
  return Add(type, {reinterpret_cast<const char*>(&number), sizeof number});
}

std::vector<RouteMessage::Attribute> RouteMessage::Attributes(size_t header_size) const {
  std::vector<Attribute> attributes;
  std::string_view rest = bytes_;
  rest.remove_prefix(std::min<size_t>(rest.size(), NLMSG_ALIGN(header_size)));
  rtattr header;
  while (rest.size() >= sizeof header) {
    std::memcpy(&header, rest.data(), sizeof header);
    if (header.rta_len < sizeof header || header.rta_len > rest.size()) break;
    attributes.push_back(
        {header.rta_type, rest.substr(sizeof header, header.rta_len - sizeof header)});
    rest.remove_prefix(std::min<size_t>(rest.size(), RTA_ALIGN(header.rta_len)));
  }
  return attributes;
}

Result<RouteSocket> RouteSocket::Open() {
  UniqueFd fd(::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE));
  if (!fd) return ErrnoError("rtnetlink socket");
  return RouteSocket(std::move(fd));
}

Result<void> RouteSocket::Send(uint16_t type, uint16_t flags, const RouteMessage& message) {
  nlmsghdr header = {};
  // A message of ours never comes near the 32 bits that its length has (CVE-2021-43784).
  header.nlmsg_len = static_cast<uint32_t>(sizeof header + message.bytes().size());
  header.nlmsg_type = type;
  header.nlmsg_flags = static_cast<uint16_t>(flags | NLM_F_REQUEST);
  const std::string bytes =
      std::string(reinterpret_cast<const char*>(&header), sizeof header) + message.bytes();
  if (::send(fd_.get(), bytes.data(), bytes.size(), 0) < 0) return ErrnoError("send to rtnetlink");
  return {};
}

Result<void> RouteSocket::Ask(uint16_t type, uint16_t flags, const RouteMessage& message) {
  TRY(Send(type, flags | NLM_F_ACK, message));
  for (;;) {
    const std::string bytes = TRY(ReceiveDatagram(fd_.get()));
    for (const Received& received : SplitDatagram(bytes)) {
      if (received.type == NLMSG_ERROR) return Verdict(received.body);
    }
  }
}

Result<std::vector<RouteMessage>> RouteSocket::List(uint16_t type, const RouteMessage& message) {
  TRY(Send(type, NLM_F_DUMP, message));
  std::vector<RouteMessage> objects;
  for (;;) {
    const std::string bytes = TRY(ReceiveDatagram(fd_.get()));
    for (const Received& received : SplitDatagram(bytes)) {
      if (received.type == NLMSG_DONE || received.type == NLMSG_ERROR) {
        TRY(Verdict(received.body));
        return objects;
      }
      objects.emplace_back(std::string(received.body));
    }
  }
}

}  // namespace berth::runtime
