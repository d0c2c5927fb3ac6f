/// The vertical position of items in a row.
public enum VerticalAlignment: Sendable, Hashable {
  case top
  case center
  case bottom
}

/// Items side by side.
public struct Row: Composite {
  public let parts: [Part]
  public let size: Size
  private let alignment: VerticalAlignment
  private let spacing: Double

  public init(
    alignment: VerticalAlignment = .top, spacing: Double = Theme.panelSpacing,
    _ contents: [any Drawable]
  ) {
    (self.alignment, self.spacing) = (alignment, spacing)
    let sizes = contents.map(\.size)
    let height = sizes.reduce(0) { max($0, $1.height) }
    var parts: [Part] = []
    var x = 0.0
    for (content, size) in zip(contents, sizes) {
      let free = height - size.height
      let y =
        switch alignment {
        case .top: 0.0
        case .center: (free / 2).rounded(.down)
        case .bottom: free
        }
      parts.append(Part(content, in: Rectangle(origin: Point(x, y), size: size)))
      x += size.width + spacing
    }
    self.parts = parts
    size = Size(width: max(0, x - spacing), height: height)
  }
}

/// Items one below the other.
public struct Column: Composite {
  public let parts: [Part]
  public let size: Size
  private let alignment: HorizontalAlignment
  private let spacing: Double

  public init(
    alignment: HorizontalAlignment = .leading, spacing: Double = Theme.panelSpacing,
    _ contents: [any Drawable]
  ) {
    (self.alignment, self.spacing) = (alignment, spacing)
    let sizes = contents.map(\.size)
    let width = sizes.reduce(0) { max($0, $1.width) }
    var parts: [Part] = []
    var y = 0.0
    for (content, size) in zip(contents, sizes) {
      let free = width - size.width
      let x =
        switch alignment {
        case .leading: 0.0
        case .center: (free / 2).rounded(.down)
        case .trailing: free
        }
      parts.append(Part(content, in: Rectangle(origin: Point(x, y), size: size)))
      y += size.height + spacing
    }
    self.parts = parts
    size = Size(width: width, height: max(0, y - spacing))
  }
}

extension Column: Reflowing {
  func reflowed(toWidth width: Double) -> any Drawable {
    Column(
      alignment: alignment, spacing: spacing,
      parts.map { ($0.content as? any Reflowing)?.reflowed(toWidth: width) ?? $0.content })
  }
}

extension Row: Reflowing {
  /// Items much narrower than the widest, such as a colour bar, stay beside the one before them.
  private static let narrowShare = 0.3

  /// As many items in each line as fit.
  func reflowed(toWidth width: Double) -> any Drawable {
    guard size.width > width else { return self }
    let widest = parts.reduce(0) { max($0, $1.content.size.width) }
    var panels: [[any Drawable]] = []
    for part in parts {
      if panels.isEmpty || part.content.size.width >= Self.narrowShare * widest {
        panels.append([part.content])
      } else {
        panels[panels.count - 1].append(part.content)
      }
    }
    func row(_ contents: [any Drawable]) -> Row {
      Row(alignment: alignment, spacing: spacing, contents)
    }
    var lines: [[any Drawable]] = []
    for panel in panels {
      if let last = lines.last, row(last + panel).size.width <= width {
        lines[lines.count - 1] += panel
      } else {
        lines.append(panel)
      }
    }
    return Column(
      spacing: spacing,
      lines.map { line in
        let natural = row(line).size.width
        // What stands beside the widest keeps its place.
        guard natural > width,
          let widest = line.indices.max(by: { line[$0].size.width < line[$1].size.width }),
          let flowing = line[widest] as? any Reflowing
        else { return row(line) }
        var narrow = line
        narrow[widest] = flowing.reflowed(toWidth: width - natural + flowing.size.width)
        return row(narrow)
      })
  }
}

/// Items on top of each other in one frame, the first one at the bottom.
public struct Layers: Drawable {
  public let layers: [any Drawable]
  public let size: Size

  public init(_ layers: [any Drawable]) {
    self.layers = layers
    let sizes = layers.map(\.size)
    size = Size(
      width: sizes.reduce(0) { max($0, $1.width) }, height: sizes.reduce(0) { max($0, $1.height) })
  }

  public func draw(on canvas: borrowing Canvas, in frame: Rectangle) {
    for layer in layers { layer.draw(on: canvas, in: frame) }
  }
}

/// A drawable rotated by 90°, so that it reads from bottom to top.
public struct Upwards: Drawable {
  public let content: any Drawable
  public let size: Size

  public init(_ content: any Drawable) {
    self.content = content
    size = Size(width: content.size.height, height: content.size.width)
  }

  public func draw(on canvas: borrowing Canvas, in frame: Rectangle) {
    // The content's x axis runs up along the left side, its y axis to the right.
    let turn = Transform(xx: 0, xy: 1, yx: -1, yy: 0, x0: frame.x, y0: frame.maxY)
    canvas.transformed(by: turn) {
      content.draw(
        on: canvas, in: Rectangle(x: 0, y: 0, width: frame.height, height: frame.width))
    }
  }
}
