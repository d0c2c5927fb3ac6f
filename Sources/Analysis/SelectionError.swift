internal import Networks

/// Why a layer, unit, class or filter that was asked for cannot be shown. Its text is one line.
public struct SelectionError: Error, Sendable, Hashable, CustomStringConvertible {
  public let description: String
  public init(_ description: String) { self.description = description }
}

private let mostListedNames = 20

/// Names near `wanted`, as the end of an error message; the first of all if none is near.
public func suggestion(for wanted: String, among names: [String]) -> String {
  let near = nearestNames(to: wanted, among: names).map { "'\($0)'" }
  guard !names.isEmpty else { return "" }
  if !near.isEmpty { return "; did you mean \(near.joined(separator: ", "))?" }
  let shown = names.prefix(mostListedNames).map { "'\($0)'" }.joined(separator: ", ")
  return "; there are \(shown)\(names.count > mostListedNames ? ", …" : "")"
}
