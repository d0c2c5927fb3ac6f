public import Datasets
public import Files

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

  func factors(at index: Int) -> [String: Annotations.Value]

  /// - Throws: `FileError` of kind `.unwritable`.
  func write(_ index: Int, to path: String) throws(FileError)
}

extension FactoredDataset {
  public var holdsArrays: Bool { true }

  public func annotations(at index: Int) throws -> Annotations {
    Annotations(factors: factors(at: index))
  }
}
