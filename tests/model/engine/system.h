#pragma once

#include <cstdint>

namespace model {

// Puts the checker in place of the system: from here on the engine has the scenario's threads, clock and CPUs.
// For every scenario whose code starts threads or asks for the time; a second call changes nothing.
void install_system();

// The calling thread sleeps, and the clock moves at a moment that the checker chooses. Without anybody in here it moves
// when a wait with a timeout ends, and so never between a notification and the look at the clock that follows.
void sleep(std::int64_t ns);

}  // namespace model
