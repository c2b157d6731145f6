// Any operation with any body, by somebody who may do everything. The first line is the operation's
// name, or the number of one that is served; the rest is the body.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/text.h"
#include "scheduler/api/dispatch.h"
#include "scheduler/test_world.h"

namespace {

using namespace berth;
using namespace berth::scheduler;

// Small again every so often, so that an input finds the same world wherever it is tried.
TestWorld& SmallWorld() {
  static std::unique_ptr<TestWorld> world;
  static int uses = 0;
  if (!world || ++uses % 100 == 0) {
    world = std::make_unique<TestWorld>();
    world->AddInstance();
    world->AddNetwork();
    world->AddRole("r");
    world->RegisterWeb();
    world->Register(TestWorld::kVpc);
    world->RunWeb();
  }
  return *world;
}

std::string OperationOf(std::string_view name) {
  static const std::vector<OperationInfo> kAll = AllOperations();
  const auto number = ParseInteger<size_t>(name);
  return std::string(number ? kAll[*number % kAll.size()].name : name);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const size_t line = std::min(text.find('\n'), text.size());
  TestWorld& at = SmallWorld();
  const Principal& caller = size % 2 == 0 ? at.boss : at.agent;
  (void)Dispatch(at.As(caller, OperationOf(text.substr(0, line))),
                 text.substr(std::min(line + 1, text.size())));
  at.Settle();
  return 0;
}
