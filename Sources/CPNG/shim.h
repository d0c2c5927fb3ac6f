#ifndef CPNG_shim_h
#define CPNG_shim_h
#include <png.h>
#endif
