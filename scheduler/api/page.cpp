#include "scheduler/api/page.h"

#include <algorithm>

#include "base/text.h"

namespace berth::scheduler {
namespace {

std::string ToToken(std::string_view item) { return Hex(item); }

std::optional<std::string> FromToken(std::string_view token) {
  if (token.empty() || token.size() % 2 != 0) return std::nullopt;
  std::string item;
  for (size_t i = 0; i < token.size(); i += 2) {
    const auto byte = ParseInteger<unsigned>(token.substr(i, 2), 16);
    if (!byte) return std::nullopt;
    item += static_cast<char>(*byte);
  }
  return item;
}

}  // namespace

ecs::ApiResult<Page> CutPage(std::vector<std::string> items, const PageRequest& request,
                             PageOrder order) {
  const int64_t size = request.max_results.value_or(request.most);
  if (size < 1 || size > request.most) {
    return ecs::InvalidParameter("maxResults must be from 1 to {}, not {}", request.most, size);
  }
  const auto before = [&](const std::string& a, const std::string& b) {
    return order == PageOrder::kAscending ? a < b : b < a;
  };
  std::sort(items.begin(), items.end(), before);
  auto first = items.begin();
  if (request.next_token && !request.next_token->empty()) {
    const auto last_shown = FromToken(*request.next_token);
    if (!last_shown) return ecs::InvalidParameter("Invalid token.");
    first = std::upper_bound(items.begin(), items.end(), *last_shown, before);
  }
  Page page;
  const auto last = items.end() - first > size ? first + size : items.end();
  page.items.assign(first, last);
  if (last != items.end()) page.next_token = ToToken(page.items.back());
  return page;
}

}  // namespace berth::scheduler
