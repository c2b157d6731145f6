// Introspection: what the agent tells the host of itself and its tasks.
#pragma once

#include "agent/endpoints/task_catalog.h"
#include "base/http/message.h"

namespace berth::agent::endpoints {

/// /v1/metadata, /v1/tasks (all, or one by ?taskarn= or ?dockerid=, which may be the start of an
/// id), /license; anything else is answered with this list.
http::Response AnswerIntrospection(const TaskCatalog& catalog, const http::Request& request);

}  // namespace berth::agent::endpoints
