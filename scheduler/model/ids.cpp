#include "scheduler/model/ids.h"

#include "base/text.h"

namespace berth::scheduler {

std::string RandomUuid() {
  std::string hex = RandomHex(16);
  hex[12] = '4';                    // version
  hex[16] = "89ab"[(hex[16] & 3)];  // variant
  return hex.substr(0, 8) + "-" + hex.substr(8, 4) + "-" + hex.substr(12, 4) + "-" +
         hex.substr(16, 4) + "-" + hex.substr(20);
}

}  // namespace berth::scheduler
