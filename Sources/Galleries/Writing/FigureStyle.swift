public import Drawing
internal import Foundation

/// What a figure, or its caption, can be written as.
public enum FigureFormat: String, Sendable, Hashable, CaseIterable {
  case png
  /// Vectors, with text as text and pictures with their own pixels.
  case pdf
  case svg
  /// The title and the caption as plain text.
  case txt
  /// A LaTeX figure that includes the picture, with its caption.
  case tex
}

/// A width on paper, as it was typed.
public struct PrintedWidth: Sendable, Hashable {
  public let text: String
  /// In points of 1/72 inch.
  public let points: Double

  private static let units = ["mm": 72 / 25.4, "cm": 72 / 2.54, "in": 72, "pt": 1, "px": 0.75]
  /// From a centimetre to the largest sheets.
  private static let range = 28.0...14_400

  /// - Parameter text: A number and a unit: `85mm`, `8.5cm`, `3.3in`, `240pt`, or `320px` of
  ///   1/96 inch.
  /// - Returns: Nil for other texts, and for widths below 1 cm or above 5 m.
  public init?(_ text: String) {
    guard let unit = Self.units[String(text.suffix(2))],
      let number = Double(text.dropLast(2).filter { $0 != " " }),
      Self.range.contains(number * unit)
    else { return nil }
    self.text = text.filter { $0 != " " }
    points = number * unit
  }
}

/// How figures become files.
public struct FigureStyle: Sendable, Hashable {
  /// Besides PNG.
  public var formats: [FigureFormat]
  /// The width of the sheet; nil for that of its content.
  public var width: PrintedWidth?
  /// Pixels per inch of PNGs; nil for the usual resolution.
  public var dpi: Int?
  public var showsTitle: Bool
  public var showsCaption: Bool
  /// Nil for the usual one.
  public var typeface: Typeface?

  /// The resolution of PNGs with a width on paper.
  private static let printedDPI = 300

  public init(
    formats: [FigureFormat] = [], width: PrintedWidth? = nil, dpi: Int? = nil,
    showsTitle: Bool = true, showsCaption: Bool = true, typeface: Typeface? = nil
  ) {
    self.formats = formats
    self.width = width
    self.dpi = dpi
    self.showsTitle = showsTitle
    self.showsCaption = showsCaption
    self.typeface = typeface
  }

  /// What was asked for, by the names of the options.
  public var options: [String: String] {
    var options: [String: String] = [:]
    options["format"] = formats.isEmpty ? nil : formats.map(\.rawValue).joined(separator: ",")
    options["width"] = width?.text
    options["dpi"] = dpi.map(String.init)
    if !showsTitle { options["no-title"] = "true" }
    if !showsCaption { options["no-caption"] = "true" }
    options["font"] = typeface?.family
    return options
  }

  /// Pixels per inch that PNGs record; nil if their size on paper is open.
  var recordedDPI: Int? { dpi ?? width.map { _ in Self.printedDPI } }

  /// - Parameter usual: Pixels per point if nothing is said of paper.
  func pixelsPerPoint(usual: Int) -> Double { recordedDPI.map { Double($0) / 72 } ?? Double(usual) }
}

extension CaptionedFigure {
  /// The sheet as it is drawn.
  func sheet(in style: FigureStyle) -> any Composite {
    let (title, subtitle) = style.showsTitle ? (title, subtitle) : ("", "")
    let caption = style.showsCaption ? caption : ""
    if let width = style.width {
      return PrintedFigure(
        title: title, subtitle: subtitle, caption: caption, body, width: width.points)
    }
    return Figure(title: title, subtitle: subtitle, caption: caption, body)
  }

  /// The same figure as it is on paper, where nothing is enlarged by a whole number.
  func captioned(in style: FigureStyle) -> CaptionedFigure {
    guard style.width != nil else { return self }
    return CaptionedFigure(
      title: title, subtitle: subtitle,
      caption: caption.replacing(
        /enlarged [0-9.,]+ times without smoothing|one pixel for each value/
      ) { _ in "without smoothing" }, scale: scale, layer: layer, units: units, method: method,
      body: body)
  }
}
