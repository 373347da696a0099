#pragma once

#include "core/fair/dispatcher.h"
#include "handle.h"

struct libsched_dispatcher : sched::capi::Handle {
  explicit libsched_dispatcher(sched::Dispatcher* dispatcher)
      : Handle(LIBSCHED_KIND_DISPATCHER), body(dispatcher) {}
  sched::Dispatcher* const body;
};
