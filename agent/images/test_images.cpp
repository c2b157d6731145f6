#include "agent/images/test_images.h"

#include <isa-l/igzip_lib.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zstd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "agent/images/digest.h"
#include "agent/images/platform.h"
#include "base/files.h"
#include "base/json.h"
#include "base/sys.h"

namespace berth::agent::images {
namespace {

constexpr size_t kTarBlock = 512;

std::string Padding(size_t size) {
  return std::string((kTarBlock - size % kTarBlock) % kTarBlock, '\0');
}

void Must(const Result<void>& done) {
  if (!done) {
    std::fprintf(stderr, "test set-up: %s\n", done.error().message().c_str());
    std::abort();
  }
}

void Put(const std::string& path, std::string_view content) { Must(ReplaceFile(path, content)); }

}  // namespace

TempDir::TempDir() : path_("/tmp/berth-images-XXXXXX") {
  if (::mkdtemp(path_.data()) == nullptr) std::abort();
}

TempDir::~TempDir() { static_cast<void>(sys::RemoveTree(path_)); }

TarBuilder& TarBuilder::Header(const TarHeader& header) {
  std::string block(kTarBlock, '\0');
  const auto put = [&](size_t offset, std::string_view text) {
    block.replace(offset, text.size(), text);
  };
  put(0, std::string_view(header.path).substr(0, 100));
  put(100, fmt::format("{:07o}", header.mode));
  put(108, fmt::format("{:07o}", header.uid));
  put(116, fmt::format("{:07o}", header.gid));
  put(124, fmt::format("{:011o}", header.size));
  put(136, fmt::format("{:011o}", header.mtime));
  put(148, "        ");
  block[156] = header.type;
  put(157, std::string_view(header.link).substr(0, 100));
  put(257, std::string_view("ustar\00000", 8));
  put(329, fmt::format("{:07o}", header.major));
  put(337, fmt::format("{:07o}", header.minor));
  unsigned sum = 0;
  for (const char c : block) sum += static_cast<unsigned char>(c);
  put(148, fmt::format("{:06o}", sum));
  block[154] = '\0';
  bytes_ += block;
  return *this;
}

void TarBuilder::Content(std::string_view content) {
  bytes_ += content;
  bytes_ += Padding(content.size());
}

TarBuilder& TarBuilder::File(const std::string& path, std::string_view content, unsigned mode) {
  Header({.path = path, .mode = mode, .size = content.size()});
  Content(content);
  return *this;
}

TarBuilder& TarBuilder::Dir(const std::string& path, unsigned mode) {
  return Header({.type = '5', .path = path, .mode = mode});
}

TarBuilder& TarBuilder::Symlink(const std::string& path, const std::string& target) {
  return Header({.type = '2', .path = path, .link = target, .mode = 0777});
}

TarBuilder& TarBuilder::HardLink(const std::string& path, const std::string& target) {
  return Header({.type = '1', .path = path, .link = target});
}

TarBuilder& TarBuilder::Pax(const std::vector<std::pair<std::string, std::string>>& records) {
  std::string text;
  for (const auto& [key, value] : records) {
    const size_t rest = key.size() + value.size() + 3;
    size_t length = rest + 1;
    while (rest + std::to_string(length).size() != length) {
      length = rest + std::to_string(length).size();
    }
    text += fmt::format("{} {}={}\n", length, key, value);
  }
  Header({.type = 'x', .path = "pax", .size = text.size()});
  Content(text);
  return *this;
}

TarBuilder& TarBuilder::Raw(std::string_view bytes) {
  bytes_ += bytes;
  return *this;
}

std::string TarBuilder::Finish() const { return bytes_ + std::string(2 * kTarBlock, '\0'); }

std::string Gzip(std::string_view content) {
  std::string out(content.size() + content.size() / 8 + 1024, '\0');
  isal_zstream stream;
  isal_deflate_stateless_init(&stream);
  std::string in(content);
  stream.next_in = reinterpret_cast<uint8_t*>(in.data());
  stream.avail_in = static_cast<uint32_t>(in.size());
  stream.next_out = reinterpret_cast<uint8_t*>(out.data());
  stream.avail_out = static_cast<uint32_t>(out.size());
  stream.gzip_flag = IGZIP_GZIP;
  stream.end_of_stream = 1;
  if (isal_deflate_stateless(&stream) != COMP_OK) std::abort();
  out.resize(stream.total_out);
  return out;
}

std::string Zstd(std::string_view content) {
  std::string out(ZSTD_compressBound(content.size()), '\0');
  const size_t size = ZSTD_compress(out.data(), out.size(), content.data(), content.size(), 1);
  if (ZSTD_isError(size)) std::abort();
  out.resize(size);
  return out;
}

std::vector<std::string> WriteLayout(const std::string& dir, const std::vector<TestLayer>& layers,
                                     const std::string& architecture) {
  Must(sys::MakeDirectories(dir + "/blobs/sha256", 0755));
  const auto put_blob = [&](const std::string& content) {
    const Digest digest = Digest::Of(content);
    Put(dir + "/blobs/sha256/" + digest.hex(), content);
    return digest.ToString();
  };
  Json descriptors = Json::array();
  Json diff_ids = Json::array();
  std::vector<std::string> digests;
  for (const TestLayer& layer : layers) {
    const std::string blob = layer.blob.empty() ? Gzip(layer.tar) : layer.blob;
    const std::string digest = layer.digest.empty() ? Digest::Of(blob).ToString() : layer.digest;
    Put(dir + "/blobs/sha256/" + digest.substr(7), blob);
    digests.push_back(digest);
    descriptors.push_back(
        {{"mediaType", layer.media_type},
         {"digest", digest},
         {"size", layer.size < 0 ? static_cast<int64_t>(blob.size()) : layer.size}});
    diff_ids.push_back(layer.diff_id.empty() ? Digest::Of(layer.tar).ToString() : layer.diff_id);
  }
  Json config = {
      {"os", "linux"},
      {"architecture", architecture.empty() ? Platform::Host().architecture : architecture}};
  config["config"] = {{"Cmd", {"/bin/sh"}}};
  config["rootfs"] = {{"type", "layers"}, {"diff_ids", diff_ids}};
  const std::string config_text = DumpJson(config);
  Json manifest = {{"schemaVersion", 2}};
  manifest["config"] = {{"mediaType", "application/vnd.oci.image.config.v1+json"},
                        {"digest", put_blob(config_text)},
                        {"size", config_text.size()}};
  manifest["layers"] = descriptors;
  const std::string manifest_text = DumpJson(manifest);
  Json top = {{"mediaType", "application/vnd.oci.image.manifest.v1+json"},
              {"digest", put_blob(manifest_text)},
              {"size", manifest_text.size()}};
  Json index = {{"schemaVersion", 2}};
  index["manifests"] = Json::array({top});
  Put(dir + "/index.json", DumpJson(index));
  Put(dir + "/oci-layout", R"({"imageLayoutVersion":"1.0.0"})");
  return digests;
}

std::vector<std::string> Listing(const std::string& dir) {
  std::vector<std::string> lines;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(dir)) {
    struct stat info;
    if (::lstat(entry.path().c_str(), &info) < 0) std::abort();
    const std::string link =
        entry.is_symlink() ? std::filesystem::read_symlink(entry.path()).string() : "";
    lines.push_back(fmt::format("{} {:o} {}:{} {} {} {}", entry.path().string().substr(dir.size()),
                                info.st_mode, info.st_uid, info.st_gid,
                                S_ISDIR(info.st_mode) ? 0 : info.st_size, link,
                                S_ISDIR(info.st_mode) ? 0 : info.st_mtim.tv_sec));
  }
  std::sort(lines.begin(), lines.end());
  return lines;
}

}  // namespace berth::agent::images
