// A layer's bytes, as a registry might send them, unpacked into an empty directory: nothing may
// come up outside of it. Needs root, as unpacking does. Put it on a tmpfs (TMPDIR) for speed.
#include <fcntl.h>
#include <unistd.h>

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

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  // Two levels down, so that a step or two upwards still lands where it is seen.
  static const std::string top = MakeTop();
  const std::string root = top + "/a/root";
  if (!berth::sys::MakeDirectories(root, 0755)) std::abort();
  {
    const auto fd = berth::sys::Open(root, O_RDONLY | O_DIRECTORY);
    images::MemorySource bytes(std::string(reinterpret_cast<const char*>(data), size));
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
