// A layer's bytes, as a registry might send them, unpacked into an empty directory: nothing may
// come up outside of it. Needs root, as unpacking does. Put it on a tmpfs (TMPDIR) for speed.
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <string>

#include "agent/images/compression.h"
#include "agent/images/sources.h"
#include "agent/images/unpack.h"
#include "base/files.h"
#include "base/sys.h"

namespace images = berth::agent::images;

namespace {

std::string MakeTop() {
  const char* temp = ::getenv("TMPDIR");
  std::string top = std::string(temp != nullptr ? temp : "/tmp") + "/berth-layer-fuzz-XXXXXX";
  if (::mkdtemp(top.data()) == nullptr) std::abort();
  return top;
}

// Makes each block's checksum right, as if it were a header: no chance would.
void FixChecksums(std::string& tar) {
  constexpr size_t kBlock = 512;
  for (size_t start = 0; start + kBlock <= tar.size(); start += kBlock) {
    const auto block = tar.begin() + static_cast<ptrdiff_t>(start);
    std::fill(block + 148, block + 156, ' ');
    unsigned sum = 0;
    for (auto byte = block; byte != block + kBlock; ++byte)
      sum += static_cast<unsigned char>(*byte);
    if (sum > 8 * ' ') tar.replace(start + 148, 6, fmt::format("{:06o}", sum));
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  // Two levels down, so that a step or two upwards still lands where it is seen.
  static const std::string top = MakeTop();
  const std::string root = top + "/a/root";
  if (!berth::sys::MakeDirectories(root, 0755)) std::abort();
  {
    const auto fd = berth::sys::Open(root, O_RDONLY | O_DIRECTORY);
    std::string content(reinterpret_cast<const char*>(data), size);
    FixChecksums(content);
    images::MemorySource bytes(std::move(content));
    const auto plain = images::Decompress(bytes, std::nullopt);
    const images::UnpackOptions options = {.limits = {.bytes = 1 << 20, .entries = 200}};
    if (plain) static_cast<void>(images::UnpackLayer(**plain, fd->get(), options));
  }
  const auto above = berth::ListDirectory(top);
  const auto beside = berth::ListDirectory(top + "/a");
  if (!above || above->size() != 1 || !beside || beside->size() != 1) std::abort();
  if (!berth::sys::RemoveTree(top + "/a")) std::abort();
  return 0;
}
