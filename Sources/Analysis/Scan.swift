public import Networks
internal import TensorCore

/// Something that looks at each batch of one streaming pass over a data set.
///
/// What an observer holds must not grow with the number of pictures, but for the features that
/// were asked for.
public protocol ScanObserver: AnyObject {
  /// The nodes whose outputs it reads.
  var nodes: [String] { get }

  /// What it holds at the end of the pass if that grows with the number of pictures, in bytes.
  var heldBytes: Int { get }

  /// - Parameters:
  ///   - recording: Keeps at least `nodes`.
  ///   - pictures: The batch's indices in the data set.
  func observe(_ recording: Recording, pictures: [Int])
}

extension ScanObserver {
  public var heldBytes: Int { 0 }
}
