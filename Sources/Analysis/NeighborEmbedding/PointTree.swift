/// A quadtree of points, in which far cells stand for all of their points (Barnes and Hut 1986).
struct PointTree: Sendable {
  private struct Cell: Sendable {
    let center: SIMD2<Double>
    let halfSide: Double
    var count = 0.0
    var sum = SIMD2<Double>.zero
    /// The first of its four parts; nil for a leaf.
    var firstPart: Int?
    /// In a leaf, the place of all its points, which coincide.
    var place: SIMD2<Double>?
  }

  private let points: [SIMD2<Double>]
  private var cells: [Cell] = []

  /// Points that are closer than the side divided by two to this power are taken to coincide.
  private static let deepest = 48

  init(_ points: [SIMD2<Double>]) {
    self.points = points
    var (low, high) = (SIMD2<Double>(repeating: .infinity), SIMD2<Double>(repeating: -.infinity))
    for point in points {
      low = pointwiseMin(low, point)
      high = pointwiseMax(high, point)
    }
    cells.append(Cell(center: (low + high) / 2, halfSide: max((high - low).max() / 2, 1e-30)))
    for point in points { insert(point) }
  }

  private mutating func insert(_ point: SIMD2<Double>) {
    var cell = 0
    for depth in 0... {
      cells[cell].count += 1
      cells[cell].sum += point
      if let first = cells[cell].firstPart {
        cell = first + part(of: cell, for: point)
        continue
      }
      guard let place = cells[cell].place else {
        cells[cell].place = point
        return
      }
      guard place != point, depth < Self.deepest else { return }
      split(cell, movingTo: place)
      cell = (cells[cell].firstPart ?? 0) + part(of: cell, for: point)
    }
  }

  /// Makes a leaf a cell of four, of which one gets the points at its place.
  private mutating func split(_ cell: Int, movingTo place: SIMD2<Double>) {
    let (center, quarter) = (cells[cell].center, cells[cell].halfSide / 2)
    let first = cells.count
    for part in 0..<4 {
      let offset = SIMD2<Double>(
        part & 1 == 0 ? -quarter : quarter, part & 2 == 0 ? -quarter : quarter)
      cells.append(Cell(center: center + offset, halfSide: quarter))
    }
    cells[cell].firstPart = first
    cells[cell].place = nil
    let target = first + part(of: cell, for: place)
    // The new point has been counted already.
    let others = cells[cell].count - 1
    cells[target].count = others
    cells[target].sum = others * place
    cells[target].place = place
  }

  private func part(of cell: Int, for point: SIMD2<Double>) -> Int {
    (point.x >= cells[cell].center.x ? 1 : 0) + (point.y >= cells[cell].center.y ? 2 : 0)
  }

  /// What pushes a point away from all others.
  ///
  /// - Parameters:
  ///   - index: The point's.
  ///   - coarseness: A cell is taken as one point if its side is smaller than this share of its
  ///     distance.
  func repulsion(of index: Int, coarseness: Double) -> Repulsion {
    let point = points[index]
    var result = Repulsion()
    var open = [0]
    while let next = open.popLast() {
      let cell = cells[next]
      guard cell.count > 0 else { continue }
      let difference = point - cell.sum / cell.count
      let square = (difference * difference).sum()
      let side = 2 * cell.halfSide
      if let first = cell.firstPart, side * side >= coarseness * coarseness * square {
        open += first..<(first + 4)
      } else {
        // A leaf at the point's own place has the point itself among its points.
        let isOwn = cell.firstPart == nil && cell.place == point
        result.add(difference, count: isOwn ? cell.count - 1 : cell.count)
      }
    }
    return result
  }
}
