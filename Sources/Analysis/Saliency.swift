public import Networks
public import TensorCore

/// Which pixels a class score of one picture rests on.
public struct SaliencyFinding: Sendable {
  public let method: any AttributionMethod
  public let classIndex: Int
  public let prediction: Prediction
  /// The method's value for each pixel, `[1, C, H, W]` or `[1, 1, H, W]`.
  public let attribution: Tensor
  /// `[H, W]` row by row: the sum over the channels if the method is signed, so that the map
  /// adds up to as much, and `max |attribution|` if it is not.
  public let map: Tensor
  /// The maps of a layer before they were resized to the picture, `[1, 1, h, w]`.
  public let layerMap: Tensor?
  /// How closely the attribution adds up to what it should; nil if it need not.
  public let check: AttributionCheck?
  /// What the method chose by itself, and why it says less of the network than usual, in full
  /// sentences; empty if there is neither.
  public let remark: String

  public init(
    method: any AttributionMethod, classIndex: Int, prediction: Prediction, attribution: Tensor,
    layerMap: Tensor? = nil, check: AttributionCheck? = nil, remark: String = ""
  ) {
    (self.method, self.classIndex, self.prediction) = (method, classIndex, prediction)
    (self.attribution, self.layerMap) = (attribution, layerMap)
    (self.check, self.remark) = (check, remark)
    map = method.isSigned ? channelSum(attribution) : greatestMagnitude(attribution)
  }

  /// Whether nothing reached the pixels.
  public var isZero: Bool { map.withUnsafeElements { $0.allSatisfy { $0 == 0 } } }
}

/// Why a score may have no gradient at the pixels, as a clause.
public let usualCausesOfZeroGradients =
  "as when all rectifiers before the score are inactive (dead ReLUs), its units are saturated, or "
  + "it is constant"

/// Explains class scores, by one method or several. Several scores and methods share the forward
/// run of a batch:
///
///     let batch = analysis.batch(of: pictures, in: network)
///     for rank in 0..<5 { findings += analysis.run(on: batch, scores: …) }
public struct SaliencyAnalysis: Sendable {
  public var method: any AttributionMethod

  public init(method: any AttributionMethod = .gradient) { self.method = method }

  /// A batch whose run keeps what the method needs.
  ///
  /// - Parameters: As `ExplainedBatch` has them.
  public func batch(
    of pictures: Tensor, in network: Network, indices: [Int]? = nil, validRange: PixelRange? = nil
  ) -> ExplainedBatch {
    ExplainedBatch(
      pictures, of: network, indices: indices, validRange: validRange,
      keeping: method.keep(in: network))
  }

  /// - Parameter scores: One for each picture.
  /// - Precondition: `method.check(_:)` found nothing in the network.
  public func run(on batch: ExplainedBatch, scores: [ScoreSelection]) -> [SaliencyFinding] {
    let predictions = batch.predictions
    let classes = batch.classes(of: scores)
    let result = method.attribute(batch.scores(ofClasses: classes), of: batch)
    let remark = [result.remark, method.caveat(about: batch.network) ?? ""]
      .filter { !$0.isEmpty }.joined(separator: " ")
    return classes.indices.map { row in
      SaliencyFinding(
        method: method, classIndex: classes[row], prediction: predictions[row],
        attribution: result.maps.rows(row..<(row + 1)),
        layerMap: result.layerMaps?.rows(row..<(row + 1)), check: result.checks?[row],
        remark: remark)
    }
  }

  /// - Parameters:
  ///   - pictures: `[N, C, H, W]`.
  ///   - targets: One for each picture.
  /// - Throws: `SelectionError` if the network does not have what the method asks for.
  public func run(
    on network: Network, pictures: Tensor, targets: [ScoreSelection]
  ) throws(SelectionError) -> [SaliencyFinding] {
    try method.check(network)
    return run(on: batch(of: pictures, in: network), scores: targets)
  }
}

/// `max |x|` over the channels of `[1, C, H, W]`: `[H, W]`; NaN if one of them is.
func greatestMagnitude(_ tensor: Tensor) -> Tensor {
  tensor.channelwise { greatest, value in
    abs(value) > greatest || value.isNaN ? abs(value) : greatest
  }
}

/// `Σ x` over the channels of `[1, C, H, W]`: `[H, W]`.
func channelSum(_ tensor: Tensor) -> Tensor { tensor.channelwise(+) }

extension Tensor {
  /// Combines the channels of `[1, C, H, W]`, from zero on, to `[H, W]`.
  fileprivate func channelwise(_ combine: (Float, Float) -> Float) -> Tensor {
    let channels = shape[1]
    return arranged(as: .channelsLast).withUnsafeElements { x in
      Tensor(shape: Shape(shape.spatial)) { target in
        for position in 0..<target.count {
          var result: Float = 0
          for channel in 0..<channels { result = combine(result, x[position * channels + channel]) }
          target[position] = result
        }
      }
    }
  }
}
