// Pages of long lists: maxResults and nextToken.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "ecs/api_error.h"

namespace berth::scheduler {

struct PageRequest {
  std::optional<int64_t> max_results;
  std::optional<std::string> next_token;
  int64_t most = 100;  // what maxResults may be, and is if it is absent
};

struct Page {
  std::vector<std::string> items;
  std::optional<std::string> next_token;
};

/// The part of `items` that is asked for; they are sorted first, descending if told so. The token
/// is the last item shown, in a form that says nothing: pages stay right while items come and go.
/// Errors: InvalidParameterException for maxResults out of range and tokens that are not ours.
enum class PageOrder { kAscending, kDescending };
ecs::ApiResult<Page> CutPage(std::vector<std::string> items, const PageRequest& request,
                             PageOrder order = PageOrder::kAscending);

}  // namespace berth::scheduler
