// From the records to what placement sees.
#pragma once

#include "scheduler/model/records.h"
#include "scheduler/placement/instance.h"

namespace berth::scheduler {

/// Fills `view` from the record, as if no task were there. Does not touch `agent_connected`.
void Describe(const InstanceRecord& record, placement::Instance& view);

/// The task takes its share of the instance. One that has stopped has none.
void Occupy(placement::Instance& view, const TaskRecord& task);
/// It gives back what Occupy took; `task` is as it was then.
void Vacate(placement::Instance& view, const TaskRecord& task);

/// What a resource of that name holds (INTEGER, LONG or DOUBLE); 0 if it is not there.
int64_t AmountOf(const std::vector<ecs::api::Resource>& resources, std::string_view name);

}  // namespace berth::scheduler
