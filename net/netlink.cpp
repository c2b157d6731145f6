#include "net/netlink.h"

#include <arpa/inet.h>
#include <linux/netlink.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <optional>

#include "base/steps.h"

namespace berth::net {
namespace {

// What the kernel fills at most when it dumps (NLMSG_GOODSIZE grown by the reader's buffer).
constexpr size_t kReadSize = 32 << 10;
// Enough to write a table of thirty thousand attachments at once; the default is 208 KiB.
constexpr int kSendBuffer = 16 << 20;

void Pad(std::string& bytes) { bytes.resize(NLMSG_ALIGN(bytes.size())); }

/// What an NLMSG_ERROR says of `messages`, the first of which had the number `first`. Nothing if it
/// is an acknowledgement.
std::optional<Error> Complaint(std::string_view body, uint32_t sequence, uint32_t first,
                               std::span<const NetlinkMessage> messages) {
  const int code = -FromBytes<nlmsgerr>(body).error;
  if (code == 0) return std::nullopt;
  const uint32_t index = sequence - first;
  const std::string what = index < messages.size() ? messages[index].what : "netlink";
  // With NETLINK_CAP_ACK the attributes follow the request's bare header.
  const std::string told = BodyAttributes<nlmsgerr>(body).Text(NLMSGERR_ATTR_MSG);
  return Error(told.empty() ? fmt::format("{}: {}", what, ErrnoMessage(code))
                            : fmt::format("{}: {} ({})", what, ErrnoMessage(code), told),
               code);
}

}  // namespace

Attributes& Attributes::Bytes(uint16_t type, std::string_view payload) {
  const nlattr header = {.nla_len = static_cast<uint16_t>(NLA_HDRLEN + payload.size()),
                         .nla_type = type};
  bytes_ += RawBytes(header);
  bytes_ += payload;
  Pad(bytes_);
  return *this;
}

Attributes& Attributes::Text(uint16_t type, const std::string& text) {
  return Bytes(type, std::string_view(text.c_str(), text.size() + 1));
}

Attributes& Attributes::BigEndian(uint16_t type, uint32_t value) {
  return Number(type, htonl(value));
}

Attributes& Attributes::Nest(uint16_t type, const Attributes& inner) {
  return Bytes(type | NLA_F_NESTED, inner.bytes_);
}

AttributeView::AttributeView(std::string_view bytes) {
  while (bytes.size() >= NLA_HDRLEN) {
    const auto header = FromBytes<nlattr>(bytes);
    if (header.nla_len < NLA_HDRLEN || header.nla_len > bytes.size()) return;
    all_.emplace_back(header.nla_type & NLA_TYPE_MASK,
                      bytes.substr(NLA_HDRLEN, header.nla_len - NLA_HDRLEN));
    bytes.remove_prefix(std::min<size_t>(NLA_ALIGN(header.nla_len), bytes.size()));
  }
}

std::string_view AttributeView::Find(uint16_t type) const {
  for (const auto& [found, payload] : all_) {
    if (found == type) return payload;
  }
  return {};
}

std::string AttributeView::Text(uint16_t type) const {
  const std::string_view payload = Find(type);
  return std::string(payload.substr(0, payload.find('\0')));
}

void ForEachMessage(
    std::string_view datagram,
    const std::function<void(const nlmsghdr& header, std::string_view body)>& each) {
  while (datagram.size() >= sizeof(nlmsghdr)) {
    const auto header = FromBytes<nlmsghdr>(datagram);
    if (header.nlmsg_len < sizeof header || header.nlmsg_len > datagram.size()) return;
    each(header, datagram.substr(sizeof header, header.nlmsg_len - sizeof header));
    datagram.remove_prefix(std::min<size_t>(NLMSG_ALIGN(header.nlmsg_len), datagram.size()));
  }
}

Result<void> NetlinkSocket::Mark() {
  constexpr int kTries = 100;
  static std::atomic<uint32_t> next = static_cast<uint32_t>(::getpid());
  for (int tries = 0; tries < kTries; ++tries) {
    sockaddr_nl own{};
    own.nl_family = AF_NETLINK;
    own.nl_pid = kMark << 16 | (next.fetch_add(1) & 0xffff);
    if (::bind(fd_.get(), reinterpret_cast<const sockaddr*>(&own), sizeof own) == 0) return {};
    if (errno != EADDRINUSE) break;
  }
  return ErrnoError("bind a netlink socket");
}

Result<NetlinkSocket> NetlinkSocket::Open(int protocol) {
  UniqueFd fd(::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, protocol));
  if (!fd) return ErrnoError("netlink socket");
  // Conveniences, each of which an old kernel may lack: words in errors, errors without the request
  // repeated, filters in dumps, room for large batches.
  const int on = 1;
  ::setsockopt(fd.get(), SOL_NETLINK, NETLINK_EXT_ACK, &on, sizeof on);
  ::setsockopt(fd.get(), SOL_NETLINK, NETLINK_CAP_ACK, &on, sizeof on);
  ::setsockopt(fd.get(), SOL_NETLINK, NETLINK_GET_STRICT_CHK, &on, sizeof on);
  ::setsockopt(fd.get(), SOL_SOCKET, SO_SNDBUFFORCE, &kSendBuffer, sizeof kSendBuffer);
  return NetlinkSocket(std::move(fd));
}

Result<void> NetlinkSocket::Write(std::span<const NetlinkMessage> messages) {
  // A death between two messages of one call, which the kernel's own turn can't be cut by, but
  // which is worse than any that can be.
  const auto last = DeathWithin("netlink", messages.size());
  if (last == 0) Die();
  if (last) messages = messages.first(*last);
  std::string bytes;
  for (const NetlinkMessage& message : messages) {
    const nlmsghdr header = {
        .nlmsg_len = static_cast<uint32_t>(sizeof header + message.body.size()),
        .nlmsg_type = message.type,
        .nlmsg_flags = static_cast<uint16_t>(NLM_F_REQUEST | message.flags),
        .nlmsg_seq = ++sequence_};
    bytes.append(reinterpret_cast<const char*>(&header), sizeof header);
    bytes += message.body;
    Pad(bytes);
  }
  sockaddr_nl kernel{};
  kernel.nl_family = AF_NETLINK;
  ssize_t sent;
  do {
    sent = ::sendto(fd_.get(), bytes.data(), bytes.size(), 0,
                    reinterpret_cast<const sockaddr*>(&kernel), sizeof kernel);
  } while (sent < 0 && errno == EINTR);
  if (last) Die();
  if (sent < 0) return ErrnoError("{}: send {} bytes by netlink", messages[0].what, bytes.size());
  return {};
}

Result<std::string_view> NetlinkSocket::Read() {
  buffer_.resize(kReadSize);
  ssize_t size;
  do {
    size = ::recv(fd_.get(), buffer_.data(), buffer_.size(), MSG_DONTWAIT);
  } while (size < 0 && errno == EINTR);
  if (size < 0 && errno == EAGAIN) return std::string_view();
  if (size < 0) return ErrnoError("read netlink's answer");
  return std::string_view(buffer_.data(), static_cast<size_t>(size));
}

Result<void> NetlinkSocket::Send(std::span<const NetlinkMessage> messages) {
  if (messages.empty()) return {};
  const uint32_t first = sequence_ + 1;
  TRY(Write(messages));
  std::optional<Error> failure;
  while (true) {
    const std::string_view datagram = TRY(Read());
    if (datagram.empty()) break;
    ForEachMessage(datagram, [&](const nlmsghdr& header, std::string_view body) {
      const bool answers = header.nlmsg_seq - first < messages.size();
      if (answers && header.nlmsg_type == NLMSG_ERROR && !failure) {
        failure = Complaint(body, header.nlmsg_seq, first, messages);
      }
    });
  }
  if (failure) return *std::move(failure);
  return {};
}

Result<void> NetlinkSocket::Ask(const NetlinkMessage& message,
                                const std::function<void(std::string_view body)>& each) {
  TRY(Write(std::span(&message, 1)));
  std::optional<Error> failure;
  bool changed = false;
  while (true) {
    const std::string_view datagram = TRY(Read());
    if (datagram.empty()) break;
    ForEachMessage(datagram, [&](const nlmsghdr& header, std::string_view body) {
      if (header.nlmsg_seq != sequence_) return;  // left over from an earlier request
      changed = changed || (header.nlmsg_flags & NLM_F_DUMP_INTR) != 0;
      if (header.nlmsg_type == NLMSG_ERROR) {
        failure = Complaint(body, header.nlmsg_seq, sequence_, std::span(&message, 1));
      } else if (header.nlmsg_type != NLMSG_DONE) {
        each(body);
      }
    });
  }
  if (failure) return *std::move(failure);
  if (changed) return Error(message.what + ": changed while it was read", EINTR);
  return {};
}

}  // namespace berth::net
