#ifndef CTurboJPEG_shim_h
#define CTurboJPEG_shim_h
#include <turbojpeg.h>
#endif
