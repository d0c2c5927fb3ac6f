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
    if let error = writeAll(Data(text.utf8), to: STDOUT_FILENO) {
      throw FileError(
        .unwritable, "standard output", "cannot be written: \(words(for: error))")
    }
  }

  /// Remarks and progress, which no work stops for.
  static func writeError(_ text: String) {
    _ = writeAll(Data(text.utf8), to: STDERR_FILENO)
  }
}
