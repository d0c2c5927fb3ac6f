internal import CCairo

/// Why a drawing failed: a canvas that cannot be created, or an error from Cairo.
public struct DrawingError: Error, Sendable, Hashable, CustomStringConvertible {
  public let description: String

  init(_ description: String) { self.description = description }

  init(_ status: cairo_status_t) {
    description = "Cairo: \(String(cString: cairo_status_to_string(status)))"
  }
}
