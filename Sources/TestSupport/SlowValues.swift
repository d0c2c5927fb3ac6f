internal import Foundation
public import Kernels
public import TensorCore

// Kernels on values again, as loops over the definition in `Double`, in row-major order.
extension Slow {
  public static func activate(_ x: Double, _ function: ActivationFunction) -> Double {
    func logistic(_ x: Double) -> Double { 1 / (1 + exp(-x)) }
    func softplus(_ x: Double) -> Double { log1p(exp(-abs(x))) + max(x, 0) }
    switch function {
    case .rectifier: return max(x, 0)
    case .leakyRectifier(let slope): return x > 0 ? x : Double(slope) * x
    case .logistic: return logistic(x)
    case .hyperbolicTangent: return tanh(x)
    case .elu(let alpha): return x > 0 ? x : Double(alpha) * expm1(x)
    case .selu(let alpha, let gamma):
      return Double(gamma) * (x > 0 ? x : Double(alpha) * expm1(x))
    case .celu(let alpha):
      return max(x, 0) + min(0, Double(alpha) * expm1(x / Double(alpha)))
    case .hardSigmoid(let alpha, let beta):
      return max(0, min(1, Double(alpha) * x + Double(beta)))
    case .hardSwish: return x * max(0, min(1, x / 6 + 0.5))
    case .swish: return x * logistic(x)
    case .softplus: return softplus(x)
    case .softsign: return x / (1 + abs(x))
    case .gelu: return x * 0.5 * (1 + erf(x / 2.0.squareRoot()))
    case .tanhGelu:
      return 0.5 * x * (1 + tanh((2 / Double.pi).squareRoot() * (x + 0.044715 * x * x * x)))
    case .mish: return x * tanh(softplus(x))
    case .clip(let lower, let upper): return min(max(x, Double(lower)), Double(upper))
    case .exponential: return exp(x)
    case .logarithm: return log(x)
    case .squareRoot: return x.squareRoot()
    case .absolute: return abs(x)
    case .negation: return -x
    case .reciprocal: return 1 / x
    case .floor: return x.rounded(.down)
    case .ceiling: return x.rounded(.up)
    case .rounding: return x.rounded(.toNearestOrEven)
    case .errorFunction: return erf(x)
    case .not: return x == 0 ? 1 : 0
    }
  }

  /// Combines two or more tensors element by element, computing each index separately.
  public static func broadcast(
    _ tensors: [Tensor], to shape: Shape, _ combine: ([Double]) -> Double
  ) -> [Double] {
    let values = tensors.map { $0.elements.map(Double.init) }
    return (0..<shape.elementCount).map { flat in
      let position = position(flat, in: shape)
      return combine(
        zip(tensors, values).map { tensor, values in
          values[index(position.suffix(tensor.shape.rank), in: tensor.shape)]
        })
    }
  }

  /// The values along some axes, for each position of the others.
  public static func slices(_ tensor: Tensor, axes: [Int]) -> [[Double]] {
    let kept = tensor.shape.reduced(axes)
    var slices = [[Double]](repeating: [], count: kept.elementCount)
    for (flat, value) in tensor.elements.enumerated() {
      slices[index(position(flat, in: tensor.shape)[...], in: kept)].append(Double(value))
    }
    return slices
  }

  public static func reduce(_ values: [Double], _ function: ReductionFunction) -> Double {
    switch function {
    case .mean: return values.reduce(0, +) / Double(values.count)
    case .sum: return values.reduce(0, +)
    case .maximum: return values.max() ?? -.infinity
    case .minimum: return values.min() ?? .infinity
    case .product: return values.reduce(1, *)
    case .sumOfSquares: return values.reduce(0) { $0 + $1 * $1 }
    case .l1: return values.reduce(0) { $0 + abs($1) }
    case .l2: return values.reduce(0) { $0 + $1 * $1 }.squareRoot()
    case .logSumExp: return log(values.reduce(0) { $0 + exp($1) })
    }
  }

  /// `numpy.matmul` of tensors with two or more axes.
  public static func matrixProduct(_ a: Tensor, _ b: Tensor, batch: Shape) -> [Double] {
    let (x, y) = (a.elements, b.elements)
    let (rows, inner) = (a.shape[a.shape.rank - 2], a.shape[a.shape.rank - 1])
    let columns = b.shape[b.shape.rank - 1]
    return (0..<(batch.elementCount * rows * columns)).map { flat in
      let (matrix, row, column) = (flat / (rows * columns), flat / columns % rows, flat % columns)
      let position = position(matrix, in: batch)
      func start(_ shape: Shape) -> Int {
        let own = Shape(Array(shape.extents.dropLast(2)))
        return index(position.suffix(own.rank), in: own)
      }
      let (first, second) = (start(a.shape), start(b.shape))
      return (0..<inner).reduce(0.0) {
        $0 + Double(x[(first * rows + row) * inner + $1])
          * Double(y[(second * inner + $1) * columns + column])
      }
    }
  }

  /// Standardizes each row of values, without scale and shift.
  public static func standardize(_ values: [Double], epsilon: Double) -> [Double] {
    let mean = values.reduce(0, +) / Double(values.count)
    let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count)
    return values.map { ($0 - mean) / (variance + epsilon).squareRoot() }
  }

  private static func position(_ flat: Int, in shape: Shape) -> [Int] {
    var rest = flat
    return shape.extents.reversed().map { extent in
      defer { rest /= extent }
      return rest % extent
    }.reversed()
  }

  /// The row-major index of a position, with extents of one broadcast.
  private static func index(_ position: ArraySlice<Int>, in shape: Shape) -> Int {
    zip(position, shape.extents).reduce(0) { $0 * $1.1 + ($1.1 == 1 ? 0 : $1.0) }
  }
}

extension Tensor {
  /// The same elements in a memory layout chosen by the seed.
  public func arranged(bySeed seed: Int) -> Tensor {
    arranged(as: seed % 2 == 0 ? .rowMajor : .channelsLast)
  }
}

/// Shapes of one to five axes for tests of broadcasting and of axes.
public struct RandomShapes {
  private var generator: SeededGenerator

  public init(seed: Int) { generator = SeededGenerator(seed: UInt64(seed), path: 0x5A4E) }

  public mutating func pick(_ range: ClosedRange<Int>) -> Int {
    Int.random(in: range, using: &generator)
  }

  /// - Parameter longest: The largest extent.
  public mutating func shape(rank: Int? = nil, longest: Int = 6) -> Shape {
    let rank = rank ?? pick(1...5)
    return Shape((0..<rank).map { _ in pick(1...longest) })
  }

  /// A shape that broadcasts with `shape`: some extents are one, some leading axes are missing.
  public mutating func companion(of shape: Shape) -> Shape {
    let dropped = pick(0...2) == 0 ? pick(0...shape.rank) : 0
    return Shape(shape.extents.dropFirst(dropped).map { pick(0...1) == 0 ? 1 : $0 })
  }

  /// At least one axis of a shape.
  public mutating func axes(of shape: Shape) -> [Int] {
    let axes = (0..<shape.rank).filter { _ in pick(0...1) == 0 }
    return axes.isEmpty ? [pick(0...(shape.rank - 1))] : axes
  }
}
