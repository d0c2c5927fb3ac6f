import Foundation

struct CarStyle {
  /// The side of the body below the windows: position along the car (front is +) and height.
  var body: [PlanePoint]
  /// The foot of the cabin, back and front; then its roof, back and front.
  var cabin: (footBack: Float, footFront: Float, roofBack: Float, roofFront: Float)
  var cabinFoot: Float
  var roof: Float
  var width: Float = 1.75
  var wheel: Float = 0.4
  var axles: (back: Float, front: Float) = (-1.25, 1.3)
  var pillars: [Float] = [0]
  /// The extent of a pick-up's cargo bed.
  var bed: (back: Float, front: Float)?
  var roofRack = false

  static let all: [CarStyle] = [
    // A saloon.
    CarStyle(
      body: [
        [-2.1, 0.35], [-2.15, 0.75], [-2.0, 0.98], [-1.2, 1.02], [0.9, 1.0], [1.9, 0.88],
        [2.15, 0.7], [2.1, 0.35],
      ],
      cabin: (-1.5, 0.95, -0.85, 0.25), cabinFoot: 0.98, roof: 1.55, pillars: [-0.2]),
    // A hatchback.
    CarStyle(
      body: [
        [-1.7, 0.35], [-1.75, 0.8], [-1.65, 1.02], [0.8, 1.0], [1.6, 0.86], [1.8, 0.65],
        [1.75, 0.35],
      ],
      cabin: (-1.65, 0.95, -1.3, 0.2), cabinFoot: 1.0, roof: 1.62, axles: (-1.1, 1.1),
      pillars: [-0.3]),
    // A pick-up.
    CarStyle(
      body: [
        [-2.3, 0.45], [-2.3, 1.05], [0.9, 1.08], [2.0, 1.02], [2.15, 0.85], [2.15, 0.45],
      ],
      cabin: (-0.5, 1.0, -0.35, 0.5), cabinFoot: 1.05, roof: 1.75, width: 1.85, wheel: 0.48,
      axles: (-1.4, 1.4), pillars: [], bed: (-2.2, -0.6)),
    // A van.
    CarStyle(
      body: [
        [-2.1, 0.35], [-2.15, 1.15], [1.5, 1.15], [2.1, 0.95], [2.15, 0.35],
      ],
      cabin: (-2.1, 1.6, -2.05, 1.0), cabinFoot: 1.12, roof: 2.0, width: 1.85,
      axles: (-1.35, 1.4), pillars: [-1.95, -0.9, 0.2]),
    // An off-road vehicle.
    CarStyle(
      body: [
        [-1.9, 0.5], [-1.95, 1.15], [0.8, 1.15], [1.75, 1.12], [1.9, 0.95], [1.9, 0.5],
      ],
      cabin: (-1.85, 0.8, -1.8, 0.5), cabinFoot: 1.12, roof: 1.85, width: 1.85, wheel: 0.5,
      axles: (-1.2, 1.2), pillars: [-1.0, -0.15], roofRack: true),
    // A sports car.
    CarStyle(
      body: [
        [-2.05, 0.35], [-2.15, 0.78], [-1.9, 0.92], [0.6, 0.86], [1.7, 0.7], [2.2, 0.5],
        [2.2, 0.32],
      ],
      cabin: (-1.75, 0.8, -0.65, 0.0), cabinFoot: 0.86, roof: 1.3, width: 1.85, wheel: 0.42,
      axles: (-1.3, 1.35), pillars: [-0.5]),
    // A Beetle.
    CarStyle(
      body: arc(center: [0, 0.4], radius: [1.95, 0.68], from: 0, to: 180, steps: 12)
        + [[-1.9, 0.35], [1.9, 0.35]],
      cabin: (-1.25, 0.85, -0.65, 0.35), cabinFoot: 0.95, roof: 1.6, width: 1.6,
      axles: (-1.15, 1.15), pillars: [-0.15]),
    // An estate car.
    CarStyle(
      body: [
        [-2.1, 0.35], [-2.15, 0.8], [-2.05, 1.02], [0.9, 1.0], [1.85, 0.88], [2.1, 0.68],
        [2.05, 0.35],
      ],
      cabin: (-2.05, 0.95, -1.8, 0.3), cabinFoot: 1.0, roof: 1.58, pillars: [-1.1, -0.2],
      roofRack: true),
  ]
}

extension Solid {
  mutating func addCar(_ style: CarStyle) {
    let w = style.width
    part = .body
    extrudeSideways(.body, style.body, width: w, bevel: 0.12)
    part = .cabin
    addCabin(style)
    part = .wheels
    for z in [style.axles.back, style.axles.front] {
      for side in [-1, 1] as [Float] { addWheel(style, side: side, z: z) }
    }
    let front = style.body.map(\.x).max() ?? 0
    let back = style.body.map(\.x).min() ?? 0
    let height = style.cabinFoot * 0.66
    part = .lights
    for side in [-1, 1] as [Float] {
      ellipsoid(.light, center: [side * w * 0.34, height, front - 0.1], radii: [0.18, 0.13, 0.12])
      box(.accent, center: [side * w * 0.36, height + 0.05, back + 0.05], size: [0.3, 0.16, 0.12])
    }
    part = .body
    for z in [front - 0.02, back + 0.02] {
      box(.dark, center: [0, 0.42, z], size: [w * 0.92, 0.14, 0.14])
    }
    if let bed = style.bed {
      box(
        .dark, center: [0, style.cabinFoot + 0.02, (bed.back + bed.front) / 2],
        size: [w * 0.82, 0.04, bed.front - bed.back])
      for side in [-1, 1] as [Float] {
        box(
          .body, center: [side * w * 0.46, style.cabinFoot + 0.08, (bed.back + bed.front) / 2],
          size: [w * 0.08, 0.2, bed.front - bed.back + 0.1])
      }
    }
  }

  private mutating func addCabin(_ style: CarStyle) {
    let (w, cabin) = (style.width, style.cabin)
    func slab(_ share: Float, wider: Float) -> Slab {
      let back = cabin.footBack + (cabin.roofBack - cabin.footBack) * share
      let front = cabin.footFront + (cabin.roofFront - cabin.footFront) * share
      return Slab(
        y: style.cabinFoot + (style.roof - style.cabinFoot) * share, z: (back + front) / 2,
        width: w * (0.92 - 0.16 * share) + wider, depth: front - back)
    }
    block(.glass, from: slab(0, wider: 0), to: slab(1, wider: 0))
    var eaves = slab(1, wider: 0.04)
    eaves.depth += 0.06
    var roof = eaves
    roof.y += 0.08
    roof.width -= 0.12
    roof.depth -= 0.12
    block(.body, from: eaves, to: roof)
    for z in style.pillars {
      var (foot, top) = (slab(0, wider: 0.03), slab(1, wider: 0.03))
      (foot.z, foot.depth) = (z, 0.14)
      (top.z, top.depth) = (z, 0.12)
      block(.body, from: foot, to: top)
    }
    if style.roofRack {
      for side in [-1, 1] as [Float] {
        box(
          .accent, center: [side * w * 0.3, style.roof + 0.14, eaves.z],
          size: [0.07, 0.07, eaves.depth * 0.8])
      }
    }
  }

  private mutating func addWheel(_ style: CarStyle, side: Float, z: Float) {
    let r = style.wheel
    let x = side * (style.width / 2 - 0.2)
    let tyre: [PlanePoint] = [
      [0, -0.02], [r * 0.9, -0.02], [r, 0.06], [r, 0.2], [r * 0.9, 0.27], [r * 0.62, 0.27],
    ]
    let hub: [PlanePoint] = [[r * 0.62, 0.26], [r * 0.5, 0.24], [0, 0.28]]
    let flip = PlanePoint(1, side)
    lathe(.dark, tyre.map { $0 * flip }, at: [x, r, z], along: .x)
    lathe(.light, hub.map { $0 * flip }, at: [x, r, z], along: .x)
  }
}
