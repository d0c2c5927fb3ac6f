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

/// `x / (k + alpha / size · Σ x²)^beta`, the sum over `size` channels around each.
///
/// - Returns: The output, and what the backward pass needs.
public func normalizeLocalResponse(
  _ images: Tensor, _ options: LocalResponse
) -> (output: Tensor, workspace: Tensor) {
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
  // oneDNN 2.6 crashes when it is asked for this pass of single channels.
  guard options.size > 1 else { return singleChannelGradient(of: gradient, images, options) }
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

/// The gradient of `x · s^(−beta)` with `s = k + alpha · x²`: `s^(−beta − 1) · (s − 2 · alpha ·
/// beta · x²)` times that of the output.
private func singleChannelGradient(
  of gradient: Tensor, _ images: Tensor, _ options: LocalResponse
) -> Tensor {
  let (alpha, beta, k) = (Double(options.alpha), Double(options.beta), Double(options.k))
  let signals = gradient.arranged(as: .rowMajor).elements
  let values = images.arranged(as: .rowMajor).elements
  let slopes = zip(values, signals).map { value, signal -> Float in
    let square = Double(value) * Double(value)
    let sum = k + alpha * square
    return Float(Double(signal) * pow(sum, -beta - 1) * (sum - 2 * alpha * beta * square))
  }
  return Tensor(shape: images.shape, slopes).arranged(as: .channelsLast)
}

extension LocalResponseDescription {
  fileprivate init(_ shape: Shape, _ options: LocalResponse) {
    self.init(
      shape: shape.extents, size: options.size, alpha: options.alpha, beta: options.beta,
      k: options.k)
  }
}
