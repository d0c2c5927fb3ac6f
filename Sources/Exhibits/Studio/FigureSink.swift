internal import Drawing
public import Foundation
public import Galleries
internal import Images
public import TensorCore

/// Where figures go.
package protocol FigureSink {
  /// Whether it takes a single figure, so that the first of several says the most.
  var takesOne: Bool { get }

  /// Whether the figure already exists, so that it need not be computed.
  func resumes(_ kind: FigureKind, _ name: String) -> Bool

  /// Whether the figure already exists; unlike ``resumes(_:_:)``, this does not count it as taken.
  func hasFinished(_ kind: FigureKind, _ name: String) -> Bool

  /// Takes a figure, which may be put together later and on another thread.
  ///
  /// - Parameter arrays: Its raw numbers, computed only if they are wanted.
  func add(
    _ kind: FigureKind, name: String, facts: FigureFacts, arrays: () -> FigureArrays,
    figure: @escaping @Sendable () throws -> CaptionedFigure) throws

  /// Waits until figures that were added no longer need the processor's cores.
  func settle()

  /// Takes what is known of how the network does on the pictures.
  func note(_ accuracy: Manifest.Accuracy?, warnings: [String])
}

extension FigureSink {
  package func resumes(_ kind: FigureKind, _ name: String) -> Bool { false }
  package func hasFinished(_ kind: FigureKind, _ name: String) -> Bool { false }
}

/// Figures that become files of a gallery.
package struct GallerySink: FigureSink {
  private let writer: GalleryWriter
  private let format: ArraysFormat?

  /// - Parameter format: Of the raw numbers; nil if they are not written.
  package init(_ writer: GalleryWriter, arrays format: ArraysFormat?) {
    self.writer = writer
    self.format = format
  }

  package var takesOne: Bool { false }

  package func resumes(_ kind: FigureKind, _ name: String) -> Bool { writer.resumes(kind, name) }

  package func hasFinished(_ kind: FigureKind, _ name: String) -> Bool {
    writer.hasFinished(kind, name)
  }

  package func add(
    _ kind: FigureKind, name: String, facts: FigureFacts, arrays: () -> FigureArrays,
    figure: @escaping @Sendable () throws -> CaptionedFigure
  ) throws {
    let format = format ?? ArraysFormat.usual(for: kind)
    try writer.add(
      kind, name: name, facts: facts,
      arrays: format.map { try arrays().file(kind, as: $0, path: name) },
      arraysExtension: (format ?? .safetensors).rawValue, figure: figure)
  }

  package func settle() { writer.settle() }

  package func note(_ accuracy: Manifest.Accuracy?, warnings: [String]) {
    writer.note(accuracy, warnings: warnings)
  }
}

/// The only figure of a command, which becomes a file.
package struct FigureFileSink: FigureSink {
  private let file: FigureFile
  private let format: ArraysFormat?

  /// - Parameter format: Of the raw numbers; nil if they are not written.
  package init(_ file: FigureFile, arrays format: ArraysFormat?) {
    (self.file, self.format) = (file, format)
  }

  package var takesOne: Bool { true }

  package func add(
    _ kind: FigureKind, name: String, facts: FigureFacts, arrays: () -> FigureArrays,
    figure: @escaping @Sendable () throws -> CaptionedFigure
  ) throws {
    file.add(
      kind, name: name, facts: facts,
      arrays: try format.map { try arrays().file(kind, as: $0, path: name) }, figure: figure)
  }

  package func settle() {}
  package func note(_ accuracy: Manifest.Accuracy?, warnings: [String]) {}
}

/// A figure with the numbers that it shows.
public struct DrawnFigure: Sendable {
  public let kind: FigureKind
  /// What distinguishes it from others of its kind, such as the layer or the picture.
  public let name: String
  /// The drawing, with its title, caption and scale.
  public let figure: CaptionedFigure
  /// What was computed, by name; missing values are NaN.
  public let finding: [String: Tensor]
  /// How it was made.
  public let facts: FigureFacts

  /// - Parameter pixelsPerPoint: 2 for a figure that stays sharp on screens of high resolution.
  /// - Throws: `DrawingError` if it is larger than a picture may be.
  public func png(pixelsPerPoint: Int = 1) throws -> Data {
    try figure.sheet.render(scale: Double(pixelsPerPoint)).encodedPNG(text: [
      ("Title", figure.title), ("Description", figure.caption), ("kind", kind.name),
    ])
  }
}

/// Collects figures as values, for use in a program.
final class FigureCollection: FigureSink {
  private(set) var figures: [DrawnFigure] = []
  var takesOne: Bool { false }

  func add(
    _ kind: FigureKind, name: String, facts: FigureFacts, arrays: () -> FigureArrays,
    figure: @escaping @Sendable () throws -> CaptionedFigure
  ) throws {
    figures.append(
      DrawnFigure(
        kind: kind, name: name, figure: try figure(), finding: arrays().tensors, facts: facts))
  }

  func settle() {}
  func note(_ accuracy: Manifest.Accuracy?, warnings: [String]) {}
}

/// The program's name and version in the records that it writes.
package enum Release {
  package static let name = "fovea"
  package static let version = "0.1.0"
}
