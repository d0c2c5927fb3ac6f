public import Datasets
public import Files
internal import TensorCore

/// Synthetic examples with known factors, that can be written to a folder with a table of them.
///
/// An example depends only on the seed and its index. Classes take turns, each block of them in an
/// order of its own, so that examples spread evenly over the data set are of all classes.
public protocol FactoredDataset: Dataset {
  /// Of the table's columns, `class` first; an example may lack some.
  static var factorNames: [String] { get }
  /// What one is called in the names of files.
  static var word: String { get }
  /// The end of the name of its file; empty for a folder.
  static var fileEnding: String { get }

  var seed: UInt64 { get }

  func factors(at index: Int) -> [String: Annotations.Value]

  /// - Throws: `FileError` of kind `.unwritable`.
  func write(_ index: Int, to path: String) throws(FileError)
}

extension FactoredDataset {
  public var holdsArrays: Bool { true }

  public func label(at index: Int) throws -> Int? { classTakingTurns(at: index) }
  public func source(at index: Int) throws -> String {
    "\(Self.word) \(index) (\(classNames[classTakingTurns(at: index)]))"
  }

  /// The class of an example: each block of as many as there are classes has all of them, in an
  /// order of its own.
  func classTakingTurns(at index: Int) -> Int {
    let count = classNames.count
    let (block, place) = index.quotientAndRemainder(dividingBy: count)
    var generator = SeededGenerator(seed: seed, path: 0x7042, block)
    return (0..<count).shuffled(using: &generator)[place]
  }

  public func annotations(at index: Int) throws -> Annotations {
    Annotations(factors: factors(at: index))
  }
}
