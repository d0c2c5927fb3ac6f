internal import Networks
internal import TensorCore

/// Between which values the pixels of a batch lie, for the zᴮ rule.
struct PixelBox {
  /// `[N, C, H, W]`.
  let low: Tensor
  let high: Tensor
  /// Where the bounds come from, in a full sentence.
  let remark: String

  /// The bounds that are given; else those of valid pixels, or of the picture itself if these are
  /// not known. The picture lies within them: if it does not, they are moved out to it.
  init(of batch: ExplainedBatch, low: PixelValues, high: PixelValues) {
    let pictures = batch.pictures.arranged(as: .rowMajor)
    let (channels, area) = (pictures.shape[1], pictures.shape.spatial.reduce(1, *))
    func bound(
      _ given: PixelValues, _ valid: [Float]?, _ outer: (Float, Float) -> Float
    ) -> Tensor {
      pictures.withUnsafeElements { x in
        Tensor(shape: pictures.shape) { target in
          for map in 0..<(target.count / max(area, 1)) {
            let range = (map * area)..<((map + 1) * area)
            let own = x[range].reduce(x[range.lowerBound], outer)
            let known = given.numbers.isEmpty ? valid?[map % channels] : given[map % channels]
            for index in range { target[index] = known.map { outer($0, own) } ?? own }
          }
        }
      }
    }
    self.low = bound(low, batch.validRange?.low, min)
    self.high = bound(high, batch.validRange?.high, max)
    let ends = [low, high].map { $0.numbers.isEmpty }
    switch (ends.contains(true), batch.validRange != nil) {
    case (false, _):
      remark =
        "Pixels are assumed to lie between the given bounds, which are widened to each picture's "
        + "own range if it exceeds them."
    case (true, true):
      remark =
        "Pixels are assumed to lie between black and white, or within the picture's own range if it "
        + "exceeds them."
    case (true, false):
      remark =
        "Pixels are assumed to lie between each picture's lowest and highest value per channel."
    }
  }

  /// Runs both bounds up to a layer, for graphs that prepare the pixels before it.
  ///
  /// - Returns: The lower and the upper of the two at each element of what the layer reads, with
  ///   its axes in the graph's own order.
  func bounds(before layer: Graph.Node, in network: Network) -> (low: Tensor, high: Tensor) {
    let input = layer.inputs[0]
    guard input != Graph.inputName else { return (low, high) }
    let ends = [low, high].map {
      network.record($0, keeping: .only([input]), through: input).ownOutput(of: input)
    }
    return (ends[0].zip(ends[1], min), ends[0].zip(ends[1], max))
  }
}
