internal import Kernels
internal import TensorCore

/// Building blocks of many architectures, with torchvision's names.
extension BlueprintBuilder {
  /// A convolution without bias, its batch norm and, if that has a name, an activation.
  mutating func normalizedConvolution(
    _ names: (convolution: String, norm: String, activation: String?), filters: Int,
    _ convolution: Convolution, _ normalization: BatchNormalization = BatchNormalization(),
    _ activation: Activation = .relu
  ) {
    self.convolution(names.convolution, filters: filters, convolution, bias: false)
    batchNormalization(names.norm, normalization)
    if let name = names.activation { append(name, activation) }
  }

  /// The same in a list of modules: `name.0`, `name.1` and, with an activation, `name.2`.
  mutating func normalizedConvolution(
    _ name: String, filters: Int, _ convolution: Convolution,
    _ normalization: BatchNormalization = BatchNormalization(),
    activation: Activation? = .relu
  ) {
    normalizedConvolution(
      ("\(name).0", "\(name).1", activation.map { _ in "\(name).2" }), filters: filters,
      convolution, normalization, activation ?? .relu)
  }

  /// Each filter reads one channel, and padding keeps the extent at stride 1.
  mutating func depthwise(window: Int, stride: Int = 1) -> Convolution {
    Convolution(window, stride: stride, padding: window / 2, groups: shape[1])
  }

  mutating func add(_ name: String, of inputs: [String]) {
    append(name, Arithmetic(.add), of: inputs)
  }

  /// The sum of the input and the output of `body`.
  mutating func residual(_ name: String, _ body: (inout Self) -> Void) {
    let start = current
    body(&self)
    add(name, of: [current, start])
  }

  /// Branches that all read the current node, concatenated along the channels.
  mutating func branches(_ name: String, _ branches: [(inout Self) -> Void]) {
    let start = current
    var ends: [String] = []
    for branch in branches {
      current = start
      branch(&self)
      ends.append(current)
    }
    append(name, Concatenate(), of: ends)
  }

  /// The mean of each map, as a row of features.
  mutating func globalAverage() {
    append("avgpool", GlobalPool(.average))
    append("flatten", Flatten())
  }

  /// PyTorch's adaptive average pooling; nothing if the maps already have that extent.
  ///
  /// Maps smaller than `extent` are left as they are: the layers after them are then smaller.
  mutating func adaptiveAverage(_ name: String, extent: Int) {
    let maps = shape.spatial
    guard maps.allSatisfy({ $0 >= extent }), maps != [extent, extent] else { return }
    append(name, AdaptiveAveragePool(extents: [extent, extent]))
  }
}
