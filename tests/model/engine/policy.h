#pragma once

// Stands in for core/sync/std_sync.h's policy when the engine is compiled for the checker.
#include <mutex>

#include "core/sys/calls.h"
#include "core/sys/pages.h"
#include "tests/model/engine/constants.h"

namespace sched {
using StdSync = model::ModelSync;
}  // namespace sched
