internal import Images

/// What a canvas hands its drawing to: colours are final, and coordinates are those of the
/// innermost transformation.
protocol DrawingTarget: AnyObject {
  func fill(_ outline: Outline, with paint: Paint)
  func stroke(_ outline: Outline, with stroke: Stroke)
  func draw(
    _ image: Image, in frame: Rectangle, interpolation: Interpolation, opacity: Double)
  func draw(_ line: TextLine)
  /// What follows is drawn in this state, until ``restore()``.
  func save(_ change: StateChange)
  func restore()
}

/// What encloses an area, or is stroked.
enum Outline {
  case rectangle(Rectangle, cornerRadius: Double = 0)
  case circle(Point, radius: Double)
  case line([Point], isClosed: Bool)
  /// Closed; the inside of an odd number of them is filled.
  case contours([[Point]])
}

enum Paint {
  case color(Color)
  case gradient(Gradient)
}

struct Stroke {
  enum Join { case round, miter }

  let color: Color
  let width: Double
  var join = Join.round
  /// Lengths of ink and gap in turn; empty for a solid line.
  var dash: [Double] = []
}

enum StateChange {
  case clip(Rectangle)
  case transform(Transform)
  case antialiasing(Antialiasing)
}

/// One line of text in one colour and weight.
struct TextLine {
  struct Run {
    let text: String
    let font: Font
    let size: Double
    /// The start of its baseline.
    let origin: Point
    let width: Double
    /// By how much glyphs are narrowed to fit into the width.
    let narrowing: Double
  }

  let runs: [Run]
  let color: Color
  /// That of the runs whose characters it has.
  let font: Font
  /// The characters that no installed font has, which are written as their codes.
  let unavailable: [Unicode.Scalar]
}
