internal import Files

/// Class names from a JSON text.
struct ClassNamesInJSON {
  let path: String

  private func malformed(_ reason: String) -> FileError { FileError(.malformed, path, reason) }

  func names(_ bytes: [UInt8]) throws(FileError) -> [String] {
    let value: JSONValue
    do {
      value = try JSONValue(reading: bytes)
    } catch {
      throw malformed("expected JSON, found an error at byte \(error.position): \(error.reason)")
    }
    return try names(value)
  }

  private func names(_ value: JSONValue) throws(FileError) -> [String] {
    switch value {
    case .array(let items):
      var names: [String] = []
      for item in items { names.append(try name(item)) }
      return names
    case .object(let fields):
      // As in the configuration files of transformers.
      if let inner = fields.first(where: { $0.name == "id2label" })?.value {
        return try names(inner)
      }
      var numbered: [(number: Int, name: String)] = []
      for field in fields {
        if case .integer(let number) = field.value {
          numbered.append((number, field.name))
        } else if let number = Int(field.name) {
          numbered.append((number, try name(field.value)))
        } else {
          throw malformed(
            "expected classes by number, found \(quoted(field.name)) with \(field.value.kind)")
        }
      }
      guard let names = inOrder(numbered) else {
        throw malformed("expected classes numbered from 0 on, each once, found other numbers")
      }
      return names
    default:
      throw malformed("expected a list or an object of class names, found \(value.kind)")
    }
  }

  /// A name, or the second element of a pair of WordNet ID and name.
  private func name(_ value: JSONValue) throws(FileError) -> String {
    switch value {
    case .string(let text): return text
    case .array(let items):
      if case .string(let text)? = items.last { return text }
    default: break
    }
    throw malformed("expected a class name, found \(value.kind)")
  }
}
