import Analysis
import ArgumentParser
import Drawing
import Exhibits
import Files
import Networks
import Training

/// The exit statuses that Fovea uses, from BSD's sysexits.
enum ExitStatus: Int32 {
  /// Wrong usage.
  case usage = 64
  /// The data is malformed.
  case malformed = 65
  /// An input is missing.
  case missing = 66
  /// A bug in Fovea.
  case software = 70
  /// More memory is needed than may be used.
  case memory = 71
  /// An output cannot be written.
  case unwritable = 73

  /// Nil if the argument parser is only asked to show something, such as help.
  init?(of error: any Error) {
    if let known = ExitStatus(known: error) {
      self = known
      return
    }
    switch Fovea.exitCode(for: error) {
    case .success: return nil
    case .validationFailure: self = .usage
    default: self = .software
    }
  }

  /// Nil for errors that are not Fovea's.
  private init?(known error: any Error) {
    switch error {
    case let error as FileError:
      switch error.kind {
      case .missing: self = .missing
      case .malformed: self = .malformed
      case .unwritable: self = .unwritable
      case .tooLarge: self = .memory
      }
    case is SelectionError, is RecipeError, is UsageError, is ExhibitUnavailable: self = .usage
    case let error as BatchFailure: self = error.status
    case is GraphError, is TrainingError: self = .malformed
    case is DrawingError: self = .software
    default: return nil
    }
  }

  /// One line that says what is wrong.
  static func message(
    for error: any Error, in command: any ParsableCommand.Type = Fovea.self
  ) -> String {
    if let error = error as? FileError, error.kind == .tooLarge {
      return "\(error) (\(MemoryOptions.advice))"
    }
    if ExitStatus(known: error) != nil { return "\(error)" }
    let lines = command.message(for: error).split(whereSeparator: \.isNewline)
    return lines.joined(separator: " ")
  }
}
