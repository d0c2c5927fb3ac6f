internal import Networks
internal import TensorCore

/// What frozen layers make of the training pictures, kept from one epoch to the next, so that only
/// the layers after them run again.
///
/// Features are kept of full batches and used for full batches: a kernel for another number of
/// pictures may add in another order, so the last batch of an epoch, if it is smaller, runs through
/// the whole network. The weights are the same, bit for bit, as if every epoch ran like the first.
struct FrozenFeatures {
  /// The nodes whose outputs are kept.
  let boundary: [String]
  private let batchSize: Int
  private let expected: Int
  /// The place of each picture among the rows, by its number in the data set.
  private var places: [Int: Int] = [:]
  private var stores: [String: Store] = [:]

  /// The outputs of a node, picture by picture.
  private struct Store {
    /// Of a batch.
    let shape: Shape
    let layout: Layout
    var values: [Float]
  }

  /// - Parameters:
  ///   - boundary: As `Network.frozenBoundary` finds it.
  ///   - pictures: How many there are.
  ///   - memory: In bytes.
  /// - Returns: Nil if there is not enough memory.
  init?(_ boundary: [String], of network: Network, batchSize: Int, pictures: Int, memory: Int) {
    let width = boundary.reduce(0) { $0 + (network.shapes[$1]?.elementCount ?? 0) }
    let (numbers, isHuge) = width.multipliedReportingOverflow(by: pictures)
    // Smaller batches run through the whole network.
    guard !isHuge, numbers <= memory / MemoryLayout<Float>.stride, pictures >= batchSize else {
      return nil
    }
    (self.boundary, self.batchSize, expected) = (boundary, batchSize, pictures)
  }

  /// The outputs of the boundary for a batch; nil if some are not known.
  func outputs(of pictures: [Int]) -> [String: Tensor]? {
    guard pictures.count == batchSize, stores.count == boundary.count else { return nil }
    let rows = pictures.compactMap { places[$0] }
    guard rows.count == pictures.count else { return nil }
    return stores.mapValues { store in
      let width = store.shape.elementCount / batchSize
      return store.values.withUnsafeBufferPointer { source in
        Tensor(shape: store.shape, layout: store.layout) { target in
          for (slot, row) in rows.enumerated() {
            _ = UnsafeMutableBufferPointer(
              rebasing: target[(slot * width)..<((slot + 1) * width)]
            ).initialize(fromContentsOf: source[(row * width)..<((row + 1) * width)])
          }
        }
      }
    }
  }

  /// Keeps the outputs of a run that kept those of the boundary.
  mutating func keep(_ recording: Recording, of pictures: [Int]) {
    guard pictures.count == batchSize, recording.isTogether else { return }
    let fresh = pictures.indices.filter { places[pictures[$0]] == nil }
    guard !fresh.isEmpty else { return }
    for name in boundary {
      let output = recording.ownOutput(of: name)
      guard output.shape.rank > 0, output.shape[0] == batchSize else { return }
      var store =
        stores.removeValue(forKey: name)
        ?? Store(shape: output.shape, layout: output.layout, values: [])
      let width = output.count / batchSize
      if store.values.isEmpty { store.values.reserveCapacity(expected * width) }
      output.arranged(as: store.layout).withUnsafeElements { elements in
        var seen: Set<Int> = []
        for slot in fresh where seen.insert(pictures[slot]).inserted {
          store.values.append(contentsOf: elements[(slot * width)..<((slot + 1) * width)])
        }
      }
      stores[name] = store
    }
    for slot in fresh where places[pictures[slot]] == nil {
      places[pictures[slot]] = places.count
    }
  }
}
