// Waiting with next to no memory.
#pragma once

struct epoll_event;

namespace berth::agent::shim {

/// epoll_wait(2), after the program's code and constants have been taken out of memory: a shim that
/// only waits needs none of them. What runs next comes back from the page cache, 64 KiB at a time
/// (fault-around). Nothing written is lost, since only segments that can't be written are touched.
int WaitWithoutPages(int epoll, epoll_event* events, int max_events, int timeout);

}  // namespace berth::agent::shim
