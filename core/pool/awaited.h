#pragma once

#include <cstdint>

#include "core/queue/steal.h"

namespace sched {

class Worker;

// Something that a worker waits for. Whoever ends it rouses the worker (Sleepers::rouse) after that.
class Awaited {
 public:
  virtual bool ended() const = 0;
  // Does work on this worker that brings the end nearer. kEmpty: there is none now.
  virtual StealStatus help(Worker& worker) = 0;

 protected:
  ~Awaited() = default;
};

}  // namespace sched
