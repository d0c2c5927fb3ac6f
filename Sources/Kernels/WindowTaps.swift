/// The positions of a moving window's cells on a picture with one to three spatial axes.
///
/// Follows the definition literally; used for what oneDNN does not support, or rejects.
struct WindowTaps {
  /// The extents, padded with leading ones to three axes.
  private let input, output, window: [Int]
  /// For every axis, output and cell: the position times the axis's stride, negative in the
  /// padding.
  private let places: [[Int]]

  init(input: [Int], output: [Int], window: [Int], moves: WindowGeometry) {
    let missing = 3 - input.count
    precondition((0...2).contains(missing), "windows on \(input.count) axes")
    let ones = [Int](repeating: 1, count: missing)
    (self.input, self.output, self.window) = (ones + input, ones + output, ones + window)
    var places = [[Int]](repeating: [0], count: missing)
    for axis in input.indices {
      let step = input[(axis + 1)...].reduce(1, *)
      var cells: [Int] = []
      for place in 0..<output[axis] {
        let start = place * moves.stride[axis] - moves.paddingBefore[axis]
        for cell in 0..<window[axis] {
          let index = start + cell * moves.dilation[axis]
          cells.append((0..<input[axis]).contains(index) ? index * step : -1)
        }
      }
      places.append(cells)
    }
    self.places = places
  }

  var inputCount: Int { input.reduce(1, *) }
  var outputCount: Int { output.reduce(1, *) }
  var cellCount: Int { window.reduce(1, *) }

  /// Calls `body` with the position of every cell inside the picture: outputs outermost, then the
  /// window's cells, each in row-major order.
  @inline(__always)
  func forEach(_ body: (_ output: Int, _ cell: Int, _ input: Int) -> Void) {
    var place = 0
    for z in 0..<output[0] {
      for y in 0..<output[1] {
        for x in 0..<output[2] {
          for i in 0..<window[0] {
            let depth = places[0][z * window[0] + i]
            guard depth >= 0 else { continue }
            for j in 0..<window[1] {
              let row = places[1][y * window[1] + j]
              guard row >= 0 else { continue }
              for k in 0..<window[2] {
                let column = places[2][x * window[2] + k]
                guard column >= 0 else { continue }
                body(place, (i * window[1] + j) * window[2] + k, depth + row + column)
              }
            }
          }
          place += 1
        }
      }
    }
  }
}

extension WindowGeometry {
  /// For every output along `axis`, the number of the window's cells that are in `range`.
  func cells(
    in range: Range<Int>, along axis: Int, output: Int, window: Int
  ) -> [Int] {
    let step = dilation[axis]
    return (0..<output).map { place in
      let start = place * stride[axis] - paddingBefore[axis]
      let before = start < range.lowerBound ? (range.lowerBound - start + step - 1) / step : 0
      let inside = start < range.upperBound ? (range.upperBound - start + step - 1) / step : 0
      return max(min(inside, window) - before, 0)
    }
  }
}
