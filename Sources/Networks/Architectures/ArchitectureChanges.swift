internal import Kernels

/// What is different from an architecture, for example to find out what a layer is good for.
///
/// Names are those of nodes, or patterns with `*` and `?`.
public struct ArchitectureChanges: Sendable, Hashable, Encodable {
  /// How maps become smaller.
  public enum Pooling: String, Sendable, Hashable, CaseIterable, Codable {
    case max
    case average
    /// The stride of the pool is that of the convolution before it (Springenberg et al. 2015,
    /// section 2, option 1).
    case stride
    /// A convolution with the window and stride of the pool replaces it (option 2: All-CNN).
    case convolution
  }

  public enum Normalization: String, Sendable, Hashable, CaseIterable, Codable {
    /// After every hidden layer with weights, before its activation (Ioffe and Szegedy 2015).
    case batch
    case none
  }

  public enum Nonlinearity: String, Sendable, Hashable, CaseIterable, Codable {
    case relu
    case leakyRelu = "leaky-relu"
    case elu, gelu, swish, tanh, sigmoid
    case none

    var function: ActivationFunction? {
      switch self {
      case .relu: .rectifier
      // The slope of Maas et al. (2013), and the scale of Clevert et al. (2016).
      case .leakyRelu: .leakyRectifier(slope: 0.01)
      case .elu: .elu(alpha: 1)
      case .gelu: .gelu
      case .swish: .swish
      case .tanh: .hyperbolicTangent
      case .sigmoid: .logistic
      case .none: nil
      }
    }
  }

  /// Layers to leave out, each with the normalization, activation and dropout of its output.
  public var remove: [String]
  /// The number of filters, or of units, by layer.
  public var resize: [String: Int]
  /// Of all pools with a window.
  public var pooling: Pooling?
  public var normalization: Normalization?
  /// Of all hidden layers.
  public var activation: Nonlinearity?
  /// The rate of all dropout; a network without any gets it before each hidden or last fully
  /// connected layer. None if it is zero.
  public var dropout: Double?

  public enum CodingKeys: String, CodingKey, CaseIterable {
    case remove, resize, pooling, normalization, activation, dropout
  }

  public init(
    remove: [String] = [], resize: [String: Int] = [:], pooling: Pooling? = nil,
    normalization: Normalization? = nil, activation: Nonlinearity? = nil, dropout: Double? = nil
  ) {
    (self.remove, self.resize, self.pooling) = (remove, resize, pooling)
    (self.normalization, self.activation, self.dropout) = (normalization, activation, dropout)
  }

  public var isEmpty: Bool { self == ArchitectureChanges() }

  public func encode(to encoder: any Encoder) throws {
    var keys = encoder.container(keyedBy: CodingKeys.self)
    if !remove.isEmpty { try keys.encode(remove, forKey: .remove) }
    if !resize.isEmpty { try keys.encode(resize, forKey: .resize) }
    try keys.encodeIfPresent(pooling, forKey: .pooling)
    try keys.encodeIfPresent(normalization, forKey: .normalization)
    try keys.encodeIfPresent(activation, forKey: .activation)
    try keys.encodeIfPresent(dropout, forKey: .dropout)
  }
}

extension ArchitectureChanges: CustomStringConvertible {
  /// In the form that `add` reads; equal changes have equal texts.
  public var description: String {
    var texts: [String] = []
    if !remove.isEmpty { texts.append("remove=\(remove.joined(separator: ","))") }
    if !resize.isEmpty {
      let sizes = resize.sorted { $0.key < $1.key }.map { "\($0.key):\($0.value)" }
      texts.append("resize=\(sizes.joined(separator: ","))")
    }
    if let pooling { texts.append("pooling=\(pooling.rawValue)") }
    if let normalization { texts.append("normalization=\(normalization.rawValue)") }
    if let activation { texts.append("activation=\(activation.rawValue)") }
    if let dropout { texts.append("dropout=\(dropout)") }
    return texts.isEmpty ? "nothing" : texts.joined(separator: " ")
  }

  /// Adds a change in its short form, such as `remove=fc7,conv3`, `resize=conv1:32` or
  /// `pooling=average`.
  ///
  /// - Throws: `ArchitectureChangeError` that says what was expected.
  public mutating func add(_ text: String) throws(ArchitectureChangeError) {
    let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
    guard parts.count == 2, let key = CodingKeys(rawValue: String(parts[0])) else {
      throw ArchitectureChangeError(
        "expected one of \(CodingKeys.allCases.map { "\($0.rawValue)=…" }.joined(separator: ", ")), "
          + "found '\(text)'")
    }
    let value = String(parts[1])
    let names = value.split(separator: ",").map {
      String($0.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
    }
    switch key {
    case .remove:
      guard !names.isEmpty else { throw ArchitectureChangeError("remove: expected a layer") }
      remove += names
    case .resize:
      guard !names.isEmpty else { throw ArchitectureChangeError("resize: expected LAYER:COUNT") }
      for name in names {
        guard let colon = name.lastIndex(of: ":"),
          let count = Int(name[name.index(after: colon)...])
        else { throw ArchitectureChangeError("resize: expected LAYER:COUNT, found '\(name)'") }
        resize[String(name[..<colon])] = count
      }
    case .pooling: pooling = try Self.choice(key, value)
    case .normalization: normalization = try Self.choice(key, value)
    case .activation: activation = try Self.choice(key, value)
    case .dropout:
      guard let rate = Double(value) else {
        throw ArchitectureChangeError("dropout: expected a number, found '\(value)'")
      }
      dropout = rate
    }
  }

  private static func choice<Value: RawRepresentable<String> & CaseIterable>(
    _ key: CodingKeys, _ text: String
  ) throws(ArchitectureChangeError) -> Value {
    guard let value = Value(rawValue: text) else {
      let known = Value.allCases.map(\.rawValue).joined(separator: ", ")
      throw ArchitectureChangeError("\(key.rawValue): expected one of \(known), found '\(text)'")
    }
    return value
  }

  /// - Throws: `ArchitectureChangeError` for a number that is out of range.
  public func check() throws(ArchitectureChangeError) {
    // As many as the features of the largest networks, so that no product of shapes overflows.
    let largest = 1 << 20
    for (layer, count) in resize.sorted(by: { $0.key < $1.key }) where !(1...largest ~= count) {
      throw ArchitectureChangeError(
        "resize: \(layer): expected a number from 1 to \(largest), found \(count)")
    }
    if let dropout, !(dropout >= 0 && dropout < 1) {
      throw ArchitectureChangeError(
        "dropout: expected a number from 0 and below 1, found \(dropout)")
    }
  }
}

/// Why an architecture cannot be changed so, with the key at fault first.
public struct ArchitectureChangeError: Error, Sendable, Hashable, CustomStringConvertible {
  public let description: String
  public init(_ description: String) { self.description = description }
}
