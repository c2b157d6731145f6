#include "net/cni/locks.h"

#include <fcntl.h>

#include "base/sys.h"
#include "net/addresses/address.h"

namespace berth::net::cni {
namespace {

// The bytes of the file. None of them need to be there.
constexpr off_t kAddresses = 0;
constexpr off_t kAll = 1;
constexpr off_t kFirstAttachment = 2;
constexpr uint64_t kMostAttachments = uint64_t{1} << 48;

enum class Kind : short { kShared = F_RDLCK, kExclusive = F_WRLCK };

Result<UniqueFd> Lock(const std::string& path, off_t byte, Kind kind) {
  UniqueFd file = TRY(sys::Open(path, O_RDWR | O_CREAT | O_NOFOLLOW, 0600));
  struct flock range {};
  range.l_type = static_cast<short>(kind);
  range.l_whence = SEEK_SET;
  range.l_start = byte;
  range.l_len = 1;
  while (::fcntl(file.get(), F_OFD_SETLKW, &range) < 0) {
    if (errno != EINTR) return ErrnoError("lock {}", path);
  }
  return file;
}

}  // namespace

Result<Locks::Held> Locks::AllAttachments() const { return Lock(path_, kAll, Kind::kExclusive); }

Result<std::pair<Locks::Held, Locks::Held>> Locks::OneAttachment(const std::string& id) const {
  Held all = TRY(Lock(path_, kAll, Kind::kShared));
  const off_t byte = kFirstAttachment + static_cast<off_t>(HashName(id) % kMostAttachments);
  Held one = TRY(Lock(path_, byte, Kind::kExclusive));
  return std::pair(std::move(all), std::move(one));
}

Result<Locks::Held> Locks::Addresses() const { return Lock(path_, kAddresses, Kind::kExclusive); }

}  // namespace berth::net::cni
