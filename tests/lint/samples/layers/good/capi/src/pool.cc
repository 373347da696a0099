#include <libsched/pool.h>
#include "core/pool/pool.h"
