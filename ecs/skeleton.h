// What `aws ... --generate-cli-skeleton` writes where nothing has been filled in.
#pragma once

#include "base/json.h"

namespace berth::ecs {

/// `document` without its blanks, so that a skeleton in which only some fields were filled in means
/// what its author meant. Blank, and thus not given, are:
///   - "" in a field whose text can't be empty (not: `value` of an environment variable or tag);
///   - 0 in a field whose least value is greater (`memory`, `interval`, ...; not: `hostPort`,
///   `cpu`,
///     `maxSwap`, where 0 says something);
///   - [""] (not: `entryPoint`, where it clears the image's) and {"KeyName": ""};
///   - an object, or a list of one object, that holds a blank and nothing else but choices
///     (`"protocol": "tcp"`, `"readOnly": true`), provided that those mean nothing by themselves:
///     `logConfiguration`, `restartPolicy`, `dockerVolumeConfiguration` and the like are kept.
/// Longer lists are left alone, so that an element's index is the same before and after.
Json WithoutBlanks(const Json& document);

}  // namespace berth::ecs
