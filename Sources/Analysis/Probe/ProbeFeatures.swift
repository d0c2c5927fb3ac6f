public import Networks
public import TensorCore

/// The features of one layer for each picture of a probe, in memory at once.
public final class ProbeFeatures {
  public let layer: String
  public let pooling: ProbePooling
  public let featureCount: Int
  /// `[rows, features]`, row by row.
  private var values: [Float]
  private var isKnown: [Bool]

  public var rowCount: Int { isKnown.count }

  /// - Parameter rows: How many pictures there are.
  public init(_ network: Network, layer: String, pooling: ProbePooling, rows: Int) {
    self.layer = layer
    self.pooling = pooling
    featureCount = pooling.featureCount(of: network.shapes[layer] ?? [1, 1])
    values = [Float](repeating: 0, count: rows * featureCount)
    isKnown = [Bool](repeating: false, count: rows)
  }

  /// - Parameters:
  ///   - values: `[rows, features]`.
  ///   - layer: Whose they are.
  public init(_ values: Tensor, layer: String = "", pooling: ProbePooling = .flatten) {
    self.layer = layer
    self.pooling = pooling
    featureCount = values.shape[1]
    self.values = values.elements
    isKnown = [Bool](repeating: true, count: values.shape[0])
  }

  /// The size in memory of the features of pictures, in bytes.
  public static func bytes(rows: Int, features: Int) -> Int {
    let (count, overflows) = rows.multipliedReportingOverflow(by: features)
    let (bytes, alsoOverflows) = count.multipliedReportingOverflow(by: MemoryLayout<Float>.stride)
    return overflows || alsoOverflows ? .max : bytes
  }

  /// Takes the features of a batch.
  ///
  /// - Parameter rows: The row of each picture of the batch.
  public func take(_ recording: Recording, rows: [Int]) {
    pooling.features(of: recording[layer]).withUnsafeElements { features in
      for (place, row) in rows.enumerated() {
        set(
          row,
          to: UnsafeBufferPointer(
            rebasing: features[(place * featureCount)..<((place + 1) * featureCount)]))
      }
    }
  }

  /// Sets a row; its values are as many as there are features.
  public func set(_ row: Int, to features: UnsafeBufferPointer<Float>) {
    values.withUnsafeMutableBufferPointer { values in
      _ = UnsafeMutableBufferPointer(
        rebasing: values[(row * featureCount)..<((row + 1) * featureCount)]
      ).update(fromContentsOf: features)
    }
    isKnown[row] = true
  }

  /// The rows of a range that are all known; nil if one is not.
  public func known(_ rows: Range<Int>) -> ArraySlice<Float>? {
    guard isKnown[rows].allSatisfy({ $0 }) else { return nil }
    return values[(rows.lowerBound * featureCount)..<(rows.upperBound * featureCount)]
  }

  /// Rows that were never set: pictures that could not be read.
  public var missing: Set<Int> { Set(isKnown.indices.filter { !isKnown[$0] }) }

  /// Rows with values that are NaN or infinite.
  public var nonFinite: [Int] {
    withRows { values in
      (0..<rowCount).filter { row in
        // A sum of zeros times each is zero unless one of them is not finite.
        var sum: Float = 0
        for index in (row * featureCount)..<((row + 1) * featureCount) { sum += 0 * values[index] }
        return sum != 0
      }
    }
  }

  func withRows<R>(_ body: (UnsafeBufferPointer<Float>) -> R) -> R {
    values.withUnsafeBufferPointer(body)
  }
}
