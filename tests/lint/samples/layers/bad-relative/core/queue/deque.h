#include "steal.h"
