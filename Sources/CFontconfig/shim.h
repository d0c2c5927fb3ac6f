#ifndef CFontconfig_shim_h
#define CFontconfig_shim_h
#include <fontconfig/fontconfig.h>
#endif
