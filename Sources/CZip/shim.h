#ifndef CZip_shim_h
#define CZip_shim_h
#include <zlib.h>
#endif
