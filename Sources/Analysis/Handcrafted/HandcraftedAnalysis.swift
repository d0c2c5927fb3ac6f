public import Networks
public import TensorCore

/// How much a layer's filters are like handcrafted ones.
public struct HandcraftedFinding: Sendable {
  /// One filter with what is nearest to it.
  public struct Filter: Sendable {
    public let unit: Int
    /// Euclidean.
    public let norm: Double
    /// Nil for filters of one channel.
    public let color: FilterColor?
    public let match: HandcraftedMatch
    /// Whether a single pixel holds nearly all of it, so that it only copies the picture, moved and
    /// in one colour.
    public let isPoint: Bool
    /// Nil for points, and for windows that are too small for one to mean anything.
    public let fit: GaborFit?
    /// `[C, R, S]`: the nearest handcrafted kernel times its weights.
    public let nearest: Tensor
    /// `[C, R, S]`: the fitted Gabor function times its weights, or the pixel of a point alone; nil
    /// for windows that are too small.
    public let fitted: Tensor?
    /// `[S, S]` with S = ``spectrumSide``: the amplitude spectrum, the root of the sum of the
    /// channels' powers. Columns are frequencies along x, rows along y (down), from near −1/2 to
    /// near 1/2 cycles per pixel, with 0 in the middle.
    public let spectrum: Tensor

    public static let spectrumSide = 31
  }

  /// How well filters are explained, and random ones by the same means.
  public struct Comparison: Sendable, Hashable {
    /// The shares of the filters' sums of squares that are explained, in ascending order.
    public let learned, random: [Double]

    /// Of the middle filter; NaN if there is none.
    public var median: Double { quantile(0.5, of: learned) }
    public var randomMedian: Double { quantile(0.5, of: random) }
    /// What 95 % of the random filters do not exceed.
    public var threshold: Double { quantile(0.95, of: random) }
    /// How many filters are explained better than 95 % of the random ones.
    public var aboveRandom: Int { learned.count { $0 > threshold } }

    init(learned: [Double], random: [Double]) {
      (self.learned, self.random) = (learned.sorted(), random.sorted())
    }
  }

  /// Whether filters are like handcrafted ones: by how many are explained better than 95 % of
  /// random filters, of which 5 % are.
  public enum Verdict: String, Sendable, Hashable {
    /// At least half.
    case mostly
    /// More than a fifth.
    case partly
    case no
  }

  public let layer: String
  /// `[K, C, R, S]`, all of the layer.
  public let filters: Tensor
  /// Whether the channels are those of a colour picture.
  public let isColour: Bool
  public let bank: [HandcraftedKernel]
  /// The greatest shift of a kernel, in pixels.
  public let greatestShift: Int
  /// Those that were compared, by their numbers.
  public let compared: [Filter]
  /// Filters that came to nothing, and are left out.
  public let dead: [Int]
  /// Filters with weights that are not finite, which are left out.
  public let nonFinite: [Int]
  /// How many others were left out because there are too many.
  public let leftOut: Int
  public let matches: Comparison
  /// Without points; nil for windows that are too small.
  public let fits: Comparison?

  /// The numbers of the filters that are points.
  public var points: [Int] { compared.filter(\.isPoint).map(\.unit) }

  /// Nil if no filter was compared. Of small windows, by the handcrafted kernels; of others without
  /// points, of which a Gabor function says nothing.
  public var verdict: Verdict? {
    let comparison = fits ?? matches
    guard !comparison.learned.isEmpty else { return nil }
    let share = Double(comparison.aboveRandom) / Double(comparison.learned.count)
    return share >= 0.5 ? .mostly : share > 0.2 ? .partly : .no
  }

  /// Which handcrafted kernels are nearest, with their numbers of filters, the most frequent first.
  public var kernelCounts: [(kernel: Int, count: Int)] {
    Dictionary(grouping: compared, by: \.match.kernel).map { ($0.key, $0.value.count) }
      .sorted { ($1.count, $0.kernel) < ($0.count, $1.kernel) }
  }
}

extension Network {
  /// Whether a layer has filters that see the picture itself, not the outputs of other filters.
  public func hasPictureFilters(_ layer: String) -> Bool {
    guard let node = graph[layer], filters(of: layer)?.shape.rank == 4 else { return false }
    var (waiting, seen) = (node.inputs, Set<String>())
    while let name = waiting.popLast() {
      guard seen.insert(name).inserted, let other = graph[name] else { continue }
      if other.operation is Convolution || other.operation is Linear { return false }
      waiting += other.inputs
    }
    return true
  }

  /// `[R, S]` of a layer's filters; nil for layers without.
  public func filterWindow(_ layer: String) -> [Int]? {
    filters(of: layer).map { [$0.shape[2], $0.shape[3]] }
  }
}

/// Compares the filters of a layer that sees pictures with handcrafted ones: each with the nearest
/// kernel of a bank, and with the Gabor function that fits it best.
///
/// First layers learn filters like Gabor functions and blobs of colour (Krizhevsky, Sutskever and
/// Hinton, "ImageNet classification with deep convolutional neural networks", 2012). Receptive
/// fields of the primary visual cortex have been described by the same functions (Jones and Palmer
/// 1987), and their parameters compared (Ringach, "Spatial structure and symmetry of
/// simple-cell receptive fields in macaque primary visual cortex", 2002).
///
/// A function with many parameters explains something of any small filter. So random filters are
/// explained in the same way: the layer's own, with their pixels in random order, which keeps
/// their weights and colours.
public struct HandcraftedAnalysis: Sendable {
  /// Filters beyond this number are left out, those with the least norm.
  public static let mostFilters = 256
  /// Random filters are added until there are at least this many.
  private static let leastRandom = 64
  /// Gabor functions are fitted to windows of at least this side.
  public static let leastFittedSide = GaborFitting.leastSide
  /// Windows with a longer side are refused: fits take time in proportion to their area.
  public static let greatestSide = 64
  private static let together = 8
  /// A filter is a point if one pixel holds this share of its sum of squares. The narrowest Gaussian
  /// that is fitted (``GaborFit/leastDeviation``) has half of it in its middle.
  public static let pointShare = 0.9

  private let seed: UInt64

  /// - Parameter seed: Of the random filters.
  public init(seed: UInt64) { self.seed = seed }

  /// - Parameters:
  ///   - units: Those to compare; empty for all that are not dead.
  ///   - progress: Called with how many of how many filters, with random ones, are done.
  /// - Throws: `SelectionError` if the layer has no filters that see the picture, or if their window
  ///   is a single pixel or too large.
  public func run(
    on network: Network, layer: String, units: [Int] = [],
    progress: (Int, Int) -> Void = { _, _ in }
  ) throws(SelectionError) -> HandcraftedFinding {
    let (height, width) = try Self.window(of: layer, in: network)
    let own = try FilterAnalysis().run(on: network, layer: layer)
    let channelCount = own.filters.shape[1]
    let (chosen, leftOut) = self.chosen(units, of: own)
    let normalized = chosen.compactMap { unit -> NormalizedFilter? in
      let filter = own.filters.rows(unit..<(unit + 1))
      return unitNorm(filter.reshaped(to: [channelCount, height, width]).channels).map {
        NormalizedFilter(unit: unit, channels: $0, norm: norm(filter.elements))
      }
    }
    // Random filters are as many as the learned ones, or several of each of few.
    let rounds =
      normalized.isEmpty ? 0 : max(1, (Self.leastRandom + normalized.count - 1) / normalized.count)
    let all =
      normalized.map(\.channels)
      + (0..<rounds).flatMap { round in
        normalized.map { shuffled($0.channels, round: round, unit: $0.unit) }
      }
    let matching = HandcraftedMatching(height: height, width: width)
    let isFitted = min(height, width) >= GaborFitting.leastSide
    var results: [(match: HandcraftedMatch?, fit: GaborFit?)] = []
    for start in stride(from: 0, to: all.count, by: Self.together) {
      let some = Array(all[start..<min(start + Self.together, all.count)])
      results += concurrentMap(some.count) { index in
        let channels = some[index]
        let isTold = isFitted && pointPlace(in: channels) == nil
        return (
          matching.match(of: channels),
          isTold ? GaborFitting(channels, height: height, width: width)?.fit : nil
        )
      }
      progress(results.count, all.count)
    }
    let count = normalized.count
    let compared = zip(normalized, results).compactMap {
      filter, result -> HandcraftedFinding.Filter? in
      guard let match = result.match else { return nil }
      func tensor(_ channels: [[Double]]) -> Tensor {
        Tensor(
          shape: [channelCount, height, width], channels.joined().map { Float(filter.norm * $0) })
      }
      let point = pointPlace(in: filter.channels)
      var explained: [[Double]]?
      if let fit = result.fit {
        let values = fit.function.values(height: height, width: width)
        explained = fit.weights.map { weight in values.map { weight * $0 } }
      } else if isFitted, let point {
        explained = filter.channels.map { channel in
          channel.indices.map { $0 == point ? channel[$0] : 0 }
        }
      }
      return HandcraftedFinding.Filter(
        unit: filter.unit, norm: filter.norm,
        color: channelCount > 1 ? FilterColor(of: filter.channels) : nil, match: match,
        isPoint: point != nil, fit: result.fit, nearest: tensor(matching.values(of: match)),
        fitted: explained.map(tensor), spectrum: spectrum(of: filter, height: height, width: width))
    }
    return HandcraftedFinding(
      layer: layer, filters: own.filters,
      isColour: channelCount == 3 && network.graph.inputShape[0] == 3, bank: matching.bank,
      greatestShift: HandcraftedMatching.greatestShift(height: height, width: width),
      compared: compared, dead: own.dead, nonFinite: own.nonFinite, leftOut: leftOut,
      matches: .init(
        learned: results.prefix(count).compactMap { $0.match?.share },
        random: results.dropFirst(count).compactMap { $0.match?.share }),
      fits: isFitted
        ? .init(
          learned: results.prefix(count).compactMap { $0.fit?.share },
          random: results.dropFirst(count).compactMap { $0.fit?.share }) : nil)
  }

  /// Checks that a layer's filters can be compared.
  ///
  /// - Returns: Their height and width.
  /// - Throws: `SelectionError`.
  @discardableResult public static func window(
    of layer: String, in network: Network
  ) throws(SelectionError) -> (height: Int, width: Int) {
    guard network.hasPictureFilters(layer), let window = network.filterWindow(layer) else {
      let others = network.graph.nodes.map(\.name).filter { network.hasPictureFilters($0) }
      let reason =
        network.graph[layer] == nil
        ? "no layer '\(layer)'" : "layer '\(layer)' has no filters that see the picture itself"
      throw SelectionError(reason + suggestion(for: layer, among: others))
    }
    guard window[0] * window[1] > 1 else {
      throw SelectionError(
        "the filters of layer '\(layer)' are of 1×1 pixels, which have no shape to compare")
    }
    guard max(window[0], window[1]) <= greatestSide else {
      throw SelectionError(
        "the filters of layer '\(layer)' are of \(window[0])×\(window[1]) pixels; handcrafted ones "
          + "are compared up to \(greatestSide)×\(greatestSide)")
    }
    return (window[0], window[1])
  }

  private func spectrum(of filter: NormalizedFilter, height: Int, width: Int) -> Tensor {
    let side = HandcraftedFinding.Filter.spectrumSide
    let spectrum = FilterSpectrum(of: filter.channels, height: height, width: width, side: side)
    return Tensor(
      shape: [side, side], spectrum.power.map { Float(filter.norm * $0.squareRoot()) })
  }

  /// The filters to compare, by their numbers.
  private func chosen(_ units: [Int], of finding: FilterFinding) -> (units: [Int], leftOut: Int) {
    let left = Set(finding.dead + finding.nonFinite)
    let usable = (units.isEmpty ? Array(finding.norms.indices) : units).filter {
      !left.contains($0)
    }
    let strongest = usable.sorted {
      (-finding.norms[$0], $0) < (-finding.norms[$1], $1)
    }.prefix(Self.mostFilters)
    return (strongest.sorted(), usable.count - strongest.count)
  }

  /// The same pixels in another order, the same one for all channels.
  private func shuffled(_ channels: [[Double]], round: Int, unit: Int) -> [[Double]] {
    var generator = SeededGenerator(seed: seed, path: round, unit)
    let order = channels[0].indices.shuffled(using: &generator)
    return channels.map { channel in order.map { channel[$0] } }
  }
}

/// A filter with a sum of squares of 1, one array for each channel, and its own norm.
private struct NormalizedFilter {
  let unit: Int
  let channels: [[Double]]
  let norm: Double
}

/// The pixel that holds nearly all of a filter; nil if none does.
///
/// - Parameter channels: With a sum of squares of 1.
private func pointPlace(in channels: [[Double]]) -> Int? {
  channels[0].indices.first { place in
    channels.reduce(0) { $0 + $1[place] * $1[place] } >= HandcraftedAnalysis.pointShare
  }
}

/// The value that a share of numbers does not exceed; NaN of none.
///
/// - Parameter numbers: In ascending order.
private func quantile(_ share: Double, of numbers: [Double]) -> Double {
  guard !numbers.isEmpty else { return .nan }
  let rank = Int((share * Double(numbers.count)).rounded(.up))
  return numbers[min(max(rank, 1), numbers.count) - 1]
}
