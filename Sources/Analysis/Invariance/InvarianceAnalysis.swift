internal import Foundation
public import Networks
public import TensorCore

/// Measures how features change while pictures are moved, scaled and rotated (Zeiler and Fergus
/// 2014, section 4 and, in arXiv:1311.2901, figure 5), and how much of the change is the maps' moving along (Lenc and
/// Vedaldi 2015).
///
/// Departs from the paper in that distances are divided by the norm of the original's features, so
/// that layers can be compared.
public struct InvarianceAnalysis {
  /// What is known of one layer so far.
  fileprivate struct LayerSums {
    let name: String
    let geometry: MapGeometry?
    /// Of the original pictures with finite features.
    var sum: [Double] = []
    var squares = 0.0
    var count = 0
    /// One for each sweep.
    var curves: [InvarianceFinding.Layer]
  }

  private let network: Network
  private let sweeps: [TransformationSweep]
  private let surround: Surround
  private var layers: [LayerSums]
  private var pictures: [Int] = []
  private var classes: [Int] = []
  /// By sweep and picture.
  private var probabilities: [[[Double]]]
  private let ranking: Ranking?
  private var nodes: [String] { layers.map(\.name) }
  /// What its runs keep.
  public let keep: Keep

  /// - Parameters:
  ///   - network: Takes pictures, `[C, H, W]`.
  ///   - layers: Whose outputs are compared.
  ///   - sweeps: What is done to the pictures.
  ///   - surround: What is seen outside a transformed picture.
  public init(
    _ network: Network, layers: [String], sweeps: [TransformationSweep], surround: Surround
  ) {
    self.network = network
    self.sweeps = sweeps
    self.surround = surround
    let scores = network.graph.scoreName
    ranking = network.hasClassScores ? network.ranking(of: scores) : nil
    keep = .only(layers + (ranking == nil ? [] : network.nodes(toRank: [scores])))
    let fields = network.receptiveFields()
    self.layers = layers.map { name in
      LayerSums(
        name: name, geometry: MapGeometry(of: name, in: network, fields),
        curves: sweeps.map { _ in InvarianceFinding.Layer(name: name) })
    }
    probabilities = sweeps.map { _ in [] }
  }

  /// Measures one picture.
  ///
  /// - Parameters:
  ///   - picture: `[1, C, H, W]`.
  ///   - index: Its index in the data set.
  ///   - classIndex: The class whose probability is measured; nil for the network's first choice.
  ///   - batchSize: How many transformed pictures are run together.
  /// - Returns: The first layer whose features of the picture itself are not finite; nil if all are.
  public mutating func add(
    _ picture: Tensor, index: Int, classIndex: Int?, batchSize: Int
  ) -> String? {
    let keep = keep
    let hasProbabilities = network.hasClassScores && network.probabilityFunction != .none
    let original = network.record(picture, keeping: keep)
    let own = features(in: original)
    for layer in layers.indices { layers[layer].add(own[layer]) }
    let measured: Int? =
      hasProbabilities ? classIndex ?? predictions(in: original)[0].candidates[0].index : nil
    pictures.append(index)
    if let measured { classes.append(measured) }
    for (number, sweep) in sweeps.enumerated() {
      let mappings = sweep.amounts.map {
        sweep.transformation.mapping(by: $0, height: picture.shape[2], width: picture.shape[3])
      }
      var probabilities: [Double] = []
      for layer in layers.indices { layers[layer].begin(number) }
      for start in stride(from: 0, to: mappings.count, by: batchSize) {
        let some = mappings[start..<min(start + batchSize, mappings.count)]
        let recording = network.record(
          Tensor(
            concatenatingRows: some.map { transformed(picture, by: $0, surround: surround) }),
          keeping: keep)
        let found = features(in: recording)
        for layer in layers.indices {
          layers[layer].add(found[layer], comparedWith: own[layer], Array(some), to: number)
        }
        if let measured {
          probabilities += predictions(in: recording).map {
            $0[measured]?.probability.map(Double.init) ?? .nan
          }
        }
      }
      if measured != nil { self.probabilities[number].append(probabilities) }
    }
    return zip(nodes, own).first { !$1.isFinite }?.0
  }

  /// One for each sweep.
  public var findings: [InvarianceFinding] {
    sweeps.indices.map { number in
      InvarianceFinding(
        sweep: sweeps[number], layers: layers.map { $0.curve(number) },
        pictures: pictures, classes: classes, probabilities: probabilities[number])
    }
  }

  /// The layers' outputs, maps with the channels last.
  private func features(in recording: Recording) -> [Tensor] {
    nodes.map { node in
      let output = recording[node]
      return output.arranged(as: output.shape.rank == 4 ? .channelsLast : .rowMajor)
    }
  }

  private func predictions(in recording: Recording) -> [Prediction] {
    Prediction.all(
      from: recording.scores, by: network.probabilityFunction, ranks: ranking?.values(in: recording)
    )
  }
}

extension InvarianceAnalysis.LayerSums {
  /// Takes the features of an original picture.
  fileprivate mutating func add(_ features: Tensor) {
    guard features.isFinite else { return }
    count += 1
    features.withUnsafeElements { values in
      if sum.isEmpty { sum = [Double](repeating: 0, count: values.count) }
      for (index, value) in values.enumerated() {
        sum[index] += Double(value)
        squares += Double(value) * Double(value)
      }
    }
  }

  /// Begins the curves of a picture.
  fileprivate mutating func begin(_ sweep: Int) {
    curves[sweep].distances.append([])
    curves[sweep].cosineDistances.append([])
    if geometry != nil {
      curves[sweep].movedDistances = (curves[sweep].movedDistances ?? []) + [[]]
    }
  }

  /// Takes the features of transformed pictures.
  fileprivate mutating func add(
    _ features: Tensor, comparedWith original: Tensor, _ mappings: [PlaneMapping], to sweep: Int
  ) {
    let row = curves[sweep].distances.count - 1
    features.withUnsafeElements { all in
      original.withUnsafeElements { original in
        for (number, mapping) in mappings.enumerated() {
          let own = UnsafeBufferPointer(
            rebasing: all[(number * original.count)..<((number + 1) * original.count)])
          let (distance, cosine) = distances(from: original, to: own)
          curves[sweep].distances[row].append(distance)
          curves[sweep].cosineDistances[row].append(cosine)
          if let geometry {
            curves[sweep].movedDistances?[row].append(
              geometry.distance(
                between: original, and: own, extents: Array(features.shape.extents.dropFirst()),
                mapping: mapping))
          }
        }
      }
    }
  }

  /// The finished curves.
  fileprivate func curve(_ sweep: Int) -> InvarianceFinding.Layer {
    var curve = curves[sweep]
    if count > 1, squares > 0 {
      let pictures = Double(count)
      let mean = sum.reduce(0) { $0 + $1 * $1 } / (pictures * pictures)
      let pairs = 2 * pictures / (pictures - 1) * max(squares / pictures - mean, 0)
      curve.spread = (pairs / (squares / pictures)).squareRoot()
    }
    return curve
  }
}

/// The Euclidean distance divided by the norm of the original, and 1 − cosine.
private func distances(
  from original: UnsafeBufferPointer<Float>, to other: UnsafeBufferPointer<Float>
) -> (euclidean: Double, cosine: Double) {
  var (difference, square, otherSquare, product) = (0.0, 0.0, 0.0, 0.0)
  for (a, b) in zip(original, other) {
    let (a, b) = (Double(a), Double(b))
    difference += (b - a) * (b - a)
    square += a * a
    otherSquare += b * b
    product += a * b
  }
  return (
    (difference / square).squareRoot(), 1 - product / (square * otherSquare).squareRoot()
  )
}
