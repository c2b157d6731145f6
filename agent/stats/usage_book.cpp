#include "agent/stats/usage_book.h"

namespace berth::agent::stats {

Result<void> UsageBook::Watch(const std::string& id, UsagePlaces places) {
  if (!places.host_interface.empty()) TRY(host_.OpenLinks());
  UsageReader reader = TRY(UsageReader::Open(std::move(places)));
  pages_[id].reader.emplace(std::move(reader));
  return {};
}

void UsageBook::Sample() {
  host_.Refresh();
  for (auto& [id, page] : pages_) {
    if (!page.reader) continue;
    if (Result<ContainerUsage> usage = page.reader->Read(host_)) {
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

UsageDetails UsageBook::ReadDetails(const std::string& id) const {
  const auto found = pages_.find(id);
  if (found == pages_.end() || !found->second.reader) return {};
  return found->second.reader->ReadDetails();
}

}  // namespace berth::agent::stats
