import Analysis
import Foundation
import Kernels
import Networks
import TensorCore
import TestSupport
import Testing

/// A scan of some pictures that can be stopped between two of them.
private struct SavedCase: Sendable, CustomTestStringConvertible {
  let name: String
  let testDescription: String
  let count: Int
  let make: @Sendable (Int) throws -> (Network, Tensor)
  let scan: @Sendable (Network) -> any SavableScan

  init(
    _ name: String, count: Int = 17, _ make: @escaping @Sendable (Int) throws -> (Network, Tensor),
    scan: @escaping @Sendable (Network) -> any SavableScan
  ) {
    (self.name, testDescription, self.count) = (name, name, count)
    (self.make, self.scan) = (make, scan)
  }

  /// A convolution, its activation and a classifier.
  private static func network(
    _ seed: Int, _ activation: any Networks.Operation, shape: Shape = [2, 7, 7]
  ) throws -> Network {
    var sketch = NetworkSketch(shape, seed: seed)
    try sketch.convolution("conv", filters: 5, Convolution(shape[1] > 2 ? 3 : 1))
    try sketch.add("act", activation)
    try sketch.add("flat", Flatten())
    try sketch.linear("fc", outputs: 6)
    var network = try sketch.network()
    // One unit that nothing activates.
    network.parameters["conv.bias"] = Tensor(shape: [5], [0, 0, -1e4, 0, 0.1])
    return network
  }

  static let all = [
    SavedCase("ReLU6, ranked by the convolution") { seed in
      var network = try network(seed, Activation(.clip(lower: 0, upper: 6)))
      network.parameters["conv.weight"] = network.parameters["conv.weight"].map { $0 * 40 }
      return (network, .random([17, 2, 7, 7], seed: seed))
    } scan: {
      TopActivationScan($0, layers: ["act", "conv"], count: 4)
    },
    SavedCase("several places of a picture") { seed in
      (try network(seed, Activation.relu), .random([17, 2, 7, 7], seed: seed))
    } scan: {
      TopActivationScan($0, layers: ["act"], count: 5, perPicture: 3)
    },
    SavedCase("a fully connected layer") { seed in
      (try network(seed, Activation.relu), .random([17, 2, 7, 7], seed: seed))
    } scan: {
      TopActivationScan($0, layers: ["flat", "fc"])
    },
    SavedCase("pictures with NaN and infinity") { seed in
      var numbers = Tensor.random([17, 2, 7, 7], seed: seed).elements
      for (picture, value) in [(2, Float.nan), (9, .infinity), (15, .nan)] {
        numbers[picture * 98 + 20] = value
      }
      return (
        try network(seed, Activation.relu), Tensor(shape: [17, 2, 7, 7], numbers)
      )
    } scan: {
      TopActivationScan($0, layers: ["conv", "act", "fc"], count: 3)
    },
    SavedCase("one pixel, one picture", count: 1) { seed in
      (
        try network(seed, Activation.relu, shape: [1, 1, 1]), .random([1, 1, 1, 1], seed: seed)
      )
    } scan: {
      TopActivationScan($0, layers: ["act"])
    },
    SavedCase("no layers") { seed in
      (try network(seed, Activation.relu), .random([17, 2, 7, 7], seed: seed))
    } scan: {
      TopActivationScan($0, layers: [])
    },
    SavedCase("all units of a layer, ranked by the convolution") { seed in
      var network = try network(seed, Activation(.clip(lower: 0, upper: 6)))
      network.parameters["conv.weight"] = network.parameters["conv.weight"].map { $0 * 40 }
      return (network, .random([17, 2, 7, 7], seed: seed))
    } scan: {
      UnitScan($0, layer: "act", pictures: 17)
    },
    SavedCase("some units of a layer, with NaN") { seed in
      var numbers = Tensor.random([17, 2, 7, 7], seed: seed).elements
      for picture in [0, 11] { numbers[picture * 98 + 20] = .nan }
      return (try network(seed, Activation.relu), Tensor(shape: [17, 2, 7, 7], numbers))
    } scan: {
      UnitScan($0, layer: "fc", units: [4, 1], pictures: 17)
    },
    SavedCase("pictures of classes, with labels") { seed in
      (try network(seed, Activation.relu), .random([17, 2, 7, 7], seed: seed))
    } scan: {
      TopClassPictureScan($0, layer: "fc", count: 3) { $0 % 8 < 6 ? $0 % 8 : nil }
    },
    SavedCase("pictures of classes, without labels and with NaN") { seed in
      var numbers = Tensor.random([17, 2, 7, 7], seed: seed).elements
      numbers[5 * 98] = .nan
      return (try network(seed, Activation.relu), Tensor(shape: [17, 2, 7, 7], numbers))
    } scan: {
      TopClassPictureScan($0, layer: "fc", count: 9) { _ in nil }
    },
  ]
}

extension SavableScan {
  fileprivate func see(_ pictures: Range<Int>, of images: Tensor, in network: Network) {
    for start in stride(from: pictures.lowerBound, to: pictures.upperBound, by: 3) {
      let range = start..<min(start + 3, pictures.upperBound)
      observe(network.record(images.rows(range)), pictures: Array(range))
    }
  }

  fileprivate var saved: [UInt8] {
    var state = ScanStateWriter()
    save(into: &state)
    return state.bytes
  }

  /// Whether the bytes are all of a state, which then replaces this scan's own.
  fileprivate func takeUp(_ bytes: [UInt8], pictures: Int) -> Bool {
    var state = ScanStateReader(bytes)
    guard let restore = try? restoration(from: &state, pictures: pictures), state.isAtEnd else {
      return false
    }
    restore()
    return true
  }

  /// Everything in its findings, as text: numbers that differ are written differently.
  fileprivate var found: String {
    switch self {
    case let scan as TopActivationScan: "\(scan.findings())"
    case let scan as UnitScan: "\(scan.findings())"
    case let scan as TopClassPictureScan: scan.finding.map { "\($0)" } ?? ""
    default: preconditionFailure("an unknown scan")
    }
  }
}

@Suite struct `Saved scans` {
  @Test(arguments: SavedCase.all, 0..<3)
  fileprivate func `find what the scan found that was saved`(item: SavedCase, seed: Int) throws {
    let (network, images) = try item.make(seed)
    let scan = item.scan(network)
    scan.see(0..<item.count, of: images, in: network)
    let (bytes, found) = (scan.saved, scan.found)
    #expect(bytes.count <= scan.mostSavedBytes + 64)
    let other = item.scan(network)
    #expect(other.found != found || scan.nodes.isEmpty)
    try #require(other.takeUp(bytes, pictures: item.count))
    #expect(other.found == found)
    #expect(other.saved == bytes)
    // What is taken up replaces what was found before.
    #expect(scan.takeUp(bytes, pictures: item.count) && scan.found == found)
  }

  @Test(arguments: SavedCase.all, [0, 3, 6, 15, 17])
  fileprivate func `go on as if they had not been interrupted`(item: SavedCase, part: Int) throws {
    let (network, images) = try item.make(7)
    let whole = item.scan(network)
    whole.see(0..<item.count, of: images, in: network)
    let (first, second) = (item.scan(network), item.scan(network))
    let part = min(part, item.count)
    first.see(0..<part, of: images, in: network)
    try #require(second.takeUp(first.saved, pictures: item.count))
    second.see(part..<item.count, of: images, in: network)
    #expect(second.found == whole.found)
  }

  @Test(.slow, arguments: SavedCase.all)
  fileprivate func `change nothing if the bytes end early or go on`(item: SavedCase) throws {
    let (network, images) = try item.make(1)
    let scan = item.scan(network)
    scan.see(0..<item.count, of: images, in: network)
    let (bytes, found) = (scan.saved, scan.found)
    for length in bytes.indices {
      #expect(!scan.takeUp(Array(bytes.prefix(length)), pictures: item.count), "\(length)")
    }
    #expect(!scan.takeUp(bytes + [0], pictures: item.count))
    #expect(scan.found == found)
    // Of more pictures than there are.
    if item.count > 1, !scan.nodes.isEmpty {
      #expect(!scan.takeUp(bytes, pictures: item.count - 1))
    }
  }

  @Test(.slow, arguments: SavedCase.all)
  fileprivate func `trust no bytes`(item: SavedCase) throws {
    let (network, images) = try item.make(2)
    let scan = item.scan(network)
    scan.see(0..<item.count, of: images, in: network)
    let bytes = Data(scan.saved)
    var mutations = Mutations(seed: 3)
    for _ in 0..<500 {
      let other = item.scan(network)
      guard other.takeUp([UInt8](mutations.changed(bytes)), pictures: item.count) else { continue }
      // What remains possible is usable.
      #expect(!other.found.isEmpty)
      other.see(0..<1, of: images, in: network)
    }
  }

  @Test func `of other layers, counts and labels have other facts`() throws {
    let (network, _) = try SavedCase.all[0].make(0)
    func activations(_ layers: [String], _ count: Int = 9, _ perPicture: Int = 1) -> [String] {
      TopActivationScan(network, layers: layers, count: count, perPicture: perPicture)
        .facts(of: [0, 1])
    }
    func classes(
      _ layer: String = "fc", _ count: Int = 9, _ label: @escaping (Int) -> Int?
    ) -> [String] {
      TopClassPictureScan(network, layer: layer, count: count, label: label)
        .facts(of: [0, 1, 2, 3])
    }
    func units(_ layer: String, _ units: [Int]? = nil) -> [String] {
      UnitScan(network, layer: layer, units: units).facts(of: [0, 1])
    }
    let all = [
      units("act"), units("conv"), units("act", [0, 1]), units("act", [0, 2]), activations(["act"]),
      activations(["conv"]), activations(["act", "conv"]),
      activations(["conv", "act"]), activations([]), activations(["act"], 8),
      activations(["act"], 9, 2), activations(["act\", \"conv"]),
      classes { _ in nil }, classes { _ in 0 }, classes { $0 % 2 }, classes { $0 / 2 },
      classes { $0 == 3 ? nil : 0 }, classes("fc", 8) { _ in nil },
    ]
    #expect(Set(all).count == all.count)
    #expect(activations(["act"]) == activations(["act"]))
  }
}
