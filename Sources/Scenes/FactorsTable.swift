public import Files

/// Scenes and the files they were written to, as a table.
public struct FactorsTable: Sendable, Hashable {
  /// One scene's picture, relative to the table's folder, and its factors.
  public struct Row: Sendable, Hashable {
    public var file: String
    public var factors: SceneFactors

    public init(file: String, factors: SceneFactors) {
      self.file = file
      self.factors = factors
    }
  }

  public var rows: [Row]

  public init(_ rows: [Row]) { self.rows = rows }

  private static let header = ["file"] + SceneFactor.allCases.map(\.rawValue)

  /// Comma-separated values with a header: the file, then every `SceneFactor`, class, texture and
  /// background by name. Numbers are written so that reading them returns the same values.
  public var csv: String {
    var lines = [Self.header.joined(separator: ",")]
    for row in rows {
      let values = SceneFactor.allCases.map { row.factors.text(of: $0) }
      lines.append(([row.file] + values).joined(separator: ","))
    }
    return lines.joined(separator: "\n") + "\n"
  }

  /// Reads what `csv` writes; the columns may come in any order.
  ///
  /// - Parameter file: The table's own name, for error messages.
  /// - Throws: `FileError` of kind `.malformed` that names the line and column.
  public init(csv: String, file: String) throws(FileError) {
    var lines = csv.split(whereSeparator: \.isNewline).map { line in
      line.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    }
    guard !lines.isEmpty else {
      throw FileError(.malformed, file, "expected a header, found an empty table")
    }
    let columns = lines.removeFirst()
    for name in Self.header where columns.filter({ $0 == name }).count != 1 {
      throw FileError(
        .malformed, file,
        "expected one column \(name), found \(columns.filter { $0 == name }.count)")
    }
    rows = []
    for (number, line) in lines.enumerated() {
      guard line.count == columns.count else {
        throw FileError(
          .malformed, file,
          "line \(number + 2): expected \(columns.count) values, found \(line.count)")
      }
      var row = Row(file: "", factors: SceneFactors(.chair))
      for (name, value) in zip(columns, line) {
        if name == "file" {
          row.file = value
        } else if let factor = SceneFactor(rawValue: name) {
          guard row.factors.set(factor, to: value) else {
            throw FileError(
              .malformed, file,
              "line \(number + 2): expected \(factor.expectation), found \"\(value)\"")
          }
        }
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
