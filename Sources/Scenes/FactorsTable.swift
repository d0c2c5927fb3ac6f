public import Datasets
public import Files
internal import Foundation

/// Scenes and the files they were written to, as a table.
public struct FactorsTable: Sendable, Hashable {
  /// One scene's picture, relative to the table's folder, and its factors.
  public struct Row: Sendable, Hashable {
    public var file: String
    public var factors: SceneFactors
    /// Around the visible object, in pixels; nil if it is not known or nothing is visible.
    public var box: Annotations.Box?

    public init(file: String, factors: SceneFactors, box: Annotations.Box? = nil) {
      (self.file, self.factors, self.box) = (file, factors, box)
    }
  }

  public var rows: [Row]

  public init(_ rows: [Row]) { self.rows = rows }

  private static let header = ["file"] + SceneFactor.allCases.map(\.rawValue)
  private static let boxHeader = ["box_x", "box_y", "box_width", "box_height"]

  /// Comma-separated values with a header: the file, then every `SceneFactor`, class, texture and
  /// background by name, then the box. Numbers are written so that reading them returns the same
  /// values.
  public var csv: String {
    var lines = [(Self.header + Self.boxHeader).joined(separator: ",")]
    for row in rows {
      let values = SceneFactor.allCases.map { row.factors.text(of: $0) }
      let box = row.box.map { ["\($0.x)", "\($0.y)", "\($0.width)", "\($0.height)"] }
      lines.append(
        ([csvValue(row.file)] + values + (box ?? ["", "", "", ""])).joined(separator: ","))
    }
    return lines.joined(separator: "\n") + "\n"
  }

  /// Reads what `csv` writes; the columns may come in any order, and those of the box may be
  /// missing, as in tables of earlier versions.
  ///
  /// - Parameter file: The table's own name, for error messages.
  /// - Throws: `FileError` of kind `.malformed` that names the line and column.
  public init(csv: String, file: String) throws(FileError) {
    var table = try CSVTable(Data(csv.utf8), file: file)
    for name in Self.header where !table.columns.contains(name) {
      throw FileError(.malformed, file, "expected one column \(name), found 0")
    }
    rows = []
    while let line = try table.next() {
      var row = Row(file: "", factors: SceneFactors(.chair))
      var box: [String: Double] = [:]
      for (name, value) in zip(table.columns, line.values) {
        if name == "file" {
          row.file = value
        } else if let factor = SceneFactor(rawValue: name) {
          guard row.factors.set(factor, to: value) else {
            throw table.error(line, "expected \(factor.expectation), found \"\(value)\"")
          }
        } else if Self.boxHeader.contains(name), !value.isEmpty {
          guard let number = Double(value), number.isFinite else {
            throw table.error(line, "expected a number for \(name), found \"\(value)\"")
          }
          box[name] = number
        }
      }
      if let x = box["box_x"], let y = box["box_y"], let width = box["box_width"],
        let height = box["box_height"]
      {
        row.box = Annotations.Box(
          name: row.factors.objectClass.rawValue, x: x, y: y, width: width, height: height)
      }
      rows.append(row)
    }
  }
}

extension SceneFactor {
  fileprivate var expectation: String {
    switch self {
    case .objectClass: "a class (\(names(ObjectClass.self)))"
    case .texture: "a texture (\(names(SurfaceTexture.self)))"
    case .background: "a background (\(names(BackgroundKind.self)))"
    case .style: "an integer for \(rawValue)"
    case .backgroundSeed: "an integer from 0 to \(UInt32.max) for \(rawValue)"
    default: "a number for \(rawValue)"
    }
  }
}

extension SceneFactors {
  /// A factor's value as written in a table.
  public func text(of factor: SceneFactor) -> String {
    switch factor {
    case .objectClass: objectClass.rawValue
    case .texture: texture.rawValue
    case .background: background.rawValue
    case .style: "\(style)"
    case .backgroundSeed: "\(backgroundSeed)"
    default: "\(self[factor])"
    }
  }

  /// Sets a factor from its value in a table.
  ///
  /// - Returns: Whether the text is a valid value of that factor.
  public mutating func set(_ factor: SceneFactor, to text: String) -> Bool {
    func take<Value>(_ value: Value?, _ place: WritableKeyPath<SceneFactors, Value>) -> Bool {
      guard let value else { return false }
      self[keyPath: place] = value
      return true
    }
    switch factor {
    case .objectClass: return take(ObjectClass(rawValue: text), \.objectClass)
    case .texture: return take(SurfaceTexture(rawValue: text), \.texture)
    case .background: return take(BackgroundKind(rawValue: text), \.background)
    case .style: return take(Int(text), \.style)
    case .backgroundSeed: return take(UInt32(text), \.backgroundSeed)
    default:
      guard let number = Double(text), number.isFinite else { return false }
      self[factor] = number
      return true
    }
  }
}

private func names<Name: CaseIterable & RawRepresentable<String>>(_: Name.Type) -> String {
  Name.allCases.map(\.rawValue).joined(separator: ", ")
}
