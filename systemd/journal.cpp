#include "systemd/journal.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>

#include "base/format.h"
#include "base/sys.h"

namespace berth::systemd {
namespace {

std::optional<sockaddr_un> JournalAddress(const std::string& path) {
  sockaddr_un address = {.sun_family = AF_UNIX, .sun_path = {}};
  if (path.size() >= sizeof address.sun_path) return std::nullopt;
  std::memcpy(address.sun_path, path.data(), path.size());
  return address;
}

UniqueFd DatagramSocket() { return UniqueFd(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0)); }

// What the journal takes from programs; names that begin with an underscore are its own.
bool IsFieldName(std::string_view name) {
  const auto is_capital = [](char c) { return c >= 'A' && c <= 'Z'; };
  const auto is_rest = [&](char c) { return is_capital(c) || (c >= '0' && c <= '9') || c == '_'; };
  return !name.empty() && name.size() <= 64 && is_capital(name.front()) &&
         std::all_of(name.begin(), name.end(), is_rest);
}

void AppendField(std::string& text, std::string_view name, std::string_view value) {
  text += name;
  if (value.find('\n') == value.npos) {
    text += '=';
  } else {
    // The length in front: 64 bits, little-endian.
    text += '\n';
    for (int shift = 0; shift < 64; shift += 8) {
      text += static_cast<char>(static_cast<uint64_t>(value.size()) >> shift & 0xff);
    }
  }
  text += value;
  text += '\n';
}

// A message too large for a datagram goes as a file that nobody can change any more.
UniqueFd SealedFile(std::string_view content) {
  UniqueFd file(::memfd_create("journal-message", MFD_CLOEXEC | MFD_ALLOW_SEALING));
  if (!file || !sys::WriteAll(file.get(), content)) return {};
  constexpr int kSeals = F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL;
  if (::fcntl(file.get(), F_ADD_SEALS, kSeals) != 0) return {};
  return file;
}

void SendFile(int socket, sockaddr_un& address, const UniqueFd& file) {
  alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int))] = {};
  msghdr header = {};
  header.msg_name = &address;
  header.msg_namelen = sizeof address;
  header.msg_control = control;
  header.msg_controllen = sizeof control;
  cmsghdr* const rights = CMSG_FIRSTHDR(&header);
  rights->cmsg_level = SOL_SOCKET;
  rights->cmsg_type = SCM_RIGHTS;
  rights->cmsg_len = CMSG_LEN(sizeof(int));
  const int fd = file.get();
  std::memcpy(CMSG_DATA(rights), &fd, sizeof fd);
  (void)::sendmsg(socket, &header, MSG_NOSIGNAL);
}

}  // namespace

std::optional<Journal> Journal::Connect(std::string path) {
  const auto address = JournalAddress(path);
  if (!address) return std::nullopt;
  // Only a trial: a connected socket would not find a journal that starts anew.
  const UniqueFd trial = DatagramSocket();
  if (::connect(trial.get(), reinterpret_cast<const sockaddr*>(&*address), sizeof *address) != 0) {
    return std::nullopt;
  }
  return Journal(DatagramSocket(), std::move(path));
}

void Journal::Send(int priority, std::string_view message,
                   const std::vector<JournalField>& fields) const {
  std::string text = fmt::format("PRIORITY={}\n", priority);
  AppendField(text, "MESSAGE", message);
  for (const JournalField& field : fields) {
    if (IsFieldName(field.name)) AppendField(text, field.name, field.value);
  }
  auto address = JournalAddress(path_);
  const ssize_t sent = ::sendto(socket_.get(), text.data(), text.size(), MSG_NOSIGNAL,
                                reinterpret_cast<const sockaddr*>(&*address), sizeof *address);
  if (sent >= 0 || (errno != EMSGSIZE && errno != ENOBUFS)) return;
  if (const UniqueFd file = SealedFile(text)) SendFile(socket_.get(), *address, file);
}

bool IsJournalStream(int fd) {
  const char* stream = std::getenv("JOURNAL_STREAM");
  struct stat info;
  if (stream == nullptr || ::fstat(fd, &info) != 0) return false;
  return fmt::format("{}:{}", info.st_dev, info.st_ino) == stream;
}

}  // namespace berth::systemd
