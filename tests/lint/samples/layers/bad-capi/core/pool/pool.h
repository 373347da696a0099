#include <libsched/pool.h>
