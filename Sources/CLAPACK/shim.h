#ifndef CLAPACK_shim_h
#define CLAPACK_shim_h
#include <lapacke.h>
#endif
