#include "bench/load.h"

#include <algorithm>
#include <cmath>

namespace berth::bench {

double Latencies::Quantile(double share) const {
  if (all_.empty()) return 0;
  std::vector<double> sorted = all_;
  const double rank = std::ceil(share * static_cast<double>(sorted.size()));
  const auto at =
      sorted.begin() + std::max<std::ptrdiff_t>(static_cast<std::ptrdiff_t>(rank) - 1, 0);
  std::nth_element(sorted.begin(), at, sorted.end());
  return *at;
}

void Load::Start() {
  for (size_t i = 0; i < call_.clients; ++i) CallNext(clients_.emplace_back(loop_, account_));
}

void Load::CallNext(SignedApi& api) {
  if (begun_ == call_.calls) return;
  const size_t at = begun_++;
  api.Call(call_.operation, call_.body(at), [this, &api, at, begin = Clock::now()](auto body) {
    latencies_.Add(begin, Clock::now());
    ++answered_;
    CallNext(api);
    call_.answered(at, begin, std::move(body));
  });
}

}  // namespace berth::bench
