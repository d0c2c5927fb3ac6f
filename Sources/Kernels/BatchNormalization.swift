internal import OneDNN
public import TensorCore

/// `γ (x − mean) / √(variance + ε) + β` for each channel of `[N, C, …]` (Ioffe and Szegedy 2015).
public func batchNormalize(
  _ images: Tensor, scale: Tensor, shift: Tensor, mean: Tensor, variance: Tensor, epsilon: Float
) -> Tensor {
  let precision = images.precision
  let description = PrimitiveDescription.batchNormalization(
    shape: images.shape.extents, epsilon: epsilon, .inference, of: precision.elementType)
  guard let primitive = primitive(description, of: precision) else {
    return batchNormalize(
      images.converted(to: .float32), scale: scale, shift: shift, mean: mean, variance: variance,
      epsilon: epsilon
    ).converted(to: precision)
  }
  let output = Tensor(shape: images.shape, layout: .channelsLast, precision: precision) { output in
    images.arranged(as: .channelsLast).withMemory(as: precision) { images in
      withPointers(scale, shift, mean, variance) { scale, shift, mean, variance in
        let coefficients: [(Argument, UnsafeMutablePointer<Float>)] = [
          (.scale, scale), (.shift, shift), (.mean, mean), (.variance, variance),
        ]
        primitive.run(
          [(.source, images), (.destination, output)]
            + coefficients.map { ($0, UnsafeMutableRawPointer($1)) })
      }
    }
  }
  let factors = Swift.zip(scale.elements, variance.elements).map {
    abs($0) / ($1 + epsilon).squareRoot()
  }
  if let known = images.knownMagnitude, let factor = factors.max(),
    !factors.contains(where: \.isNaN)
  {
    let sum = (known + mean.measuredMagnitude()) * factor + shift.measuredMagnitude()
    LayerBound(sum * (precision == .float32 ? 1 : roundingMargin)).note(on: output)
  }
  return output
}

/// Batch normalization with the batch's own mean and variance, which are also returned.
///
/// - Returns: The variance is the biased one (divided by the number of values).
public func batchNormalizeByBatch(
  _ images: Tensor, scale: Tensor, shift: Tensor, epsilon: Float
) -> (output: Tensor, mean: Tensor, variance: Tensor) {
  let primitive = primitive(
    .batchNormalization(shape: images.shape.extents, epsilon: epsilon, .training))
  var mean = Tensor(shape: [images.shape[1]], repeating: 0)
  var variance = mean
  let output = Tensor(shape: images.shape, layout: .channelsLast) { output in
    images.arranged(as: .channelsLast).withReadPointer { images in
      scale.withReadPointer { scale in
        shift.withReadPointer { shift in
          mean.withWritePointer { mean in
            variance.withWritePointer { variance in
              primitive.run([
                (.source, images), (.scale, scale), (.shift, shift), (.mean, mean),
                (.variance, variance), (.destination, output),
              ])
            }
          }
        }
      }
    }
  }
  return (output, mean, variance)
}

/// The gradients of ``batchNormalizeByBatch(_:scale:shift:epsilon:)``, through mean and variance.
public func batchNormalizationGradients(
  of gradient: Tensor, images: Tensor, scale: Tensor, shift: Tensor, mean: Tensor,
  variance: Tensor, epsilon: Float
) -> (images: Tensor, scale: Tensor, shift: Tensor) {
  let primitive = primitive(
    .batchNormalization(shape: images.shape.extents, epsilon: epsilon, .backward))
  var scaleGradient = Tensor(shape: scale.shape, repeating: 0)
  var shiftGradient = scaleGradient
  let result = Tensor(shape: images.shape, layout: .channelsLast) { output in
    gradient.arranged(as: .channelsLast).withReadPointer { gradient in
      images.arranged(as: .channelsLast).withReadPointer { images in
        withPointers(scale, shift, mean, variance) { scale, shift, mean, variance in
          scaleGradient.withWritePointer { scaleGradient in
            shiftGradient.withWritePointer { shiftGradient in
              let shifts = batchNormalizationGradientTakesShift ? [(Argument.shift, shift)] : []
              primitive.run(
                [
                  (.source, images), (.scale, scale), (.mean, mean), (.variance, variance),
                  (.destinationGradient, gradient), (.sourceGradient, output),
                  (.scaleGradient, scaleGradient), (.shiftGradient, shiftGradient),
                ] + shifts)
            }
          }
        }
      }
    }
  }
  return (result, scaleGradient, shiftGradient)
}

/// `x · factor[channel]` over `[N, C, …]`.
public func scaleChannels(_ tensor: consuming Tensor, by factors: [Float]) -> Tensor {
  let shape = tensor.shape
  precondition(factors.count == shape[1], "\(factors.count) factors for \(shape)")
  // Repeated for every position.
  let repeated = Tensor(shape: Shape([1, shape[1]] + shape.spatial.map { _ in 1 }), factors)
    .converted(to: tensor.precision)
  return combine((consume tensor).arranged(as: .channelsLast), repeated, .multiply)
}

private func withPointers<R>(
  _ a: Tensor, _ b: Tensor, _ c: Tensor, _ d: Tensor,
  _ body: (
    UnsafeMutablePointer<Float>, UnsafeMutablePointer<Float>, UnsafeMutablePointer<Float>,
    UnsafeMutablePointer<Float>
  ) -> R
) -> R {
  a.withReadPointer { a in
    b.withReadPointer { b in
      c.withReadPointer { c in d.withReadPointer { d in body(a, b, c, d) } }
    }
  }
}
