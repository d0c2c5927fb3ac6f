internal import Kernels
internal import TensorCore

extension BlueprintBuilder {
  /// Scales each map by a number between 0 and 1 that depends on the means of all maps (Hu et al.
  /// 2018, "Squeeze-and-Excitation Networks", figure 2), with torchvision's names.
  ///
  /// - Parameter squeezed: The number of features in the narrow layer.
  mutating func squeezeExcitation(
    _ name: String, squeezed: Int, _ activation: Activation = .relu,
    gate: Activation = .sigmoid
  ) {
    let maps = current
    let channels = shape[1]
    append("\(name).avgpool", GlobalPool(.average))
    convolution("\(name).fc1", filters: squeezed, Convolution(1))
    append("\(name).activation", activation)
    convolution("\(name).fc2", filters: channels, Convolution(1))
    append("\(name).scale_activation", gate)
    append("\(name).multiply", Arithmetic(.multiply), of: [maps, current])
  }
}
