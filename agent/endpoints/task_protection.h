// The task protection endpoint: GET and PUT /api/ID/task-protection/v1/state.
#pragma once

#include "agent/endpoints/ecs_calls.h"
#include "agent/endpoints/task_catalog.h"
#include "base/http/server.h"

namespace berth::agent::endpoints {

/// Calls the ECS API as the task's role and hands its answer on. Only the task itself may ask.
void AnswerTaskProtection(const TaskCatalog& catalog, EcsCalls& calls, const http::Request& request,
                          http::Respond respond);

}  // namespace berth::agent::endpoints
