#ifndef CCairo_shim_h
#define CCairo_shim_h
#include <cairo-pdf.h>
#include <cairo.h>
#endif
