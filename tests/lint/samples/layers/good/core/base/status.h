#include <libsched/status.h>
#include <cstdint>
