// Informs the thread sanitizer about locks that a thread had to wait for.
//
// The fast path of Swift's Mutex is compiled into our code, where the sanitizer sees it. The slow
// path, which waits, is in libswiftSynchronization, which was built without the sanitizer: what
// two threads do one after the other would look concurrent. Preloaded by scripts/sanitize, these
// functions replace those of the library, report what happens, and call the originals.

#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdbool.h>
#include <stdint.h>

#define SWIFT __attribute__((swiftcall))
#define SELF __attribute__((swift_context)) void *mutex

// Defined by the sanitizer; absent in programs that were not built with it.
extern void __tsan_acquire(void *) __attribute__((weak));
extern void __tsan_release(void *) __attribute__((weak));

#define LOCK "$s15Synchronization12_MutexHandleV9_lockSlowyys6UInt32VF"
#define TRY_LOCK "$s15Synchronization12_MutexHandleV12_tryLockSlowSbyF"
#define UNLOCK "$s15Synchronization12_MutexHandleV11_unlockSlowyyF"

SWIFT void fovea_lock(uint32_t thread, SELF) __asm__(LOCK);
SWIFT bool fovea_try_lock(SELF) __asm__(TRY_LOCK);
SWIFT void fovea_unlock(SELF) __asm__(UNLOCK);

SWIFT void fovea_lock(uint32_t thread, SELF) {
  ((SWIFT void (*)(uint32_t, SELF))dlsym(RTLD_NEXT, LOCK))(thread, mutex);
  if (__tsan_acquire) __tsan_acquire(mutex);
}

SWIFT bool fovea_try_lock(SELF) {
  bool locked = ((SWIFT bool (*)(SELF))dlsym(RTLD_NEXT, TRY_LOCK))(mutex);
  if (locked && __tsan_acquire) __tsan_acquire(mutex);
  return locked;
}

SWIFT void fovea_unlock(SELF) {
  if (__tsan_release) __tsan_release(mutex);
  ((SWIFT void (*)(SELF))dlsym(RTLD_NEXT, UNLOCK))(mutex);
}
