#include "core/pool/pool.h"
