/// Preloaded into a program (LD_PRELOAD), this ends it just before its STOP_AT-th call that changes
/// a name on disk, as a kill would: nothing more is written, removed or printed.
///
/// The exit status is then STOP_STATUS, and the call is written to the file STOP_LOG, if that is
/// set. With NO_LOCKS, no file can be locked.

#define STOP_STATUS 86
