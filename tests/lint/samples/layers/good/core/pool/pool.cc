#include "core/base/status.h"
#include "core/pool/pool.h"
#include "core/queue/deque.h"
// #include "capi/src/pool.h"
