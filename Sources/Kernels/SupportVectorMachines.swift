internal import CLinear
public import TensorCore

/// Scores that are linear in features: `x · w + b` for each class.
public struct LinearClassifier: Sendable {
  public let classCount: Int
  public let featureCount: Int
  /// A row for each class: the weights of the features, then the intercept.
  public var values: [Double]

  /// - Precondition: There are `featureCount + 1` values for each class.
  public init(classCount: Int, featureCount: Int, values: [Double]) {
    precondition(
      values.count == classCount * (featureCount + 1),
      "\(values.count) values for \(classCount) classes and \(featureCount) features")
    (self.classCount, self.featureCount, self.values) = (classCount, featureCount, values)
  }

  /// With weights of zero.
  public init(classCount: Int, featureCount: Int) {
    self.init(
      classCount: classCount, featureCount: featureCount,
      values: [Double](repeating: 0, count: classCount * (featureCount + 1)))
  }

  /// `[classes, features]`.
  public var weights: Tensor {
    Tensor(shape: [classCount, featureCount]) { target in
      for row in 0..<classCount {
        for column in 0..<featureCount {
          target[row * featureCount + column] = Float(values[row * (featureCount + 1) + column])
        }
      }
    }
  }

  /// `[classes]`.
  public var intercepts: Tensor {
    Tensor(
      shape: [classCount],
      (0..<classCount).map { Float(values[$0 * (featureCount + 1) + featureCount]) })
  }

  /// The scores `[N, classes]` of features `[N, D]`.
  public func scores(of features: Tensor) -> Tensor {
    innerProduct(features, with: weights, bias: intercepts)
  }
}

/// Rows of features for linear support vector machines, one class against the rest, by liblinear
/// (Fan et al. 2008).
///
/// A machine minimises `½ ‖(w, b)‖² + C Σ max(0, 1 − y (w · x + b))²` (solver 2, L2-regularised
/// L2-loss in the primal): by the trust-region Newton method, which draws no random numbers and can
/// begin at a solution for another C. (Solver 1, the dual, takes far longer at a large C unless the
/// classes can be separated.) The intercept is regularised, as always in this version of
/// the library.
public final class SupportVectorProblem {
  public let featureCount: Int
  public let count: Int
  private let nodes: UnsafeMutablePointer<feature_node>
  private let rows: UnsafeMutablePointer<UnsafeMutablePointer<feature_node>?>

  /// Of a problem in memory, in bytes: 16 for each value that is not zero.
  public static func mostBytes(rows: Int, features: Int) -> Int {
    let (nodes, overflows) = rows.multipliedReportingOverflow(by: features + 2)
    let (bytes, alsoOverflows) = nodes.multipliedReportingOverflow(
      by: MemoryLayout<feature_node>.stride)
    return overflows || alsoOverflows ? .max : bytes
  }

  /// - Parameters:
  ///   - blockRows: How many rows are asked for at once.
  ///   - block: The features of some rows, `[rows, features]`; all are finite.
  /// - Precondition: There are fewer than 2³¹ rows and features.
  public init(
    count: Int, featureCount: Int, blockRows: Int = 1024, block: (Range<Int>) -> Tensor
  ) {
    precondition(
      count < Int(Int32.max) && featureCount < Int(Int32.max) - 2,
      "\(count) rows of \(featureCount) features are more than liblinear counts")
    (self.count, self.featureCount) = (count, featureCount)
    // Rows end where the next begins, so zeros take no memory that is ever touched.
    nodes = .allocate(capacity: max(count * (featureCount + 2), 1))
    rows = .allocate(capacity: max(count, 1))
    for start in stride(from: 0, to: count, by: blockRows) {
      let range = start..<min(start + blockRows, count)
      block(range).withUnsafeElements { values in
        for row in range {
          let first = nodes + row * (featureCount + 2)
          (rows + row).initialize(to: first)
          var next = first
          let own = (row - start) * featureCount
          for column in 0..<featureCount where values[own + column] != 0 {
            next.initialize(
              to: feature_node(index: Int32(column + 1), value: Double(values[own + column])))
            next += 1
          }
          next.initialize(to: feature_node(index: Int32(featureCount + 1), value: 1))
          (next + 1).initialize(to: feature_node(index: -1, value: 0))
        }
      }
    }
  }

  deinit {
    nodes.deallocate()
    rows.deallocate()
  }

  /// A machine for each class; the classes are shared out among the cores.
  ///
  /// - Parameters:
  ///   - labels: The class of each row.
  ///   - cost: `C`.
  ///   - tolerance: The norm of the gradient at which a machine is done, as a share of that at zero
  ///     weights and of the rarer of its two sides (liblinear's `eps`).
  ///   - start: Where to begin; nil for zero weights.
  /// - Precondition: Each class has a row, and another one has, too.
  public func machines(
    classCount: Int, labels: [Int], cost: Double, tolerance: Double = 0.01,
    from start: LinearClassifier? = nil
  ) -> LinearClassifier {
    precondition(labels.count == count, "\(labels.count) labels for \(count) rows")
    // The library prints to standard output, where results are.
    set_print_string_function { _ in }
    let width = featureCount + 1
    // The library only reads them.
    nonisolated(unsafe) let (rows, start) = (rows, start)
    let (count, features) = (count, featureCount)
    let machines = concurrentMap(classCount) { label -> [Double] in
      var signs = labels.map { $0 == label ? 1.0 : -1.0 }
      var initial =
        start.map { Array($0.values[(label * width)..<((label + 1) * width)]) }
        ?? [Double](repeating: 0, count: width)
      return signs.withUnsafeMutableBufferPointer { signs in
        initial.withUnsafeMutableBufferPointer { initial in
          var described = problem(
            l: Int32(count), n: Int32(features + 1), y: signs.baseAddress, x: rows, bias: 1)
          var choice = CLinear_parameter(cost, tolerance, initial.baseAddress)
          if let problem = check_parameter(&described, &choice) {
            preconditionFailure("liblinear: \(String(cString: problem))")
          }
          var model = train(&described, &choice)
          defer { free_and_destroy_model(&model) }
          guard let found = model?.pointee, found.nr_class == 2, let w = found.w else {
            preconditionFailure("liblinear: a class without rows, or with all of them")
          }
          // The weights are those of its first class.
          let sign = found.label[0] == 1 ? 1.0 : -1.0
          return (0..<width).map { sign * w[$0] }
        }
      }
    }
    return LinearClassifier(
      classCount: classCount, featureCount: featureCount, values: Array(machines.joined()))
  }
}
