internal import HeapModule
internal import Networks
internal import TensorCore

/// A scan that can save what it has found so far, so that another run takes it up instead of
/// looking at those pictures again.
package protocol SavableScan: ScanObserver {
  /// What it looks for: scans of one network with the same facts find the same in these pictures.
  func facts(of pictures: [Int]) -> [String]

  /// An upper bound on what it saves, whatever it finds.
  var mostSavedBytes: Int { get }

  func save(into state: inout ScanStateWriter)

  /// Reads what a scan with the same facts has saved, and changes nothing yet.
  ///
  /// - Parameter pictures: The number of pictures in the data set.
  /// - Returns: Replaces what this scan has found.
  func restoration(
    from state: inout ScanStateReader, pictures: Int
  ) throws(DamagedScanState) -> () -> Void
}

extension TopActivationScan: SavableScan {
  package func facts(of pictures: [Int]) -> [String] {
    ["strongest activations", "\(layers)", "\(count) with \(perPicture) per picture"]
  }

  package var mostSavedBytes: Int {
    watches.reduce(0) { sum, watch in
      sum + watch.heaps.count
        * (count * ScanStateWriter.mostExcitationBytes + ScanStateWriter.mostResponseBytes)
    }
  }

  package func save(into state: inout ScanStateWriter) {
    state.append(pictureCount)
    for watch in watches {
      for heap in watch.heaps {
        state.append(heap.count)
        for ranked in heap.unordered.sorted(by: >) { state.append(ranked.excitation) }
      }
      watch.responses.save(into: &state)
      state.append(watch.nonFiniteUnits.count)
      for unit in watch.nonFiniteUnits.sorted() { state.append(unit) }
      state.append(watch.nonFinitePictures)
    }
  }

  package func restoration(
    from state: inout ScanStateReader, pictures: Int
  ) throws(DamagedScanState) -> () -> Void {
    let pictureCount = try state.integer(0...pictures)
    var restored: [Watch] = []
    for var watch in watches {
      let units = watch.heaps.count
      let positions = network.shapes[watch.layer]?.elementCount ?? 1
      for unit in 0..<units {
        var ranked: [Ranked] = []
        for _ in 0..<(try state.integer(0...count)) {
          ranked.append(
            Ranked(excitation: try state.excitation(pictures: pictures, positions: positions)))
        }
        watch.heaps[unit] = Heap(ranked)
      }
      watch.responses = try ResponseCount(from: &state, units: units, pictures: pictures)
      watch.nonFiniteUnits = []
      for _ in 0..<(try state.integer(0...units)) {
        watch.nonFiniteUnits.insert(try state.integer(0...(max(units, 1) - 1)))
      }
      watch.nonFinitePictures = try state.integer(0...pictures)
      restored.append(watch)
    }
    return { (self.pictureCount, self.watches) = (pictureCount, restored) }
  }
}
