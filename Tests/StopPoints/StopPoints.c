#ifdef __linux__
#define _GNU_SOURCE
#include "include/StopPoints.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

static int (*real_open)(const char *, int, ...);

static void count(const char *call, const char *path) {
  static atomic_long calls;
  const char *at = getenv("STOP_AT");
  if (at == NULL) return;
  if (atomic_fetch_add(&calls, 1) + 1 != atol(at)) return;
  const char *log = getenv("STOP_LOG");
  if (log != NULL) {
    if (real_open == NULL) real_open = dlsym(RTLD_NEXT, "open");
    int file = real_open(log, O_WRONLY | O_CREAT | O_TRUNC, 0666);
    if (file >= 0) dprintf(file, "%s %s", call, path);
  }
  _exit(STOP_STATUS);
}

#define REAL(name) \
  static __typeof__(name) *real; \
  if (real == NULL) real = dlsym(RTLD_NEXT, #name)

int rename(const char *from, const char *to) {
  REAL(rename);
  count("rename", from);
  return real(from, to);
}

int renameat(int a, const char *from, int b, const char *to) {
  REAL(renameat);
  count("renameat", from);
  return real(a, from, b, to);
}

int renameat2(int a, const char *from, int b, const char *to, unsigned int flags) {
  REAL(renameat2);
  count("renameat2", from);
  return real(a, from, b, to, flags);
}

int link(const char *from, const char *to) {
  REAL(link);
  count("link", to);
  return real(from, to);
}

int linkat(int a, const char *from, int b, const char *to, int flags) {
  REAL(linkat);
  count("linkat", to);
  return real(a, from, b, to, flags);
}

int symlink(const char *target, const char *path) {
  REAL(symlink);
  count("symlink", path);
  return real(target, path);
}

int unlink(const char *path) {
  REAL(unlink);
  count("unlink", path);
  return real(path);
}

int unlinkat(int folder, const char *path, int flags) {
  REAL(unlinkat);
  count("unlinkat", path);
  return real(folder, path, flags);
}

int remove(const char *path) {
  REAL(remove);
  count("remove", path);
  return real(path);
}

int rmdir(const char *path) {
  REAL(rmdir);
  count("rmdir", path);
  return real(path);
}

int mkdir(const char *path, mode_t mode) {
  REAL(mkdir);
  count("mkdir", path);
  return real(path, mode);
}

int mkdirat(int folder, const char *path, mode_t mode) {
  REAL(mkdirat);
  count("mkdirat", path);
  return real(folder, path, mode);
}

int flock(int file, int operation) {
  REAL(flock);
  if (getenv("NO_LOCKS") == NULL) return real(file, operation);
  errno = ENOTSUP;
  return -1;
}

// The mode argument exists only if a file may be created.
#define MODE(flags) \
  mode_t mode = 0; \
  if ((flags & O_CREAT) != 0) { \
    va_list rest; \
    va_start(rest, flags); \
    mode = va_arg(rest, mode_t); \
    va_end(rest); \
    count("open", path); \
  }

int open(const char *path, int flags, ...) {
  REAL(open);
  MODE(flags);
  return real(path, flags, mode);
}

int open64(const char *path, int flags, ...) {
  REAL(open64);
  MODE(flags);
  return real(path, flags, mode);
}

int openat(int folder, const char *path, int flags, ...) {
  REAL(openat);
  MODE(flags);
  return real(folder, path, flags, mode);
}

int openat64(int folder, const char *path, int flags, ...) {
  REAL(openat64);
  MODE(flags);
  return real(folder, path, flags, mode);
}
#endif
