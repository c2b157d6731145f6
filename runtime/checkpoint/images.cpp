#include "runtime/checkpoint/images.h"

#include <fcntl.h>

#include <nlohmann/json.hpp>

#include "base/files.h"
#include "base/json_reader.h"
#include "base/sys.h"
#include "runtime/checkpoint/saved_files.h"
#include "runtime/spec/json_writer.h"

namespace berth::runtime {
namespace {

constexpr int kCriuLogLevel = 4;  // as crun and runc: what it does, one line each
constexpr mode_t kMode = 0700;    // there is memory in these files
constexpr const char* kDescriptors = "/descriptors.json";
constexpr const char* kSavedFiles = "/files.img";

Result<UniqueFd> OpenDirectory(const std::string& path) {
  return sys::Open(path, O_RDONLY | O_DIRECTORY);
}

}  // namespace

void ImageDirectories::Tell(CriuOptions& options) const {
  options.images_dir_fd = images.get();
  options.work_dir_fd = work.get();
  options.log_file = log.substr(log.rfind('/') + 1);
  options.log_level = kCriuLogLevel;
}

Result<ImageDirectories> MakeImageDirectories(const ImagePaths& paths, const std::string& log) {
  TRY(sys::MakeDirectories(paths.images, kMode).Context("--image-path"));
  return OpenImageDirectories(paths, log);
}

Result<ImageDirectories> OpenImageDirectories(const ImagePaths& paths, const std::string& log) {
  ImageDirectories directories;
  directories.images = TRY(OpenDirectory(paths.images).Context("--image-path"));
  if (!paths.work.empty()) {
    TRY(sys::MakeDirectories(paths.work, kMode).Context("--work-path"));
    directories.work = TRY(OpenDirectory(paths.work).Context("--work-path"));
  }
  directories.log = (paths.work.empty() ? paths.images : paths.work) + "/" + log;
  TRY(sys::Unlink(directories.log));
  return directories;
}

Result<void> WriteDescriptors(const std::string& images, const std::vector<std::string>& streams) {
  std::string json;
  Write(json, streams);
  return ReplaceFile(images + kDescriptors, json, 0600);
}

Result<std::vector<std::string>> ReadDescriptors(const std::string& images) {
  const std::string path = images + kDescriptors;
  const Json document =
      TRY(ParseJson(TRY(ReadFile(path).Context("--image-path"))).Context("{}", path));
  JsonProblems problems;
  std::vector<std::string> streams;
  const JsonReader list(document, problems);
  for (const JsonReader& item : list.Items()) streams.push_back(item.String());
  TRY(problems.Check().Context("{}", path));
  return streams;
}

Result<void> ReplaceSavedFiles(const std::string& images, const std::vector<std::string>& names) {
  const std::string path = images + kSavedFiles;
  const std::string saved = TRY(ReadFile(path).Context("--image-path"));
  return ReplaceFile(path, TRY(LetFilesBeOthers(saved, names).Context("{}", path)), 0600);
}

}  // namespace berth::runtime
