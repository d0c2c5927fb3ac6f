internal import Drawing

/// What a figure says of cells that are NaN or infinite, which it draws hatched.
struct NonFiniteCells {
  let count: Int

  init(_ count: Int) { self.count = count }

  init(in rasters: [Raster]) { self.init(rasters.reduce(0) { $0 + $1.nonFiniteCount }) }

  /// Empty if every cell is finite.
  func sentence(of noun: String) -> String {
    count == 0
      ? ""
      : "Hatched \(count == 1 ? "is" : "are") \(counted(count, noun)) that "
        + "\(count == 1 ? "is" : "are") not finite."
  }

  /// A colour bar, and beside it what hatching means where there is any.
  func legend(beside bar: any Drawable) -> any Drawable {
    count == 0
      ? bar : Row(spacing: 24, [bar, Legend([Legend.Entry("not finite", .hatching)])])
  }
}
