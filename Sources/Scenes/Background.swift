import Drawing
import Foundation
import Images
import TensorCore

/// What is behind the object.
struct Background {
  let factors: SceneFactors
  let width: Int
  let height: Int

  func draw(on canvas: borrowing Canvas) {
    let all = Rectangle(x: 0, y: 0, width: Double(width), height: Double(height))
    switch factors.background {
    case .gradient:
      canvas.fill(all, with: gradient())
    case .studio:
      canvas.fill(all, with: studio())
    case .clouds:
      canvas.draw(clouds(), in: all, interpolation: .nearest)
    case .grating:
      canvas.draw(grating(), in: all, interpolation: .nearest)
    case .clutter:
      canvas.fill(all, with: gradient())
      drawClutter(on: canvas)
    }
  }

  private var first: SceneColor { factors.backgroundColor }
  private var second: SceneColor { factors.backgroundSecondColor }

  private func gradient() -> Gradient {
    let angle = factors.backgroundAngle * .pi / 180
    let centre = Point(Double(width) / 2, Double(height) / 2)
    let reach = Point(cos(angle) * Double(width) / 2, -sin(angle) * Double(height) / 2)
    let stops = (0...6).map { i -> (Double, Color) in
      let t = Double(i) / 6
      return (t, ink(mix(first.lab, second.lab, Float(t))))
    }
    return .linear(from: centre - reach, to: centre + reach, stops: stops)
  }

  /// A wall that darkens towards the top, and a floor that darkens towards the viewer.
  private func studio() -> Gradient {
    let horizon = 0.46 + 0.14 * unit(factors.backgroundSeed)
    func shade(_ color: SceneColor, _ change: Float) -> Color { ink(color.lab + [change, 0, 0]) }
    return .linear(
      from: Point(0, 0), to: Point(0, Double(height)),
      stops: [
        (0, shade(first, -0.07)), (horizon - 0.05, shade(first, 0.04)),
        (horizon + 0.05, shade(second, 0.06)), (1, shade(second, -0.08)),
      ])
  }

  private func clouds() -> Image {
    let longer = max(width, height)
    var side = 2
    while side < min(longer, 1024) { side *= 2 }
    let field = CloudField(side: side, seed: factors.backgroundSeed)
    let (from, to) = (first.lab, second.lab)
    let share = Float(side) / Float(longer)
    return picture { x, y in
      let (u, v) = (sample(x, share, side), sample(y, share, side))
      let i = v * side + u
      let tint = 0.035 * field.second[i]
      return mix(from, to, 0.5 + 0.34 * field.first[i]) + [0.2 * tint, tint, -0.6 * tint]
    }
  }

  private func sample(_ pixel: Int, _ share: Float, _ side: Int) -> Int {
    min(side - 1, Int((Float(pixel) + 0.5) * share))
  }

  private func grating() -> Image {
    let longer = Float(max(width, height))
    let angle = radians(factors.backgroundAngle)
    let turns = 2 * Float.pi * Float(factors.backgroundFrequency) / longer
    let (stepX, stepY) = (cos(angle) * turns, -sin(angle) * turns)
    let phase = Float(unit(factors.backgroundSeed)) * 2 * .pi
    // From soft waves to bars with hard edges.
    let steepness = 0.6 + 3.4 * Float(unit(factors.backgroundSeed &* 0x9E37_79B1))
    let (from, to) = (first.lab, second.lab)
    return picture { x, y in
      let wave = sin((Float(x) + 0.5) * stepX + (Float(y) + 0.5) * stepY + phase)
      return mix(from, to, 0.5 + 0.5 * max(-1, min(1, wave * steepness)))
    }
  }

  /// - Parameter lab: The colour in OKLab at a column and a row.
  private func picture(_ lab: (Int, Int) -> Vector) -> Image {
    let curve = TransferCurve.sRGB
    var pixels = [UInt8](repeating: 255, count: 4 * width * height)
    for y in 0..<height {
      for x in 0..<width {
        let color = linearColor(lab: lab(x, y))
        let pixel = 4 * (y * width + x)
        pixels[pixel] = curve.byte(color.x)
        pixels[pixel + 1] = curve.byte(color.y)
        pixels[pixel + 2] = curve.byte(color.z)
      }
    }
    return Image(width: width, height: height, pixels: pixels)
  }

  private func drawClutter(on canvas: borrowing Canvas) {
    var generator = SeededGenerator(seed: UInt64(factors.backgroundSeed), path: 1)
    let longer = Double(max(width, height))
    let frequency = max(1, min(32, factors.backgroundFrequency))
    let typical = 0.75 / frequency.squareRoot()
    for _ in 0..<Int(8 + 3 * frequency) {
      let centre = Point(
        generator.uniform(0...1) * Double(width), generator.uniform(0...1) * Double(height))
      let radius = typical * generator.uniform(0.4...1) * longer / 2
      let angle = generator.uniform(0...(2 * Double.pi))
      var lab = mix(first.lab, second.lab, generator.uniform() * 1.4 - 0.2)
      lab += Vector(
        (generator.uniform() - 0.5) * 0.2, (generator.uniform() - 0.5) * 0.14,
        (generator.uniform() - 0.5) * 0.14)
      func corner(_ turn: Double, _ distance: Double) -> Point {
        centre + Point(cos(angle + turn), sin(angle + turn)) * distance
      }
      switch Int.random(in: 0..<4, using: &generator) {
      case 0:
        canvas.fill(circle: centre, radius: radius * 0.75, with: ink(lab))
      case 1:
        let triangle = (0..<3).map { corner(Double($0) * 2 * .pi / 3, radius) }
        canvas.fill(polygon: triangle, with: ink(lab))
      default:
        // A block or, if the half-angle is small, a bar.
        let opening = generator.uniform(0.12...1.4)
        let block = [opening, .pi - opening, .pi + opening, -opening].map { corner($0, radius) }
        canvas.fill(polygon: block, with: ink(lab))
      }
    }
  }
}

/// A number in 0…1 derived from a seed.
private func unit(_ seed: UInt32) -> Double {
  var z = seed &* 0x9E37_79B1
  z ^= z >> 15
  z = z &* 0x85EB_CA77
  return Double(z >> 8) / 16_777_216
}

private func ink(_ lab: Vector) -> Color {
  let color = linearColor(lab: lab)
  let curve = TransferCurve.sRGB
  return Color(
    red: Double(curve.byte(color.x)) / 255, green: Double(curve.byte(color.y)) / 255,
    blue: Double(curve.byte(color.z)) / 255)
}
