#ifndef CCrypto_shim_h
#define CCrypto_shim_h
#include <openssl/evp.h>
#include <openssl/sha.h>
#endif
