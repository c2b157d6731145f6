// Dial: from a URL to a connection with the server behind it.
#pragma once

#include <chrono>
#include <functional>
#include <memory>

#include "base/http/transport.h"
#include "base/http/url.h"

namespace berth::http {

struct DialOptions {
  std::chrono::milliseconds timeout{10'000};  // DNS, TCP and TLS each
  const TlsContext* tls = nullptr;            // copied; for https only
};

/// Looks up the host, tries its addresses one after the other and, for https, agrees on TLS.
/// Letting go of what it returns ends the attempt, and `done` is not called. Errors as Client's.
[[nodiscard]] std::shared_ptr<void> Dial(
    IoLoop& loop, const Url& to, const DialOptions& options,
    std::function<void(Result<std::shared_ptr<Transport>>)> done);

}  // namespace berth::http
