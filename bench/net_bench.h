// What net-bench measures.
#pragma once

#include <string>

#include "base/result.h"
#include "bench/samples.h"

namespace berth::bench {

// `directory`: for the files of hosts that are played.

/// Entries of the firewall added, taken away and restored, beside few and many others.
Result<void> MeasureTable(const std::string& directory, size_t rounds, Samples& samples);

/// Packets of established flows and new connections, beside few and many others; a bare veth pair.
Result<void> MeasurePackets(const std::string& directory, size_t rounds, Samples& samples);

}  // namespace berth::bench
