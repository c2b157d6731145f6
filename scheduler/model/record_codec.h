// Records as JSON and back: what stands in the store.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "scheduler/model/records.h"

namespace berth::scheduler {

/// Instantiated in record_codec.cpp for every struct of records.h. A field that an earlier version
/// did not write has its default; one of a later version is an error that names it.
template <typename Record>
std::string EncodeRecord(const Record& record);

template <typename Record>
Result<Record> DecodeRecord(std::string_view json);

}  // namespace berth::scheduler
