#include "scheduler/iam/xml.h"

#include "base/format.h"
#include "base/utf8.h"

namespace berth::scheduler {

std::string EscapeXml(std::string_view text) {
  std::string escaped;
  for (const char c : ValidUtf8(text)) {
    switch (c) {
      case '&':
        escaped += "&amp;";
        break;
      case '<':
        escaped += "&lt;";
        break;
      case '>':
        escaped += "&gt;";
        break;
      case '"':
        escaped += "&quot;";
        break;
      default:
        // Control characters but tab, line feed and carriage return have no place in XML 1.0.
        if (static_cast<unsigned char>(c) >= ' ' || c == '\t' || c == '\n' || c == '\r') {
          escaped += c;
        }
    }
  }
  return escaped;
}

std::string XmlElement(std::string_view name, std::string_view text) {
  return XmlWrap(name, EscapeXml(text));
}

std::string XmlWrap(std::string_view name, std::string_view inner) {
  return fmt::format("<{0}>{1}</{0}>", name, inner);
}

}  // namespace berth::scheduler
