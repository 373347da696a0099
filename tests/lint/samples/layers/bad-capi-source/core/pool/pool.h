#include "capi/src/handle.h"
