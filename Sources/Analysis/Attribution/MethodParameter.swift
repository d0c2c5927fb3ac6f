internal import Foundation

/// One thing that can be chosen of a method, as a command line or a file gives it: as text.
public struct MethodParameter<Method>: Sendable {
  public let name: String
  public let help: String
  let text: @Sendable (Method) -> String
  let set: @Sendable (inout Method, String) throws(SelectionError) -> Void

  /// - Parameters:
  ///   - name: As an option is typed, without its dashes.
  ///   - help: One sentence.
  ///   - expected: What the text must be, as in "expected …".
  ///   - text: What a value is called.
  ///   - parse: Nil for a text that is no value.
  public init<Value>(
    _ name: String, _ help: String, _ property: any WritableKeyPath<Method, Value> & Sendable,
    expected: String, text: @escaping @Sendable (Value) -> String,
    parse: @escaping @Sendable (String) -> Value?
  ) {
    (self.name, self.help) = (name, help)
    self.text = { text($0[keyPath: property]) }
    set = { method, given throws(SelectionError) in
      guard let value = parse(given) else {
        throw SelectionError("\(name): expected \(expected), found '\(given)'")
      }
      method[keyPath: property] = value
    }
  }
}

extension MethodParameter {
  static func count(
    _ name: String, _ help: String, _ property: any WritableKeyPath<Method, Int> & Sendable,
    _ range: ClosedRange<Int>
  ) -> Self {
    Self(
      name, help, property,
      expected: "an integer from \(range.lowerBound) to \(range.upperBound)",
      text: { "\($0)" }
    ) { Int($0).flatMap { range.contains($0) ? $0 : nil } }
  }

  /// A number in a range.
  static func number(
    _ name: String, _ help: String, _ property: any WritableKeyPath<Method, Float> & Sendable,
    _ range: ClosedRange<Float>
  ) -> Self {
    Self(
      name, help, property,
      expected: "a number from \(shortText(range.lowerBound)) to \(shortText(range.upperBound))",
      text: shortText
    ) { Float($0).flatMap { range.contains($0) ? $0 : nil } }
  }

  static func seed(
    _ property: any WritableKeyPath<Method, UInt64> & Sendable
  ) -> Self {
    Self(
      "seed", "Random seed.", property, expected: "an integer from 0 on", text: { "\($0)" },
      parse: { UInt64($0) })
  }

  /// Pixel values in the network's input: one for all channels, or one for each.
  static func pixelValues(
    _ name: String, _ help: String,
    _ property: any WritableKeyPath<Method, PixelValues> & Sendable, default usual: String
  ) -> Self {
    Self(
      name, help, property, expected: "one number, or one per channel separated by commas",
      text: { $0.numbers.isEmpty ? usual : $0.description }, parse: PixelValues.init)
  }

  /// The name of a layer.
  static func layer(
    _ help: String, _ property: any WritableKeyPath<Method, String?> & Sendable,
    default usual: String
  ) -> Self {
    Self(
      "layer", help, property, expected: "the name of a layer", text: { $0 ?? usual }
    ) { $0.isEmpty ? nil : .some($0) }
  }
}

/// A colour in the network's input units; of no numbers if nothing was given.
public struct PixelValues: Sendable, Hashable, CustomStringConvertible {
  /// One for all channels, or one for each.
  public let numbers: [Float]

  public init(_ numbers: [Float] = []) { self.numbers = numbers }

  /// - Returns: Nil for a text that is not finite numbers with commas between them.
  public init?(_ text: String) {
    let parts = text.split(separator: ",", omittingEmptySubsequences: false)
    let numbers = parts.compactMap { Float($0.trimmingCharacters(in: .whitespaces)) }
    guard numbers.count == parts.count, numbers.allSatisfy(\.isFinite) else { return nil }
    self.numbers = numbers
  }

  public var description: String { numbers.map(shortText).joined(separator: ",") }

  /// - Throws: `SelectionError` if the numbers do not fit the channels.
  func check(_ name: String, channels: Int) throws(SelectionError) {
    guard numbers.count <= 1 || numbers.count == channels else {
      throw SelectionError(
        "\(name): expected one number or one for each of \(channels) channels, found "
          + "\(numbers.count)")
    }
  }

  subscript(channel: Int) -> Float { numbers.count == 1 ? numbers[0] : numbers[channel] }
}

/// `50`, `0.25`, `1e-06`.
func shortText(_ number: Float) -> String {
  number == number.rounded() && abs(number) < 1e9 ? "\(Int(number))" : "\(number)"
}

/// A parameter of a method with the value that it has.
public struct MethodSetting: Sendable, Hashable {
  public let name: String
  public let help: String
  public let value: String
}

extension AttributionMethod {
  /// The parameters with their values, in the order of `parameters`.
  public var settings: [MethodSetting] {
    Self.parameters.map { MethodSetting(name: $0.name, help: $0.help, value: $0.text(self)) }
  }

  /// The method with other parameters.
  ///
  /// - Parameter given: By name, as they are typed.
  /// - Throws: `SelectionError` for a parameter that the method does not have, and for a text that
  ///   is no value of it.
  public func with(_ given: [String: String]) throws(SelectionError) -> Self {
    var method = self
    for (name, text) in given.sorted(by: { $0.key < $1.key }) {
      guard let parameter = Self.parameters.first(where: { $0.name == name }) else {
        let names = Self.parameters.map { "'\($0.name)'" }
        let taken =
          names.isEmpty
          ? "it has no parameters" : "its parameters are \(names.joined(separator: ", "))"
        throw SelectionError("method '\(self.name)' has no parameter '\(name)'; \(taken)")
      }
      try parameter.set(&method, text)
    }
    return method
  }
}
