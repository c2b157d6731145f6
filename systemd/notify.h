// sd_notify(3), without the library: one datagram to the service manager.
#pragma once

#include <string_view>

namespace berth::systemd {

/// Tells the service manager `state` ("READY=1", "STOPPING=1", "STATUS=..."), if this process was
/// started by one that wants to hear it (NOTIFY_SOCKET); otherwise nothing.
void Notify(std::string_view state);

}  // namespace berth::systemd
