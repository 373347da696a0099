#include "bindings/csharp/native/leave.h"

#include <cstdlib>

void libsched_leave(std::int32_t code) { std::exit(code); }
