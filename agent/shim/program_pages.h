// Gives back the memory of code that has done its work.
#pragma once

namespace berth::agent::shim {

/// Unmaps the program's code and constants from memory, of which a shim that only waits needs
/// little: what runs next comes back from the page cache, 64 KiB at a time (fault-around). Nothing
/// written is lost, since only segments that can't be written are touched.
void ReleaseProgramPages();

}  // namespace berth::agent::shim
