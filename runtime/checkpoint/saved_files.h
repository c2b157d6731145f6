// What CRIU has saved of open files: files.img, two numbers that say what it is and then, behind
// its size each, one message a file (CRIU's images/fdinfo.proto and regfile.proto).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace berth::runtime {

/// `image`, a whole files.img, in which the files of these names can be any others. CRIU opens an
/// inherited file anew, and would have it be of the old one's size and mode, opened with its flags
/// (O_TMPFILE and O_NOFOLLOW fail) and at its position. What was written to is appended to now.
/// Fails on what is no files.img.
Result<std::string> LetFilesBeOthers(std::string_view image, const std::vector<std::string>& names);

}  // namespace berth::runtime
