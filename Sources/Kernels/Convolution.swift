internal import OneDNN
public import TensorCore

/// Correlates `[N, C, H, W]` images with `[K, C / groups, R, S]` filters.
///
/// - Parameters:
///   - bias: `[K]`.
///   - addend: Added to the result; in place if it is uniquely referenced.
///   - activation: Applied last, in the same pass.
///   - precision: In which the result is stored, if the images are not `float32`; theirs by default.
/// - Returns: `[N, K, H', W']`, channels last, with
///   `H' = (H + padding − dilation·(R − 1) − 1) / stride + 1`.
public func convolve(
  _ images: Tensor, with filters: Tensor, bias: Tensor? = nil,
  geometry: WindowGeometry = WindowGeometry(), groups: Int = 1,
  addingTo addend: consuming Tensor? = nil, activation: ActivationFunction? = nil,
  storing precision: Precision? = nil
) -> Tensor {
  let shape = convolutionShape(
    images: images.shape, filters: filters.shape, geometry: geometry, groups: groups)
  return convolve(
    images, with: filters, bias: bias, to: shape, geometry: geometry, groups: groups,
    addingTo: addend, activation: activation, storing: precision)
}

/// The same with as many windows as `shape` has positions, which may be fewer than fit.
func convolve(
  _ images: Tensor, with filters: Tensor, bias: Tensor? = nil, to shape: Shape,
  geometry: WindowGeometry, groups: Int, addingTo addend: consuming Tensor? = nil,
  activation: ActivationFunction? = nil, storing precision: Precision? = nil
) -> Tensor {
  let stored = images.precision == .float32 ? .float32 : precision ?? images.precision
  let bound = LayerBound.of(
    images, weights: filters, bias: bias, addend: addend, isNeeded: activation != nil)
  if let activation, !bound.isSafe {
    return activate(
      convolve(
        images, with: filters, bias: bias, to: shape, geometry: geometry, groups: groups,
        addingTo: addend, storing: stored), activation)
  }
  guard
    let primitive = primitiveIfOffered(
      .convolution(
        .init(
          images.shape, filters.shape, shape, geometry, groups, images.precision, storing: stored),
        .forward(
          bias: bias != nil,
          Finish(accumulates: addend != nil, function: activation?.elementwise))))
  else {
    guard images.precision == .float32 else {
      return convolve(
        images.converted(to: .float32), with: filters, bias: bias, to: shape, geometry: geometry,
        groups: groups, addingTo: addend, activation: activation
      ).converted(to: stored)
    }
    let plain = PlainConvolution(
      images: images.shape, filters: filters.shape, output: shape, geometry, groups: groups)
    var output = plain.forward(images, filters)
    if let bias { output = addToChannels(output, bias) }
    if let addend { output = output + addend }
    return activation.map { activate(output, $0) } ?? output
  }
  func run(into output: UnsafeMutableRawPointer) {
    images.arranged(as: .channelsLast).withMemory(as: images.precision) { images in
      primitive.run(
        [(.source, images), (.destination, output)], weights: filters, bias: bias)
    }
  }
  guard let addend else {
    let output = Tensor(shape: shape, layout: .channelsLast, precision: stored, filledBy: run)
    bound.note(on: output, after: activation)
    return output
  }
  precondition(addend.shape == shape, "a sum of \(shape) and \(addend.shape)")
  var sum = (consume addend).arranged(as: .channelsLast).converted(to: stored)
  sum.withMutableMemory(run)
  bound.note(on: sum, after: activation)
  return sum
}

/// The transpose of ``convolve(_:with:bias:geometry:groups:addingTo:activation:storing:)`` in its images:
/// propagates `[N, K, H', W']` back to `[N, C, H, W]`.
public func convolutionInputGradient(
  of gradient: Tensor, with filters: Tensor, imageShape: Shape,
  geometry: WindowGeometry = WindowGeometry(), groups: Int = 1
) -> Tensor {
  let phased = PhasedInputGradient(
    imageShape, filters.shape, gradient.shape, geometry, groups: groups)
  if let result = phased?(of: gradient, filters) { return result }
  let precision = gradient.precision
  guard
    let primitive = primitiveIfOffered(
      .convolution(
        .init(
          imageShape, filters.shape, gradient.shape, geometry, groups, precision,
          storing: precision), .inputGradient))
  else {
    guard precision == .float32 else {
      return convolutionInputGradient(
        of: gradient.converted(to: .float32), with: filters, imageShape: imageShape,
        geometry: geometry, groups: groups
      ).converted(to: precision)
    }
    return PlainConvolution(
      images: imageShape, filters: filters.shape, output: gradient.shape, geometry, groups: groups
    ).inputGradient(of: gradient, filters)
  }
  return Tensor(shape: imageShape, layout: .channelsLast, precision: precision) { output in
    gradient.arranged(as: .channelsLast).withMemory(as: precision) { gradient in
      primitive.run(
        [(.destinationGradient, gradient), (.sourceGradient, output)], weights: filters)
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
    _ images: Shape, _ filters: Shape, _ output: Shape, _ geometry: WindowGeometry, _ groups: Int,
    _ operands: Precision = .float32, storing result: Precision = .float32
  ) {
    self.init(
      source: images.extents, filters: filters.extents, destination: output.extents,
      stride: geometry.stride, dilation: geometry.dilation,
      paddingBefore: geometry.paddingBefore,
      paddingAfter: geometry.reachAfter(
        images.spatial, window: filters.spatial, output: output.spatial), groups: groups,
      operands: operands.elementType, result: result.elementType)
  }
}
