/// What a network takes, which follows from the axes of its input.
public enum ExampleKind: String, Sendable, Hashable, CaseIterable {
  /// `[C, L]`: samples one after another, in one or several channels.
  case series
  /// `[C, H, W]`.
  case picture
  /// `[C, D, H, W]`: frames one after another.
  case volume

  /// - Parameter input: The shape of one example; nil if it has fewer or more axes.
  public init?(input: [Int]) {
    guard let found = Self.allCases.first(where: { $0.axes.count == input.count }) else {
      return nil
    }
    self = found
  }

  /// What the axes of an example are called.
  package var axes: [String] {
    switch self {
    case .series: ["C", "L"]
    case .picture: ["C", "H", "W"]
    case .volume: ["C", "D", "H", "W"]
    }
  }

  /// Several of them: `pictures`.
  package var plural: String {
    switch self {
    case .series: "series"
    case .picture: "pictures"
    case .volume: "volumes"
    }
  }

  /// The shape of a batch, for errors: `[N, C, H, W]`.
  package var batchAxes: String { Self.text(["N"] + axes) }

  /// The shapes that an array of examples may have: of volumes, `[N, D, H, W] or [N, C, D, H, W]`.
  var arrayAxes: String {
    // Without a channel axis, pictures could not be told from a single one in colour.
    self == .picture
      ? batchAxes : "\(Self.text(["N"] + axes.dropFirst())) or \(batchAxes)"
  }

  private static func text(_ axes: some Sequence<String>) -> String {
    "[\(axes.joined(separator: ", "))]"
  }
}

extension Preprocessing {
  public var kind: ExampleKind {
    guard let kind = ExampleKind(input: input) else {
      preconditionFailure("an input of \(input)")
    }
    return kind
  }
}
