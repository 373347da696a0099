#include "core/misc/thing.h"
