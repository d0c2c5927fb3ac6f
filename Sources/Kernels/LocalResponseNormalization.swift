internal import Foundation
internal import OneDNN
public import TensorCore

/// The local response normalization of Krizhevsky, Sutskever and Hinton (2012, section 3.3).
public struct LocalResponse: Sendable, Hashable, Codable {
  /// The number of neighbouring channels in each sum.
  public var size: Int
  /// Divided by `size` before use, as in Caffe and PyTorch.
  public var alpha: Float
  public var beta: Float
  public var k: Float

  public init(size: Int, alpha: Float, beta: Float, k: Float) {
    (self.size, self.alpha, self.beta, self.k) = (size, alpha, beta, k)
  }
}

/// `x / (k + alpha / size · Σ x²)^beta`, the sum over `size` channels around each; of an even number,
/// one more follows than precedes, as in ONNX.
///
/// - Returns: The output, and what the backward pass needs.
public func normalizeLocalResponse(
  _ images: Tensor, _ options: LocalResponse
) -> (output: Tensor, workspace: Tensor) {
  guard !options.isDirect else {
    return (directOutput(images, options), Tensor(shape: [1], repeating: 0))
  }
  let primitive = primitive(
    .localResponseNormalization(.init(images.shape, options), .training))
  let bytes = primitive.bytes(of: .workspace)
  var output: Tensor?
  let workspace = Tensor(shape: [max(1, floats(bytes))], layout: .rowMajor) { workspace in
    output = Tensor(shape: images.shape, layout: .channelsLast) { output in
      images.arranged(as: .channelsLast).withReadPointer { images in
        primitive.run(
          [(.source, images), (.destination, output)]
            + (bytes > 0 ? [(.workspace, workspace)] : []))
      }
    }
  }
  return (output ?? images, workspace)
}

public func localResponseGradient(
  of gradient: Tensor, images: Tensor, workspace: Tensor, _ options: LocalResponse
) -> Tensor {
  guard !options.isDirect else { return directGradient(of: gradient, images, options) }
  let primitive = primitive(
    .localResponseNormalization(.init(images.shape, options), .backward))
  return Tensor(shape: images.shape, layout: .channelsLast) { output in
    gradient.arranged(as: .channelsLast).withReadPointer { gradient in
      images.arranged(as: .channelsLast).withReadPointer { images in
        workspace.withReadPointer { workspace in
          primitive.run(
            [(.source, images), (.destinationGradient, gradient), (.sourceGradient, output)]
              + (primitive.bytes(of: .workspace) > 0 ? [(.workspace, workspace)] : []))
        }
      }
    }
  }
}

extension LocalResponse {
  /// Whether it is computed here: oneDNN 2.6 crashes in the backward pass of single channels and of
  /// even numbers of them, and sums one channel fewer of the latter.
  fileprivate var isDirect: Bool { size == 1 || size.isMultiple(of: 2) }

  /// The channels of the sum of one of `count` channels.
  fileprivate func window(of channel: Int, among count: Int) -> ClosedRange<Int> {
    max(0, channel - (size - 1) / 2)...min(count - 1, channel + size / 2)
  }

  /// `k + alpha / size · Σ x²` for every number of `[N, C, …]`.
  fileprivate func sums(_ x: [Float], _ shape: Shape) -> [Double] {
    let (channels, positions) = (shape[1], shape.spatial.reduce(1, *))
    return x.indices.map { index in
      let channel = index / positions % channels
      let sum = window(of: channel, among: channels).reduce(0.0) {
        let neighbour = Double(x[index + ($1 - channel) * positions])
        return $0 + neighbour * neighbour
      }
      return Double(k) + Double(alpha) / Double(size) * sum
    }
  }
}

private func directOutput(_ images: Tensor, _ options: LocalResponse) -> Tensor {
  let x = images.arranged(as: .rowMajor).elements
  let output = zip(x, options.sums(x, images.shape)).map {
    Float(Double($0) * pow($1, -Double(options.beta)))
  }
  return Tensor(shape: images.shape, output).arranged(as: .channelsLast)
}

/// Of `y = x · s^(−beta)` with `s = k + alpha / size · Σ x²`: the gradient `g` of `y` times
/// `s^(−beta)`, less `2 · alpha / size · beta · x` times the sum of `g · x · s^(−beta − 1)` over the
/// channels in whose sums `x` is.
private func directGradient(
  of gradient: Tensor, _ images: Tensor, _ options: LocalResponse
) -> Tensor {
  let beta = Double(options.beta)
  let (channels, positions) = (images.shape[1], images.shape.spatial.reduce(1, *))
  let signals = gradient.arranged(as: .rowMajor).elements
  let x = images.arranged(as: .rowMajor).elements
  let sums = options.sums(x, images.shape)
  var slopes = zip(signals, sums).map { Double($0) * pow($1, -beta) }
  for index in x.indices {
    let channel = index / positions % channels
    let share =
      2 * Double(options.alpha) / Double(options.size) * beta * Double(signals[index])
      * Double(x[index]) * pow(sums[index], -beta - 1)
    for other in options.window(of: channel, among: channels) {
      let place = index + (other - channel) * positions
      slopes[place] -= share * Double(x[place])
    }
  }
  return Tensor(shape: images.shape, slopes.map { Float($0) }).arranged(as: .channelsLast)
}

extension LocalResponseDescription {
  fileprivate init(_ shape: Shape, _ options: LocalResponse) {
    self.init(
      shape: shape.extents, size: options.size, alpha: options.alpha, beta: options.beta,
      k: options.k)
  }
}
