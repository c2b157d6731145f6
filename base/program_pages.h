// Waiting with next to no memory.
#pragma once

namespace berth::sys {

/// Makes a system call that may wait for long, after the program's code and constants have been
/// taken out of memory: who only waits needs none of them. What runs next comes back from the page
/// cache, 64 KiB at a time (fault-around). Nothing written is lost, since only segments that can't
/// be written are touched. Answers -errno on failure.
long CallWithoutPages(long number, long a, long b, long c, long d, long e = 0, long f = 0);

}  // namespace berth::sys
