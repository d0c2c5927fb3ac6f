import Files
import Foundation

/// The three streams that a program is started with, or without.
enum StandardStreams {
  /// Takes the places of streams that the program was started without, and has a reader that goes
  /// away be an error of writing in place of a signal.
  static func prepare() {
    signal(SIGPIPE, SIG_IGN)
    for (stream, mode) in [
      (STDIN_FILENO, O_RDONLY),
      // What is written to this one is lost, and the writer is to know.
      (STDOUT_FILENO, O_RDONLY),
      (STDERR_FILENO, O_WRONLY),
    ] where fcntl(stream, F_GETFD) < 0 {
      // Otherwise the next file that is opened takes the place; the lowest number is free.
      _ = open("/dev/null", mode)
    }
  }

  /// - Throws: `FileError` of kind `.unwritable`.
  static func writeOutput(_ text: String) throws(FileError) {
    if let error = write(text, to: STDOUT_FILENO) {
      throw FileError(
        .unwritable, "standard output", "cannot be written: \(String(cString: strerror(error)))")
    }
  }

  /// Remarks and progress, which no work stops for.
  static func writeError(_ text: String) { _ = write(text, to: STDERR_FILENO) }

  /// - Returns: The system's error number; nil when all is written.
  private static func write(_ text: String, to stream: Int32) -> Int32? {
    var rest = Array(text.utf8)[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { Foundation.write(stream, $0.baseAddress, $0.count) }
      if count > 0 {
        rest = rest.dropFirst(count)
      } else if count == 0 {
        // `errno` is that of an earlier call.
        return EIO
      } else if errno == EAGAIN {
        // Whoever started the program wants no waiting on a pipe that is full; we do.
        var wait = pollfd(fd: stream, events: Int16(POLLOUT), revents: 0)
        poll(&wait, 1, -1)
      } else if errno != EINTR {
        return errno
      }
    }
    return nil
  }
}
