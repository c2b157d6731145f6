// TreeSource: a directory as a tar stream.
#pragma once

#include <sys/stat.h>

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "agent/images/byte_source.h"
#include "base/unique_fd.h"

namespace berth::agent::images {

/// Reads a root file system out as the tar stream that an image layer of it would be (pax, sorted
/// by name, so that the same tree gives the same digest). A directory that is imported thus goes
/// the same way, with the same checks, as a layer from elsewhere. Sockets are left out, as is what
/// is mounted below it.
class TreeSource : public ByteSource {
 public:
  static Result<std::unique_ptr<TreeSource>> Open(const std::string& path);

  Result<size_t> Read(std::span<char> buffer) override;

 private:
  struct Level {
    std::string path;  // "" or ends in "/"
    UniqueFd fd;
    std::vector<std::string> names;  // last one first
  };
  using Records = std::vector<std::pair<std::string, std::string>>;

  TreeSource() = default;
  Result<void> Advance();
  Result<void> Enter(std::string path, UniqueFd fd);
  Result<void> Add(int parent, const std::string& name, const std::string& path);
  Result<void> AddFile(const std::string& path, UniqueFd fd, const struct stat& info);
  void AddHeader(char type, const std::string& path, const struct stat& info, uint64_t size,
                 Records records);

  dev_t device_ = 0;
  std::vector<Level> levels_;
  std::map<ino_t, std::string> linked_;  // files with several names that were read under one
  std::string pending_;                  // headers and padding, on their way out
  size_t sent_ = 0;
  UniqueFd file_;  // whose content is on its way out
  std::string file_path_;
  uint64_t file_left_ = 0;
  bool done_ = false;
};

}  // namespace berth::agent::images
