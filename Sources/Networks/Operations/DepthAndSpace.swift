public import Kernels
public import TensorCore

/// Rearranges channels into blocks of pixels: `[N, b·b·C, H, W]` to `[N, C, b·H, b·W]`.
///
/// Shi et al. (2016), "Real-Time Single Image and Video Super-Resolution": the pixel shuffle.
public struct DepthToSpace: RearrangingOperation {
  public let block: Int
  /// Whether the channels are ordered with depth first and the block's columns last (ONNX's CRD and
  /// PyTorch's `PixelShuffle`), not with the block first (DCR).
  public let columnRowDepth: Bool

  public init(block: Int, columnRowDepth: Bool) {
    (self.block, self.columnRowDepth) = (block, columnRowDepth)
  }

  public var kind: String { "depth to space" }
  public func reach(from inputs: [Shape], to output: Shape) -> SpatialReach {
    block == 1 ? .pointwise : .everything
  }

  public func outputShape(
    for inputs: [Shape], parameters: [Shape]
  ) throws(OperationError) -> Shape {
    let input = try single(inputs)
    // Beyond this limit, the square of a block exceeds any possible number of channels.
    guard input.rank == 4, (1...(1 << 15)).contains(block), input[1] % (block * block) == 0 else {
      throw OperationError(
        "channels of \(input) cannot be divided into blocks of \(block)×\(block)")
    }
    return rearrangement(of: input).outputShape
  }

  public func rearrangement(of input: Shape) -> Rearrangement {
    .depthToSpace(of: input, block: block, columnRowDepth: columnRowDepth)
  }
}

/// Rearranges blocks of pixels into channels: `[N, C, b·H, b·W]` to `[N, b·b·C, H, W]`, the
/// position in the block before the depth.
public struct SpaceToDepth: RearrangingOperation {
  public let block: Int

  public init(block: Int) { self.block = block }

  public var kind: String { "space to depth" }
  public func reach(from inputs: [Shape], to output: Shape) -> SpatialReach {
    .window([block, block], WindowGeometry(stride: block), mixesChannels: true)
  }

  public func outputShape(
    for inputs: [Shape], parameters: [Shape]
  ) throws(OperationError) -> Shape {
    let input = try single(inputs)
    guard input.rank == 4, block > 0, input[2] % block == 0, input[3] % block == 0,
      block <= max(input[2], input[3], 1)
    else {
      throw OperationError("inputs \(input) cannot be divided into blocks of \(block)×\(block)")
    }
    return rearrangement(of: input).outputShape
  }

  public func rearrangement(of input: Shape) -> Rearrangement {
    .spaceToDepth(of: input, block: block)
  }
}
