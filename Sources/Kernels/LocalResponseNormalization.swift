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
  let precision = images.precision
  let description = LocalResponseDescription(images.shape, options, precision)
  guard
    let primitive = primitive(.localResponseNormalization(description, .training), of: precision)
  else { return normalizeLocalResponse(images.converted(to: .float32), options) }
  let bytes = primitive.bytes(of: .workspace)
  var output: Tensor?
  let workspace = Tensor(shape: [max(1, floats(bytes))], layout: .rowMajor) { workspace in
    output = Tensor(shape: images.shape, layout: .channelsLast, precision: precision) { output in
      images.arranged(as: .channelsLast).withMemory(as: precision) { images in
        primitive.run(
          [(.source, images), (.destination, output)]
            + (bytes > 0 ? [(.workspace, UnsafeMutableRawPointer(workspace))] : []))
      }
    }
  }
  return (output ?? images, workspace)
}

public func localResponseGradient(
  of gradient: Tensor, images: Tensor, workspace: Tensor, _ options: LocalResponse
) -> Tensor {
  guard !options.isDirect else { return directGradient(of: gradient, images, options) }
  // The workspace is of the forward pass's precision.
  let precision = images.precision
  let description = LocalResponseDescription(images.shape, options, precision)
  guard
    let primitive = primitive(.localResponseNormalization(description, .backward), of: precision)
  else {
    let images = images.converted(to: .float32)
    let workspace = normalizeLocalResponse(images, options).workspace
    return localResponseGradient(of: gradient, images: images, workspace: workspace, options)
  }
  return Tensor(shape: images.shape, layout: .channelsLast, precision: precision) { output in
    gradient.arranged(as: .channelsLast).withMemory(as: precision) { gradient in
      images.arranged(as: .channelsLast).withMemory(as: precision) { images in
        workspace.withMemory(as: .float32) { workspace in
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

  /// `k + alpha / size · Σ x²` for each channel of one position.
  fileprivate func sum(_ x: UnsafePointer<Float>, _ channel: Int, among count: Int) -> Double {
    let sum = window(of: channel, among: count).reduce(0.0) {
      let neighbour = Double(x[$1])
      return $0 + neighbour * neighbour
    }
    return Double(k) + Double(alpha) / Double(size) * sum
  }
}

/// `sum^(−beta)`; fast for the usual 0.75.
private func inversePower(_ sum: Double, _ beta: Double) -> Double {
  beta == 0.75 && sum >= 0
    ? 1 / (sum.squareRoot() * sum.squareRoot().squareRoot()) : pow(sum, -beta)
}

/// Calls `body` for each position of `[N, C, …]` with the index of its first channel, on all cores.
private func forEachPosition(of shape: Shape, _ body: @Sendable (Int) -> Void) {
  let (channels, positions) = (shape[1], shape.elementCount / max(shape[1], 1))
  let part = max(1, 16384 / max(channels, 1))
  concurrentlyBetweenKernels((positions + part - 1) / part) { index in
    for position in (index * part)..<min((index + 1) * part, positions) {
      body(position * channels)
    }
  }
}

private func directOutput(_ images: Tensor, _ options: LocalResponse) -> Tensor {
  let (shape, channels, beta) = (images.shape, images.shape[1], Double(options.beta))
  return Tensor(shape: shape, layout: .channelsLast) { output in
    nonisolated(unsafe) let output = output
    images.arranged(as: .channelsLast).withReadPointer { images in
      nonisolated(unsafe) let images = images
      forEachPosition(of: shape) { start in
        let x = UnsafePointer(images + start)
        for channel in 0..<channels {
          let sum = options.sum(x, channel, among: channels)
          output[start + channel] = Float(Double(x[channel]) * inversePower(sum, beta))
        }
      }
    }
  }
}

/// Of `y = x · s^(−beta)` with `s = k + alpha / size · Σ x²`: the gradient `g` of `y` times
/// `s^(−beta)`, less `2 · alpha / size · beta · x` times the sum of `g · x · s^(−beta − 1)` over the
/// channels in whose sums `x` is.
private func directGradient(
  of gradient: Tensor, _ images: Tensor, _ options: LocalResponse
) -> Tensor {
  let (shape, channels, beta) = (images.shape, images.shape[1], Double(options.beta))
  let scale = 2 * Double(options.alpha) / Double(options.size) * beta
  return Tensor(shape: shape, layout: .channelsLast) { output in
    nonisolated(unsafe) let output = output
    gradient.arranged(as: .channelsLast).withReadPointer { signals in
      nonisolated(unsafe) let signals = signals
      images.arranged(as: .channelsLast).withReadPointer { images in
        nonisolated(unsafe) let images = images
        forEachPosition(of: shape) { start in
          let (x, g) = (UnsafePointer(images + start), UnsafePointer(signals + start))
          var slopes = [Double](repeating: 0, count: channels)
          for channel in 0..<channels {
            let sum = options.sum(x, channel, among: channels)
            let power = inversePower(sum, beta)
            slopes[channel] += Double(g[channel]) * power
            let share = scale * Double(g[channel]) * Double(x[channel]) * power / sum
            for other in options.window(of: channel, among: channels) {
              slopes[other] -= share * Double(x[other])
            }
          }
          for channel in 0..<channels { output[start + channel] = Float(slopes[channel]) }
        }
      }
    }
  }
}

extension LocalResponseDescription {
  fileprivate init(_ shape: Shape, _ options: LocalResponse, _ precision: Precision) {
    self.init(
      shape: shape.extents, size: options.size, alpha: options.alpha, beta: options.beta,
      k: options.k, elements: precision.elementType)
  }
}
