#pragma once

namespace model {

// Puts the checker in place of the system: from here on the engine's threads, its clock and its CPUs are the scenario's.
// For every scenario whose code starts threads or asks for the time; a second call changes nothing.
void install_system();

}  // namespace model
