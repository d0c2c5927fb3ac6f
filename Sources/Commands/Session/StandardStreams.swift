import Files
import Foundation

/// The three standard streams, any of which may be closed when the program starts.
enum StandardStreams {
  /// Opens `/dev/null` for streams that are closed, and makes writing to a closed pipe an error
  /// instead of a signal.
  static func prepare() {
    signal(SIGPIPE, SIG_IGN)
    for (stream, mode) in [
      (STDIN_FILENO, O_RDONLY),
      // Output to it would be lost: opened for reading only, so that writing fails.
      (STDOUT_FILENO, O_RDONLY),
      (STDERR_FILENO, O_WRONLY),
    ] where fcntl(stream, F_GETFD) < 0 {
      // Otherwise the next file to be opened would get this descriptor, the lowest free one.
      _ = open("/dev/null", mode)
    }
  }

  /// - Throws: `FileError` of kind `.unwritable`.
  static func writeOutput(_ text: String) throws(FileError) {
    if let error = writeAll(Data(text.utf8), to: STDOUT_FILENO) {
      throw FileError(
        .unwritable, "standard output", "cannot be written: \(words(for: error))")
    }
  }

  /// Remarks and progress; errors in writing them are ignored.
  static func writeError(_ text: String) {
    _ = writeAll(Data(text.utf8), to: STDERR_FILENO)
  }
}
