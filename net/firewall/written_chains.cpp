#include "net/firewall/written_chains.h"

#include <map>

#include "base/files.h"
#include "base/sys.h"
#include "base/text.h"
#include "net/addresses/address.h"

namespace berth::net {
namespace {

/// "NAME HASH", each on a line.
using Hashes = std::map<std::string, std::string, std::less<>>;

Hashes Read(const std::string& path) {
  Hashes hashes;
  for (const std::string& line : Split(ReadFile(path).ValueOr(""), '\n')) {
    const size_t space = line.find(' ');
    if (space != std::string::npos) hashes[line.substr(0, space)] = line.substr(space + 1);
  }
  return hashes;
}

std::string HashOf(const ChainPart& part) {
  std::string bytes;
  for (const NetlinkMessage& message : part.messages) {
    bytes += RawBytes(message.type) + RawBytes(message.flags) + message.body;
  }
  return fmt::format("{:016x}", HashName(bytes));
}

}  // namespace

std::vector<ChainPart> WrittenChains::Missing(std::vector<ChainPart> parts) const {
  const Hashes written = Read(path_);
  std::erase_if(parts, [&](const ChainPart& part) {
    const auto known = written.find(part.name);
    return known != written.end() && known->second == HashOf(part);
  });
  return parts;
}

Result<void> WrittenChains::Note(const std::vector<ChainPart>& parts) const {
  if (parts.empty()) return {};
  Hashes written = Read(path_);
  for (const ChainPart& part : parts) written[part.name] = HashOf(part);
  std::string text;
  for (const auto& [name, hash] : written) text += fmt::format("{} {}\n", name, hash);
  return ReplaceFile(path_, text, 0600);
}

Result<void> WrittenChains::Forget() const { return sys::Unlink(path_); }

}  // namespace berth::net
