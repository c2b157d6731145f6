#include "base/http/serialize.h"

#include <strings.h>

#include <algorithm>
#include <array>
#include <ctime>

#include "base/text.h"

namespace berth::http {
namespace {

struct Reason {
  int status;
  std::string_view phrase;
};

constexpr std::array kReasons = {
    Reason{100, "Continue"},
    Reason{101, "Switching Protocols"},
    Reason{200, "OK"},
    Reason{201, "Created"},
    Reason{202, "Accepted"},
    Reason{204, "No Content"},
    Reason{301, "Moved Permanently"},
    Reason{302, "Found"},
    Reason{304, "Not Modified"},
    Reason{307, "Temporary Redirect"},
    Reason{308, "Permanent Redirect"},
    Reason{400, "Bad Request"},
    Reason{401, "Unauthorized"},
    Reason{403, "Forbidden"},
    Reason{404, "Not Found"},
    Reason{405, "Method Not Allowed"},
    Reason{408, "Request Timeout"},
    Reason{409, "Conflict"},
    Reason{413, "Content Too Large"},
    Reason{417, "Expectation Failed"},
    Reason{426, "Upgrade Required"},
    Reason{429, "Too Many Requests"},
    Reason{431, "Request Header Fields Too Large"},
    Reason{500, "Internal Server Error"},
    Reason{501, "Not Implemented"},
    Reason{502, "Bad Gateway"},
    Reason{503, "Service Unavailable"},
    Reason{504, "Gateway Timeout"},
};

std::string_view ReasonOf(int status) {
  const auto* const found =
      std::find_if(kReasons.begin(), kReasons.end(),
                   [&](const Reason& entry) { return entry.status == status; });
  return found == kReasons.end() ? "Unknown" : found->phrase;
}

bool IsName(std::string_view text, std::string_view name) {
  return text.size() == name.size() && ::strncasecmp(text.data(), name.data(), name.size()) == 0;
}

bool IsToken(std::string_view text) {
  constexpr std::string_view kMarks = "!#$%&'*+-.^_`|~";
  return !text.empty() && std::all_of(text.begin(), text.end(), [&](char c) {
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
           kMarks.find(c) != std::string_view::npos;
  });
}

bool IsValue(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte == '\t' || (byte >= ' ' && byte != 0x7f);
  });
}

bool IsTarget(std::string_view text) {
  return !text.empty() &&
         std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < 0x7f; });
}

// RFC 9110, 5.6.7: "Sun, 06 Nov 1994 08:49:37 GMT".
std::string Now() {
  constexpr std::array kDays = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  constexpr std::array kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                  "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const std::time_t now = std::time(nullptr);
  std::tm utc{};
  ::gmtime_r(&now, &utc);
  return fmt::format("{}, {:02} {} {} {:02}:{:02}:{:02} GMT",
                     kDays[static_cast<size_t>(utc.tm_wday)], utc.tm_mday,
                     kMonths[static_cast<size_t>(utc.tm_mon)], utc.tm_year + 1900, utc.tm_hour,
                     utc.tm_min, utc.tm_sec);
}

void AppendField(std::string& text, std::string_view name, std::string_view value) {
  text.append(name).append(": ").append(value).append("\r\n");
}

}  // namespace

bool AreValid(const Headers& headers) {
  return std::all_of(headers.begin(), headers.end(), [](const Headers::Field& field) {
    return IsToken(field.first) && IsValue(field.second);
  });
}

bool Lists(const Headers& headers, std::string_view name, std::string_view token) {
  return std::any_of(headers.begin(), headers.end(), [&](const Headers::Field& field) {
    if (!IsName(field.first, name)) return false;
    const auto parts = Split(field.second, ',');
    return std::any_of(parts.begin(), parts.end(),
                       [&](const std::string& part) { return IsName(Trim(part), token); });
  });
}

std::string Serialize(const Response& response, std::string_view method, Connection connection) {
  if (!AreValid(response.headers) || response.status < 100 || response.status > 999) {
    return Serialize(Response{.status = 500}, method, connection);
  }
  const bool bodiless =
      response.status / 100 == 1 || response.status == 204 || response.status == 304;
  const bool head = method == "HEAD";
  std::string text = fmt::format("HTTP/1.1 {} {}\r\n", response.status, ReasonOf(response.status));
  bool has_length = false;
  for (const auto& [name, value] : response.headers) {
    if (IsName(name, "Transfer-Encoding") || IsName(name, "Connection")) continue;
    if (IsName(name, "Content-Length")) {
      // What a GET would have brought is known to the handler alone.
      if (!head || !response.body.empty() || has_length) continue;
      has_length = true;
    }
    AppendField(text, name, value);
  }
  if (!response.headers.Find("Date")) AppendField(text, "Date", Now());
  if (!bodiless && !has_length) {
    AppendField(text, "Content-Length", std::to_string(response.body.size()));
  }
  if (connection == Connection::kClose) AppendField(text, "Connection", "close");
  text += "\r\n";
  if (!bodiless && !head) text += response.body;
  return text;
}

Result<std::string> Serialize(const Request& request, const Url& to) {
  if (!IsToken(request.method) || !IsTarget(request.target) || !AreValid(request.headers)) {
    return Error(fmt::format("a request for \"{}\" can't be sent: its method, target or a header "
                             "holds what may not be there",
                             request.target),
                 EINVAL);
  }
  std::string text = fmt::format("{} {} HTTP/1.1\r\n", request.method, request.target);
  if (!request.headers.Find("Host")) AppendField(text, "Host", to.Authority());
  for (const auto& [name, value] : request.headers) {
    if (IsName(name, "Content-Length") || IsName(name, "Transfer-Encoding")) continue;
    AppendField(text, name, value);
  }
  const bool expects_body =
      request.method == "POST" || request.method == "PUT" || request.method == "PATCH";
  if (!request.body.empty() || expects_body) {
    AppendField(text, "Content-Length", std::to_string(request.body.size()));
  }
  return text + "\r\n" + request.body;
}

}  // namespace berth::http
