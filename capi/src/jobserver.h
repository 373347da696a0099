#pragma once

#include "core/jobserver/jobserver.h"
#include "handle.h"

struct libsched_jobserver : sched::capi::Handle {
  static constexpr uint32_t kKind = LIBSCHED_KIND_JOBSERVER;
  explicit libsched_jobserver(sched::Jobserver* jobserver) : Handle(kKind), body(jobserver) {}
  sched::Jobserver* const body;
};
