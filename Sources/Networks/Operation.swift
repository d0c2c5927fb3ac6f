public import Kernels
public import TensorCore

/// A pure function of its inputs and parameters, together with its derivatives.
///
/// An operation holds only hyperparameters, so that a graph can be serialized. Weights are passed
/// as arguments, and what the derivatives need is returned in the `Evaluation`, so running an
/// operation never changes it.
public protocol Operation: Sendable, Hashable, Codable {
  /// The usual name of the operation, for tables and captions.
  var kind: String { get }

  /// How the operation maps positions.
  func reach(from inputs: [Shape], to output: Shape) -> SpatialReach

  /// How to compute a part of the output from parts of the inputs.
  ///
  /// - Parameter positions: The part, along each axis after the first two.
  /// - Returns: Nil if more than those parts may be needed, and for operations that do not say.
  func cropped(
    to positions: [Range<Int>], of output: Shape, from inputs: [Shape]
  ) -> CroppedOperation?

  /// What `pullback` reads besides the gradient and the parameters, after a run in any mode.
  var pullbackReads: PullbackReads { get }

  /// The same after a run for inference, if that is less.
  var inferencePullbackReads: PullbackReads { get }

  /// - Throws: `OperationError` if inputs or parameters do not fit.
  func outputShape(for inputs: [Shape], parameters: [Shape]) throws(OperationError) -> Shape

  /// The position of a batch's pictures in the output, and the operation for any number of them:
  /// the likeliest reading first, none if the pictures cannot be told apart.
  func following(_ batch: BatchedInputs) -> [FollowedOperation]

  /// - Parameter inputs: Consumed; a uniquely referenced tensor is changed in place.
  func evaluate(_ inputs: consuming [Tensor], parameters: [Tensor], mode: Mode) -> Evaluation

  /// The output alone, if there is no backward pass.
  func infer(_ inputs: consuming [Tensor], parameters: [Tensor]) -> Tensor

  /// The derivative's transpose: propagates a gradient of the output back to the inputs.
  func pullback(
    _ gradient: consuming Tensor, through evaluation: Evaluation, parameters: [Tensor]
  ) -> [Tensor]

  /// The gradients with respect to the parameters, nil for those that gradient descent does not
  /// learn.
  func parameterGradients(
    _ gradient: Tensor, through evaluation: Evaluation, parameters: [Tensor]
  ) -> [Tensor?]

  /// New values, by position, for parameters that a run in training mode measures instead of
  /// learning.
  func measuredParameters(
    after evaluation: Evaluation, parameters: [Tensor]
  ) -> [Int: Tensor]

  /// The memory that a kernel needs temporarily for a pass over inputs of the given shapes, in
  /// bytes.
  func scratchpadBytes(
    _ pass: LayerPass, inputs: [Shape], parameters: [Shape], output: Shape
  ) -> Int

  /// The number of multiplications with a weight, for inputs of the given shapes.
  func multiplyAdds(inputs: [Shape], parameters: [Shape], output: Shape) -> Int
}

extension Operation {
  public func reach(from inputs: [Shape], to output: Shape) -> SpatialReach { .pointwise }
  public var pullbackReads: PullbackReads { [] }
  public var inferencePullbackReads: PullbackReads { pullbackReads }
  func pullbackReads(in mode: Mode) -> PullbackReads {
    mode == .inference ? inferencePullbackReads : pullbackReads
  }
  public func infer(_ inputs: consuming [Tensor], parameters: [Tensor]) -> Tensor {
    evaluate(inputs, parameters: parameters, mode: .inference).keptOutput
  }
  public func parameterGradients(
    _ gradient: Tensor, through evaluation: Evaluation, parameters: [Tensor]
  ) -> [Tensor?] { [] }
  public func measuredParameters(
    after evaluation: Evaluation, parameters: [Tensor]
  ) -> [Int: Tensor] { [:] }
  public func multiplyAdds(inputs: [Shape], parameters: [Shape], output: Shape) -> Int { 0 }
  public func scratchpadBytes(
    _ pass: LayerPass, inputs: [Shape], parameters: [Shape], output: Shape
  ) -> Int { 0 }

  /// The only input, for operations that take one.
  func single(_ inputs: [Shape]) throws(OperationError) -> Shape {
    guard inputs.count == 1 else {
      throw OperationError("takes one input, not \(inputs.count)")
    }
    return inputs[0]
  }
}

/// Whether a run is for training.
public enum Mode: Sendable, Hashable {
  case inference
  /// Dropout is seeded; batch norm uses the batch's statistics.
  case training(seed: UInt64)
}

/// How far an operation reads around each position.
public enum SpatialReach: Sendable, Hashable {
  /// Each element reads those at its own position, by NumPy's broadcasting rules.
  case pointwise
  /// A window over the axes after the first two, `[N, C, …]`.
  case window([Int], WindowGeometry, mixesChannels: Bool)
  /// Each axis of each input by itself.
  case axes([[AxisReach]])
  case everything
}

/// How far an operation reads along one axis of an input.
public enum AxisReach: Sendable, Hashable {
  /// Position *p* along an axis of the output reads index `start + stride · p` only.
  case along(Int, start: Int = 0, stride: Int = 1)
  /// Every element reads the whole axis.
  case everything
}

extension SpatialReach {
  /// For operations of one input that keep its axes in place.
  ///
  /// - Parameter mixed: The axes that every element reads whole.
  static func keepingAxes(of input: Shape, mixing mixed: [Int]) -> SpatialReach {
    .axes([(0..<input.rank).map { mixed.contains($0) ? .everything : .along($0) }])
  }

  /// For operations that rename axes without moving elements in row-major order: an axis stays
  /// the same one if its extent and the number of elements before and after it do.
  static func renamingAxes(of input: Shape, to output: Shape) -> SpatialReach {
    var taken: Set<Int> = []
    let before = output.extents.indices.map { output.extents[..<$0].reduce(1, *) }
    return .axes([
      input.extents.indices.map { axis in
        let count = input.extents[..<axis].reduce(1, *)
        let same = output.extents.indices.first {
          output[$0] == input[axis] && before[$0] == count && !taken.contains($0)
        }
        guard let same else { return .everything }
        taken.insert(same)
        return .along(same)
      }
    ])
  }
}

public struct PullbackReads: OptionSet, Sendable {
  public let rawValue: Int
  public init(rawValue: Int) { self.rawValue = rawValue }
  public static let inputs = PullbackReads(rawValue: 1)
  public static let output = PullbackReads(rawValue: 2)
}

/// One run of one operation, with the part of it that the recording keeps.
public struct Evaluation: Sendable {
  /// What a run stores for its own backward pass.
  public enum Saved: Sendable {
    case nothing
    case tensor(Tensor)
    case switches(Switches)
    case batchStatistics(mean: Tensor, variance: Tensor)
  }

  public let inputShapes: [Shape]
  public internal(set) var inputs: [Tensor]?
  public internal(set) var output: Tensor?
  public let saved: Saved

  public init(inputShapes: [Shape], output: Tensor, saved: Saved = .nothing) {
    self.inputShapes = inputShapes
    self.output = output
    self.saved = saved
  }

  /// - Precondition: The recording kept the inputs.
  public var keptInputs: [Tensor] {
    guard let inputs else { preconditionFailure("the recording did not keep these inputs") }
    return inputs
  }

  /// - Precondition: The recording kept the output.
  public var keptOutput: Tensor {
    guard let output else { preconditionFailure("the recording did not keep this output") }
    return output
  }
}

/// Why an operation cannot take its inputs or parameters.
public struct OperationError: Error, Sendable, Hashable, CustomStringConvertible {
  public let description: String
  public init(_ description: String) { self.description = description }
}
