# include <sys/mman.h>
