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

  public init(
    alignment: VerticalAlignment = .top, spacing: Double = Theme.panelSpacing,
    _ contents: [any Drawable]
  ) {
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

  public init(
    alignment: HorizontalAlignment = .leading, spacing: Double = Theme.panelSpacing,
    _ contents: [any Drawable]
  ) {
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
