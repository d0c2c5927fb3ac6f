import Analysis
import ArgumentParser
import Exhibits
import Files
import Galleries
import TestSupport
import Testing

/// A small network, and one exhibit of it.
struct ExhibitBench<E: Exhibit> {
  let folder: TemporaryFolder
  let studio: Studio

  init() throws {
    folder = try TemporaryFolder()
    studio = Studio(try Model(folder.checkpoint(), "--preprocess", "unit"))
  }

  func figures(_ arguments: String...) throws -> [DrawnFigure] {
    try studio.figures(of: E.self, E.Options.parse(arguments))
  }

  /// Why the exhibit cannot be set up, as the program says it.
  func problem(_ arguments: String..., location: SourceLocation = #_sourceLocation) -> String {
    let error = #expect(throws: (any Error).self, sourceLocation: location) {
      try E(E.Options.parse(arguments), in: studio)
    }
    guard let error else { return "" }
    return switch error {
    case is UsageError, is FileError, is ExhibitUnavailable, is SelectionError: "\(error)"
    default: E.Options.message(for: error)
    }
  }
}
