internal import Foundation
public import Networks
internal import TensorCore

/// How the input of a network's first batch norm compares with what it was in training.
///
/// Batch norm keeps the mean μ and the variance σ² of its input over the training pictures (Ioffe
/// and Szegedy 2015). Pictures that are preprocessed as in training reproduce both, with no need
/// for labels; other preprocessing moves or stretches them.
public struct NormalizationFit: Sendable, Hashable {
  /// The batch norm.
  public let node: String
  /// How many pictures were measured.
  public let pictures: Int
  /// `√ mean((m − μ)² / (σ² + ε))` over the channels: how far the measured means m are from the
  /// learned ones, in standard deviations.
  public let shift: Double
  /// `√ mean(ln²((v + ε) / (σ² + ε)))` over the channels: how far the measured variances v are from
  /// the learned ones, in powers of e.
  public let spread: Double

  public init(node: String, pictures: Int, shift: Double, spread: Double) {
    (self.node, self.pictures) = (node, pictures)
    (self.shift, self.spread) = (shift, spread)
  }

  /// `shift` and `spread` as one number, to compare preprocessings with each other.
  public var distance: Double { (shift * shift + spread * spread).squareRoot() }

  /// Fewer pictures say little about all.
  public static let fewestPictures = 8
  /// Beyond these, the input is not what the network was trained on.
  ///
  /// Measured on ResNet-20 and CIFAR-10's test pictures: 0.17 and 0.37 for 512 pictures as in
  /// training, up to 0.32 and 0.61 for 8 or 16 of them, and up to 0.41 and 0.60 for those of a
  /// single class. With other values the spread is 1.9 (−1…1 instead of standardized), 3.0 (0…1) or
  /// 7.9 (0…255). The order of the channels hardly shows: 0.24 and 0.37.
  public static let greatestShift = 0.5
  public static let greatestSpread = 0.9

  /// Whether the difference is greater than that between sets of pictures of one kind.
  public var isFar: Bool {
    pictures >= Self.fewestPictures
      && (shift > Self.greatestShift || spread > Self.greatestSpread)
  }
}

/// Measures the input of a network's first batch norm over a data set.
public final class NormalizationScan: ScanObserver {
  public let nodes: [String]
  private let node: String
  /// μ, and σ² + ε.
  private let means: [Double]
  private let variances: [Double]
  private let epsilon: Double
  private var sums: [Double]
  private var squares: [Double]
  /// How many positions of each channel were added.
  private var positions = 0
  private var pictures = 0

  /// - Returns: Nil if no batch norm has learned statistics; exporters often merge batch norm into
  ///   the convolutions.
  public init?(_ network: Network) {
    let first = network.graph.nodes.lazy.compactMap { node in
      (node.operation as? BatchNormalization).map { (node, $0) }
    }.first { node, _ in network.dependsOnPictures(node.name) }
    guard let (node, operation) = first, let input = node.inputs.first,
      network.hasPicturesFirst(input),
      let means = network.parameters[node.parameters[2]]?.elements,
      let variances = network.parameters[node.parameters[3]]?.elements,
      // As they are initialized.
      !(means.allSatisfy { $0 == 0 } && variances.allSatisfy { $0 == 1 })
    else { return nil }
    nodes = [input]
    self.node = node.name
    epsilon = Double(operation.epsilon)
    self.means = means.map(Double.init)
    self.variances = variances.map { Double($0) + Double(operation.epsilon) }
    sums = [Double](repeating: 0, count: means.count)
    squares = sums
  }

  public func observe(_ recording: Recording, pictures: [Int]) {
    let input = recording[nodes[0]].arranged(as: .channelsLast)
    let channels = sums.count
    guard input.shape[1] == channels else { return }
    input.withUnsafeElements { x in
      for start in stride(from: 0, to: x.count, by: channels) {
        for channel in 0..<channels {
          // The difference from the learned mean keeps the sum of squares precise.
          let value = Double(x[start + channel]) - means[channel]
          sums[channel] += value
          squares[channel] += value * value
        }
      }
    }
    positions += input.count / max(channels, 1)
    self.pictures += pictures.count
  }

  /// Nil without pictures, or if values are not finite.
  public var finding: NormalizationFit? {
    guard positions > 0 else { return nil }
    var (shift, spread) = (0.0, 0.0)
    for channel in sums.indices {
      let difference = sums[channel] / Double(positions)
      let variance = max(squares[channel] / Double(positions) - difference * difference, 0)
      shift += difference * difference / variances[channel]
      let ratio = log((variance + epsilon) / variances[channel])
      spread += ratio * ratio
    }
    let channels = Double(max(sums.count, 1))
    let fit = NormalizationFit(
      node: node, pictures: pictures, shift: (shift / channels).squareRoot(),
      spread: (spread / channels).squareRoot())
    return fit.shift.isFinite && fit.spread.isFinite ? fit : nil
  }
}
