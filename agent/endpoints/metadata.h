// The metadata endpoints: /v2/metadata and /v2/stats, /v3/ID..., /v4/ID...
#pragma once

#include "agent/endpoints/ecs_calls.h"
#include "agent/endpoints/task_catalog.h"
#include "agent/stats/usage_book.h"
#include "base/http/server.h"

namespace berth::agent::endpoints {

/// What the answers are made of. Must outlive the requests, but for those that wait for `calls`.
struct MetadataSources {
  const TaskCatalog& catalog;
  const stats::UsageBook& usage;
  EcsCalls& calls;
};

/// Answers a request for a path below /v2/ (but credentials), /v3/ or /v4/. All is answered at
/// once, but for what has tags in it, which waits for the API.
void AnswerMetadata(const MetadataSources& sources, const http::Request& request,
                    http::Respond respond);

}  // namespace berth::agent::endpoints
