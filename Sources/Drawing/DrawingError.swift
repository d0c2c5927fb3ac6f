internal import CCairo

/// What stops a drawing: a sheet that cannot be made, or Cairo's own complaint.
public struct DrawingError: Error, Sendable, Hashable, CustomStringConvertible {
  public let description: String

  init(_ description: String) { self.description = description }

  init(_ status: cairo_status_t) {
    description = "Cairo: \(String(cString: cairo_status_to_string(status)))"
  }
}
