// What a signature of version 4 is over.
//
// Source: "Create a signed AWS API request" in the IAM User Guide.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/http/message.h"

namespace berth::ecs {

/// The canonical form of a request, for every service but S3: the path normalised and encoded once
/// more, the query decoded ("+" is a space), encoded anew and sorted, the named headers trimmed and
/// with their inner spaces folded, and the hash of the body. `signed_headers` are in lower case;
/// one that the request does not have is taken to be empty.
std::string CanonicalRequest(const http::Request& request,
                             const std::vector<std::string>& signed_headers);

/// Whether the two names are of one header.
bool SameHeader(std::string_view a, std::string_view b);

}  // namespace berth::ecs
