#include "agent/stats/usage_book.h"

namespace berth::agent::stats {

Result<void> UsageBook::Watch(const std::string& id, UsagePlaces places) {
  UsageReader reader = TRY(UsageReader::Open(std::move(places)));
  pages_[id].reader.emplace(std::move(reader));
  return {};
}

void UsageBook::Sample() {
  for (auto& [id, page] : pages_) {
    if (!page.reader) continue;
    if (Result<ContainerUsage> usage = page.reader->Read()) {
      page.history.Add(*std::move(usage));
    } else {
      page.reader.reset();
    }
  }
}

UsageHistory* UsageBook::Find(const std::string& id) {
  const auto found = pages_.find(id);
  return found == pages_.end() ? nullptr : &found->second.history;
}

const UsageHistory* UsageBook::Find(const std::string& id) const {
  const auto found = pages_.find(id);
  return found == pages_.end() ? nullptr : &found->second.history;
}

}  // namespace berth::agent::stats
