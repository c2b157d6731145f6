// libsystemd's D-Bus client, loaded when it is first wanted: hosts without systemd run Berth too,
// and loading it takes longer than starting most of our commands.
#pragma once

#include <systemd/sd-bus.h>

#include "base/result.h"

namespace berth::systemd {

/// The functions used, by their names in sd-bus(3).
#define BERTH_SD_BUS_FUNCTIONS(X)   \
  X(sd_bus_call)                    \
  X(sd_bus_close_unref)             \
  X(sd_bus_error_free)              \
  X(sd_bus_error_get_errno)         \
  X(sd_bus_get_property_string)     \
  X(sd_bus_is_bus_client)           \
  X(sd_bus_is_ready)                \
  X(sd_bus_match_signal)            \
  X(sd_bus_message_append)          \
  X(sd_bus_message_append_array)    \
  X(sd_bus_message_append_basic)    \
  X(sd_bus_message_close_container) \
  X(sd_bus_message_new_method_call) \
  X(sd_bus_message_open_container)  \
  X(sd_bus_message_read)            \
  X(sd_bus_message_unref)           \
  X(sd_bus_new)                     \
  X(sd_bus_open_system)             \
  X(sd_bus_open_user)               \
  X(sd_bus_path_encode)             \
  X(sd_bus_process)                 \
  X(sd_bus_set_address)             \
  X(sd_bus_set_method_call_timeout) \
  X(sd_bus_slot_unref)              \
  X(sd_bus_start)                   \
  X(sd_bus_wait)

/// The library as a table: `lib.sd_bus_call(...)`.
struct LibSystemd {
#define BERTH_DECLARE(function) decltype(&::function) function = nullptr;
  BERTH_SD_BUS_FUNCTIONS(BERTH_DECLARE)
#undef BERTH_DECLARE
};

/// Loads the library of that file name (dlopen(3)); it stays loaded. The error says what to
/// install.
Result<LibSystemd> LoadLibSystemd(const char* name);

/// libsystemd.so.0, loaded by the first call.
Result<const LibSystemd*> TheLibSystemd();

}  // namespace berth::systemd
