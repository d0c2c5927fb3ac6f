public import Drawing

/// A figure ready to be drawn, with what its record says of it.
public struct CaptionedFigure: Sendable {
  /// What is shown.
  public let title: String
  /// Of which model and layer, in which shapes and units.
  public let subtitle: String
  /// Scale, marks, method and source, in full sentences.
  public let caption: String
  /// How numbers became colours, in a few words.
  public let scale: String
  /// The layer it shows, nil for a figure of the whole network.
  public let layer: String?
  /// The units it shows, in their order on the sheet.
  public let units: [Int]
  /// The units of each layer, in their order on the sheet, if it shows those of several layers.
  public let unitsByLayer: [UnitsOfLayer]
  /// How it was computed, if there is a choice.
  public let method: String?
  public let body: any Drawable

  public init(
    title: String, subtitle: String, caption: String, scale: String,
    layer: String? = nil, units: [Int] = [], unitsByLayer: [UnitsOfLayer] = [],
    method: String? = nil, body: any Drawable
  ) {
    self.title = title
    self.subtitle = subtitle
    self.caption = caption
    self.scale = scale
    self.layer = layer
    self.units = units
    self.unitsByLayer = unitsByLayer
    self.method = method
    self.body = body
  }

  /// The same figure with another sentence at the end of its caption; as it is for none.
  public func remarking(_ sentence: String?) -> CaptionedFigure {
    guard let sentence else { return self }
    return CaptionedFigure(
      title: title, subtitle: subtitle, caption: paragraph(caption, sentence), scale: scale,
      layer: layer, units: units, unitsByLayer: unitsByLayer, method: method, body: body)
  }

  /// The whole sheet: title, subtitle, body and caption.
  public var sheet: Figure {
    Figure(title: title, subtitle: subtitle, caption: caption, body)
  }
}
