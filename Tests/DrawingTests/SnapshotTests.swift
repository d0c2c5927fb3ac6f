import Drawing
import Foundation
import Images
import TestSupport
import Testing

/// Pictures without text, because letters differ between machines.
@Suite struct `Pictures look as before:` {
  private func wave(_ width: Int, _ height: Int) -> Raster {
    Raster(
      width: width, height: height,
      values: (0..<width * height).map { index in
        let (x, y) = (Float(index % width), Float(index / width))
        return sin(0.9 * x) * cos(0.5 * y) - 0.02 * x
      })
  }

  @Test func `colour maps`() throws {
    let maps: [Colormap] = [
      .viridis, .magma, .inferno, .cividis, .grey, .blueWhiteRed,
    ]
    let ramp = Raster(width: 256, height: 1, values: (0..<256).map(Float.init))
    let strips = maps.map {
      Heatmap(
        ramp, colormap: $0, range: 0...255, size: Size(width: 256, height: 12),
        interpolation: .nearest)
    }
    try expectSnapshot(Column(spacing: 4, strips).render(), named: "colormaps")
  }

  @Test func `heat maps, overlays and frames`() throws {
    let raster = wave(12, 9)
    let range = Scaling.symmetric.range(of: raster.values)
    let picture = wave(24, 18).image(.grey)
    let size = Size(width: 96, height: 72)
    let row = Row(
      spacing: 8,
      [
        Heatmap(raster, colormap: .blueWhiteRed, range: range, zoom: 8),
        Heatmap(raster, range: range, size: size),
        Overlay(raster, over: picture, colormap: .blueWhiteRed, range: range, size: size),
        Picture(picture, fitting: 96, frame: Theme.line),
      ])
    try expectSnapshot(row.render(), named: "heatmaps")
  }

  @Test func `tiles and their marks`() throws {
    let image = wave(6, 6).image(.viridis)
    let halfOutside = Image(
      width: 6, height: 6,
      pixels: image.pixels.enumerated().map { $0 % 24 < 12 && $0 % 4 == 3 ? 0 : $1 })
    let marks: [Tile.Mark?] = [nil, .dead, .duplicate, .framed(Theme.accent)]
    let tiles = marks.map { Tile(image, mark: $0) } + [Tile(halfOutside)]
    let blocks = marks.map {
      Tile(block: [image, halfOutside, nil, image], columns: 2, mark: $0)
    }
    let column = Column(
      spacing: 8,
      [
        TileGrid(tiles, arrangement: TileArrangement(columns: 5, zoom: 6)),
        TileGrid(blocks, arrangement: TileArrangement(columns: 4, zoom: 3), outline: Theme.outline),
      ])
    try expectSnapshot(column.render(), named: "tiles")
  }

  @Test func `markers`() throws {
    let canvas = try Canvas(width: 6 * 24, height: 4 * 24, background: .white)
    for index in 0..<24 {
      let center = Point(Double(index % 6) * 24 + 12, Double(index / 6) * 24 + 12)
      canvas.draw(ClassStyle(index: index), at: center, radius: 8, outline: .white)
    }
    try expectSnapshot(try canvas.image(), named: "markers")
  }
}
