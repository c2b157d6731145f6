#include "cgroups/hugetlb.h"

#include "base/format.h"

namespace berth::cgroups {

std::vector<Setting> HugetlbSettings(const std::vector<HugetlbLimit>& limits) {
  std::vector<Setting> settings;
  for (const HugetlbLimit& limit : limits) {
    const std::string used = fmt::format("hugetlb.{}.max", limit.page_size);
    settings.push_back({.controller = "hugetlb", .file = used, .value = LimitText(limit.max)});
    settings.push_back({.controller = "hugetlb",
                        .file = fmt::format("hugetlb.{}.rsvd.max", limit.page_size),
                        .value = LimitText(limit.max),
                        .fallback = used});
  }
  return settings;
}

}  // namespace berth::cgroups
