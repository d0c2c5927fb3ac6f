#ifndef CMemory_shim_h
#define CMemory_shim_h
#include <stdlib.h>
#ifdef __GLIBC__
#include <malloc.h>
#endif

// Large blocks go back to the system when they are freed, and threads share their arenas.
// Elsewhere than in the GNU C library nothing needs to be asked.
static inline void fovea_keep_memory_small(void) {
#ifdef __GLIBC__
  mallopt(M_MMAP_THRESHOLD, 1 << 18);
  mallopt(M_ARENA_MAX, 2);
#endif
}
#endif
