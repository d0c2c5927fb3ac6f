/// Loaded before a program (LD_PRELOAD), this ends it before the call of number STOP_AT that
/// changes a name on disk, as a kill would: with nothing written, removed or said any more.
///
/// The status is then STOP_STATUS, and the call is named in the file STOP_LOG, where there is one.
/// With NO_LOCKS, no file can be locked.

#define STOP_STATUS 86
