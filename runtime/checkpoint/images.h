// The directories of a checkpoint, and what stands in them beside CRIU's own files.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "base/unique_fd.h"
#include "runtime/checkpoint/criu_messages.h"

namespace berth::runtime {

struct ImagePaths {
  std::string images;
  std::string work;  // for CRIU's log and what it needs meanwhile; empty: `images`
};

/// Both, open. CRIU finds them by the numbers of our descriptors.
struct ImageDirectories {
  UniqueFd images;
  UniqueFd work;    // none if it is the same
  std::string log;  // path of the log that CRIU is to write

  void Tell(CriuOptions& options) const;
};

/// Makes them where missing. `log` is a name, "dump.log"; an older log of that name goes.
Result<ImageDirectories> MakeImageDirectories(const ImagePaths& paths, const std::string& log);
/// The same, of images that have to be there.
Result<ImageDirectories> OpenImageDirectories(const ImagePaths& paths, const std::string& log);

/// descriptors.json, as crun and runc have it: where the standard streams of the first process led
/// to, "pipe:[1234]". What was the caller's is the new caller's when it is restored.
Result<void> WriteDescriptors(const std::string& images, const std::vector<std::string>& streams);
Result<std::vector<std::string>> ReadDescriptors(const std::string& images);

/// Lets any others stand for the open files of these names: see LetFilesBeOthers.
Result<void> ReplaceSavedFiles(const std::string& images, const std::vector<std::string>& names);

}  // namespace berth::runtime
