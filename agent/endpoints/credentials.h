// The credentials endpoint: /v1/credentials?id=ID and /v2/credentials/ID.
#pragma once

#include "agent/endpoints/audit_log.h"
#include "agent/endpoints/task_catalog.h"
#include "base/http/message.h"

namespace berth::agent::endpoints {

/// Gives a role's credentials to the task that has it and to nobody else: one who has another's id
/// is told that there is none of that id. Every request is put down in `audit`, the refused as
/// well.
http::Response AnswerCredentials(const TaskCatalog& catalog, AuditLog& audit,
                                 const http::Request& request);

}  // namespace berth::agent::endpoints
