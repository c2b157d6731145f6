// berth-endpoint-helper open|close: what an agent does to the host's network at its start and end.
#include <cstdio>
#include <string_view>

#include "net/agent_endpoint.h"

int main(int argc, char** argv) {
  constexpr int kUsage = 64;
  const std::string_view what = argc == 2 ? argv[1] : "";
  if (what != "open" && what != "close") {
    std::fputs("usage: berth-endpoint-helper open|close\n", stderr);
    return kUsage;
  }
  const std::string lock = "/var/lib/berth/net.lock";
  const auto done =
      what == "open" ? berth::net::OpenAgentEndpoint(lock) : berth::net::CloseAgentEndpoint(lock);
  if (done) return 0;
  fmt::print(stderr, "berth-endpoint-helper: {}\n", done.error().message());
  return 1;
}
