// What the tests here make their images of: tar archives byte by byte, and OCI layouts of them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace berth::agent::images {

/// A directory that goes with the test.
class TempDir {
 public:
  TempDir();
  TempDir(const TempDir&) = delete;
  TempDir& operator=(const TempDir&) = delete;
  ~TempDir();
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

/// What one header block says; nothing of it is checked.
struct TarHeader {
  char type = '0';
  std::string path;
  std::string link;
  unsigned mode = 0644;
  unsigned uid = 0;
  unsigned gid = 0;
  uint64_t size = 0;
  int64_t mtime = 1'700'000'000;
  unsigned major = 0;
  unsigned minor = 0;
};

class TarBuilder {
 public:
  TarBuilder& Header(const TarHeader& header);
  TarBuilder& File(const std::string& path, std::string_view content, unsigned mode = 0644);
  TarBuilder& Dir(const std::string& path, unsigned mode = 0755);
  TarBuilder& Symlink(const std::string& path, const std::string& target);
  TarBuilder& HardLink(const std::string& path, const std::string& target);
  /// The pax records of the next entry.
  TarBuilder& Pax(const std::vector<std::pair<std::string, std::string>>& records);
  TarBuilder& Raw(std::string_view bytes);
  /// With the two blocks of zeros.
  std::string Finish() const;
  /// Without.
  const std::string& bytes() const { return bytes_; }

 private:
  void Content(std::string_view content);
  std::string bytes_;
};

std::string Gzip(std::string_view content);
std::string Zstd(std::string_view content);

/// One layer of a layout; what is empty is worked out from the tar, so that each can lie.
struct TestLayer {
  std::string tar;
  std::string blob;  // gzip of the tar
  std::string media_type = "application/vnd.oci.image.layer.v1.tar+gzip";
  std::string digest;
  std::string diff_id;
  int64_t size = -1;
};

/// Writes an OCI layout with one image, `name`, and returns the digests of its layers' blobs.
std::vector<std::string> WriteLayout(const std::string& dir, const std::vector<TestLayer>& layers,
                                     const std::string& architecture = "");

/// All names below a directory with type, mode, owner, size, link target and time, sorted.
std::vector<std::string> Listing(const std::string& dir);

}  // namespace berth::agent::images
