// What an agent says on its connection for orders: any frames, one a line.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/text.h"
#include "scheduler/agents/acs_session.h"
#include "scheduler/agents/test_agent.h"
#include "scheduler/test_world.h"

namespace {

using namespace berth;
using namespace berth::scheduler;

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static http::IoLoop loop;
  TestWorld at;
  const std::string instance = TestWorld::KeyOf(at.AddInstance());
  at.RegisterWeb();
  at.RunWeb();
  const SessionMint mint = *SessionMint::Make(at.world.identity().seal_key);
  const PayloadBuilder payloads(at.world, mint, std::chrono::hours(6));
  const auto socket = std::make_shared<FakeSocket>();
  const auto session = std::make_shared<AcsSession>(AcsSession::Setup{.loop = loop,
                                                                      .world = at.world,
                                                                      .payloads = payloads,
                                                                      .times = {},
                                                                      .instance_key = instance,
                                                                      .socket = socket,
                                                                      .send_credentials = true});
  session->Start([] {});
  at.Settle();
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  for (const std::string& frame : Split(text, '\n')) {
    socket->Say(frame);
    at.Settle();
  }
  socket->Drop();
  return 0;
}
