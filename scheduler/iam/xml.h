// The little XML that answers of the query protocol need.
#pragma once

#include <string>
#include <string_view>

namespace berth::scheduler {

/// `text` with the characters escaped that XML gives a meaning to, and those left out that it can't
/// hold. Bytes that are no UTF-8 become U+FFFD.
std::string EscapeXml(std::string_view text);

/// <name>text</name>, escaped.
std::string XmlElement(std::string_view name, std::string_view text);
/// <name>inner</name>, as it is.
std::string XmlWrap(std::string_view name, std::string_view inner);

}  // namespace berth::scheduler
