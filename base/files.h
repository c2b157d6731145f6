// Whole files at once.
#pragma once

#include <sys/types.h>

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace berth {

/// All of a file; refuses one larger than `limit` bytes.
Result<std::string> ReadFile(const std::string& path, size_t limit = 64 << 20);
Result<std::string> ReadFileAt(int dir, const std::string& path, size_t limit = 64 << 20);
/// All that is left to read of a descriptor.
Result<std::string> ReadAll(int fd, size_t limit = 64 << 20);

/// Writes one value to an existing file, as the kernel's control files want it: one write(2).
Result<void> WriteControlFile(int dir, const std::string& path, std::string_view value);

/// Replaces a file so that a crash at any moment leaves the old or the new content, never a mix:
/// written beside it, synced, renamed over it.
Result<void> WriteFileAtomically(const std::string& path, std::string_view content,
                                 mode_t mode = 0644);
/// The same without the syncs: whole for other processes, not for a power cut.
Result<void> ReplaceFile(const std::string& path, std::string_view content, mode_t mode = 0644);

/// Makes a file that is not there yet, in a directory that nobody else reads yet: in place, so a
/// crash may leave a part of it.
Result<void> WriteNewFile(const std::string& path, std::string_view content, mode_t mode = 0644);

/// The names in a directory, sorted, without "." and "..".
Result<std::vector<std::string>> ListDirectory(const std::string& path);
bool Exists(const std::string& path);

}  // namespace berth
