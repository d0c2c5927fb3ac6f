internal import OneDNN
public import TensorCore

/// Correlates `[N, C, H, W]` images with `[K, C / groups, R, S]` filters.
///
/// - Parameters:
///   - bias: `[K]`.
///   - addend: Added to the result; in place if it is uniquely referenced.
///   - activation: Applied last, in the same pass.
/// - Returns: `[N, K, H', W']`, channels last, with
///   `H' = (H + padding − dilation·(R − 1) − 1) / stride + 1`.
public func convolve(
  _ images: Tensor, with filters: Tensor, bias: Tensor? = nil,
  geometry: WindowGeometry = WindowGeometry(), groups: Int = 1,
  addingTo addend: consuming Tensor? = nil, activation: ActivationFunction? = nil
) -> Tensor {
  let shape = convolutionShape(
    images: images.shape, filters: filters.shape, geometry: geometry, groups: groups)
  return convolve(
    images, with: filters, bias: bias, to: shape, geometry: geometry, groups: groups,
    addingTo: addend, activation: activation)
}

/// The same with as many windows as `shape` has positions, which may be fewer than fit.
func convolve(
  _ images: Tensor, with filters: Tensor, bias: Tensor? = nil, to shape: Shape,
  geometry: WindowGeometry, groups: Int, addingTo addend: consuming Tensor? = nil,
  activation: ActivationFunction? = nil
) -> Tensor {
  let bound = LayerBound.of(
    images, weights: filters, bias: bias, addend: addend, isNeeded: activation != nil)
  if let activation, !bound.isSafe {
    return activate(
      convolve(
        images, with: filters, bias: bias, to: shape, geometry: geometry, groups: groups,
        addingTo: addend), activation)
  }
  guard
    let primitive = primitiveIfOffered(
      .convolution(
        .init(images.shape, filters.shape, shape, geometry, groups),
        .forward(
          bias: bias != nil,
          Finish(accumulates: addend != nil, function: activation?.elementwise))))
  else {
    let plain = PlainConvolution(
      images: images.shape, filters: filters.shape, output: shape, geometry, groups: groups)
    var output = plain.forward(images, filters)
    if let bias { output = addToChannels(output, bias) }
    if let addend { output = output + addend }
    return activation.map { activate(output, $0) } ?? output
  }
  func run(into output: UnsafeMutablePointer<Float>) {
    images.arranged(as: .channelsLast).withReadPointer { images in
      filters.withWeightsPointer(for: primitive) { filters in
        guard let bias else {
          return primitive.run([(.source, images), (.weights, filters), (.destination, output)])
        }
        bias.withReadPointer {
          primitive.run([
            (.source, images), (.weights, filters), (.bias, $0), (.destination, output),
          ])
        }
      }
    }
  }
  guard let addend else {
    let output = Tensor(shape: shape, layout: .channelsLast, filledBy: run)
    bound.note(on: output, after: activation)
    return output
  }
  precondition(addend.shape == shape, "a sum of \(shape) and \(addend.shape)")
  var sum = (consume addend).arranged(as: .channelsLast)
  sum.withWritePointer(run)
  bound.note(on: sum, after: activation)
  return sum
}

/// The transpose of ``convolve(_:with:bias:geometry:groups:addingTo:activation:)`` in its images:
/// propagates `[N, K, H', W']` back to `[N, C, H, W]`.
public func convolutionInputGradient(
  of gradient: Tensor, with filters: Tensor, imageShape: Shape,
  geometry: WindowGeometry = WindowGeometry(), groups: Int = 1
) -> Tensor {
  let phased = PhasedInputGradient(
    imageShape, filters.shape, gradient.shape, geometry, groups: groups)
  if let result = phased?(of: gradient, filters) { return result }
  guard
    let primitive = primitiveIfOffered(
      .convolution(
        .init(imageShape, filters.shape, gradient.shape, geometry, groups), .inputGradient))
  else {
    return PlainConvolution(
      images: imageShape, filters: filters.shape, output: gradient.shape, geometry, groups: groups
    ).inputGradient(of: gradient, filters)
  }
  return Tensor(shape: imageShape, layout: .channelsLast) { output in
    gradient.arranged(as: .channelsLast).withReadPointer { gradient in
      filters.withWeightsPointer(for: primitive) { filters in
        primitive.run([
          (.destinationGradient, gradient), (.weights, filters), (.sourceGradient, output),
        ])
      }
    }
  }
}

/// The gradient with respect to the filters, and to the bias if there is one.
public func convolutionFilterGradient(
  of gradient: Tensor, images: Tensor, filterShape: Shape, hasBias: Bool,
  geometry: WindowGeometry = WindowGeometry(), groups: Int = 1
) -> (filters: Tensor, bias: Tensor?) {
  guard
    let primitive = primitiveIfOffered(
      .convolution(
        .init(images.shape, filterShape, gradient.shape, geometry, groups),
        .weightGradient(bias: hasBias)))
  else {
    let plain = PlainConvolution(
      images: images.shape, filters: filterShape, output: gradient.shape, geometry, groups: groups)
    return (plain.filterGradient(of: gradient, images), hasBias ? channelSums(gradient) : nil)
  }
  var bias = hasBias ? Tensor(shape: [filterShape[0]], repeating: 0) : nil
  let filters = Tensor(weightsShape: filterShape, from: primitive) { filters in
    gradient.arranged(as: .channelsLast).withReadPointer { gradient in
      images.arranged(as: .channelsLast).withReadPointer { images in
        let arguments: [(Argument, UnsafeMutablePointer<Float>)] = [
          (.source, images), (.destinationGradient, gradient), (.weightsGradient, filters),
        ]
        if bias?.withWritePointer({ primitive.run(arguments + [(.biasGradient, $0)]) }) == nil {
          primitive.run(arguments)
        }
      }
    }
  }
  return (filters, bias)
}

/// - Precondition: The shapes fit; `Networks` reports mismatches in a user's file beforehand.
private func convolutionShape(
  images: Shape, filters: Shape, geometry: WindowGeometry, groups: Int
) -> Shape {
  precondition(
    images.rank >= 3 && images.rank == filters.rank && filters[1] * groups == images[1],
    "images \(images) and filters \(filters) in \(groups) groups disagree on channels")
  guard let spatial = geometry.outputExtents(images.spatial, window: filters.spatial) else {
    preconditionFailure("filters \(filters) do not fit into images \(images)")
  }
  return Shape([images[0], filters[0]] + spatial)
}

extension ConvolutionDescription {
  init(
    _ images: Shape, _ filters: Shape, _ output: Shape, _ geometry: WindowGeometry, _ groups: Int
  ) {
    self.init(
      source: images.extents, filters: filters.extents, destination: output.extents,
      stride: geometry.stride, dilation: geometry.dilation,
      paddingBefore: geometry.paddingBefore,
      paddingAfter: geometry.reachAfter(
        images.spatial, window: filters.spatial, output: output.spatial), groups: groups)
  }
}
