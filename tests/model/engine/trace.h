#pragma once

#include <atomic>
#include <cstdint>
#include <string>
#include <vector>

#include "tests/model/engine/clock.h"

namespace model {

// The place in the source that an operation was called from.
struct Where {
  const char* file = "";
  int line = 0;
};

// One operation, as a failed execution shows it.
struct Event {
  ThreadId thread = 0;
  const char* operation = "";
  std::string location;
  std::memory_order order = std::memory_order_relaxed;
  bool atomic = false;  // order, values and read_from mean something
  bool plain = false;   // of a cell that is not atomic
  bool reads = false;
  bool writes = false;
  std::uint64_t value_read = 0;
  std::uint64_t value_written = 0;
  std::uint32_t read_from = 0;  // the event that wrote it; 0 = the initial value
  bool outdated = false;        // there was a newer store
  Where where;
};

const char* name_of(std::memory_order order);

// The events as a table, with the line of the source each came from. Of plain accesses only those to the cell of the last
// event are shown, if that is one.
std::string table(const std::vector<Event>& events);

}  // namespace model
