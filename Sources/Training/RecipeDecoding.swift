public import Files
public import Foundation
internal import Networks

extension Recipe {
  /// Reads a recipe from a file and checks it.
  ///
  /// - Parameters:
  ///   - limit: The maximum size of the file, in bytes.
  ///   - missing: The values of keys that the file may leave out.
  ///   - decode: Decodes the file's format, for example YAML.
  /// - Throws: `FileError` that names the file and the key at fault.
  public static func read(
    _ path: String, limit: Int, missing: MissingKeys = MissingKeys(),
    decode: (Data) throws -> RecipeDraft
  ) throws(FileError) -> Recipe {
    let data = try readFile(path, limit: limit)
    do {
      let recipe = try decode(data).recipe(missing)
      try recipe.check()
      return recipe
    } catch let error as RecipeError {
      throw FileError(.malformed, path, error.description)
    } catch {
      throw FileError(.malformed, path, RecipeError(decoding: error).description)
    }
  }
}

extension RecipeError {
  /// Describes a decoding error in one line.
  public init(decoding error: any Error) {
    switch error {
    case let error as RecipeError:
      self = error
    case DecodingError.keyNotFound(let key, let context):
      self.init(Self.path(context.codingPath + [key]), "is missing")
    case DecodingError.typeMismatch(let type, let context),
      DecodingError.valueNotFound(let type, let context):
      self.init(Self.path(context.codingPath), "expected \(Self.name(of: type))")
    case DecodingError.dataCorrupted(let context):
      let reason = context.underlyingError.map { "\($0)" } ?? context.debugDescription
      self.init(Self.path(context.codingPath), Self.oneLine(reason))
    default:
      self.init("", Self.oneLine("\(error)"))
    }
  }

  private static func path(_ keys: [any CodingKey]) -> String {
    keys.map { $0.intValue.map { "[\($0)]" } ?? ".\($0.stringValue)" }.joined()
      .replacing(/^\./, with: "")
  }

  private static func name(of type: any Any.Type) -> String {
    switch type {
    case is Bool.Type: "true or false"
    case is Int.Type, is UInt64.Type: "an integer"
    case is Double.Type: "a number"
    case is String.Type: "a text"
    case is [Any].Type, is [Double].Type, is [Int].Type, is [String].Type: "a list"
    default: "keys and values"
    }
  }

  private static func oneLine(_ text: String) -> String {
    text.split(whereSeparator: \.isNewline).joined(separator: " ")
  }
}

/// What a recipe's file may leave out, because it is given otherwise; an empty text gives nothing.
public struct MissingKeys: Sendable, Hashable {
  public var architecture: String?
  public var from: String?
  public var data: String?
  /// By key, what else would give it, as errors say it: `--data`.
  public var options: [String: String]

  public init(
    architecture: String? = nil, from: String? = nil, data: String? = nil,
    options: [String: String] = [:]
  ) {
    (self.architecture, self.from) = (architecture, from)
    (self.data, self.options) = (data, options)
  }
}

/// A recipe as a file has it: keys that must have a value may be missing.
public struct RecipeDraft: Sendable, Hashable {
  private let architecture: String?
  private let data: String?
  /// With empty texts for what is missing.
  private let rest: Recipe

  /// - Throws: `RecipeError` if a key has no value in the file and none that is given.
  public func recipe(_ missing: MissingKeys = MissingKeys()) throws(RecipeError) -> Recipe {
    func value(_ key: String, _ own: String?, _ given: String?) throws(RecipeError) -> String {
      if let own { return own }
      if let given, !given.isEmpty { return given }
      let option = missing.options[key].map { "; give it in the recipe or with \($0)" } ?? ""
      throw RecipeError(key, "is missing\(option)")
    }
    var recipe = rest
    if recipe.from == nil, let given = missing.from, !given.isEmpty { recipe.from = given }
    // A network to start from has its own.
    if recipe.from == nil || architecture != nil || missing.architecture != nil {
      recipe.architecture = try value("architecture", architecture, missing.architecture)
    }
    recipe.data = try value("data", data, missing.data)
    return recipe
  }
}

extension CodingUserInfoKey {
  /// A `Recipe` whose values hold for keys that a file does not have; without it, those of `Recipe`.
  public static let recipeDefaults: CodingUserInfoKey = {
    guard let key = CodingUserInfoKey(rawValue: "recipeDefaults") else {
      preconditionFailure("a key can have any name")
    }
    return key
  }()
}

extension Decoder {
  fileprivate var recipeDefaults: Recipe? { userInfo[.recipeDefaults] as? Recipe }
}

extension RecipeDraft: Decodable {
  public init(from decoder: any Decoder) throws {
    let keys = try decoder.container(onlyWith: Recipe.CodingKeys.self)
    architecture = try keys.decodeIfPresent(String.self, forKey: .architecture)
    data = try keys.decodeIfPresent(String.self, forKey: .data)
    rest = try Recipe(except: keys, defaults: decoder.recipeDefaults)
  }
}

extension Recipe: Decodable {
  public init(from decoder: any Decoder) throws {
    self = try RecipeDraft(from: decoder).recipe()
  }

  /// Everything but the architecture and the data, which are empty.
  fileprivate init(
    except keys: KeyedDecodingContainer<CodingKeys>, defaults: Recipe?
  ) throws {
    self = defaults ?? Recipe(architecture: "", data: "")
    (architecture, data) = ("", "")
    from = try keys.decodeIfPresent(String.self, forKey: .from)
    changes = try keys.decodeIfPresent(ArchitectureChanges.self, forKey: .changes)
    testData = try keys.decodeIfPresent(String.self, forKey: .testData)
    classes = try keys.decodeIfPresent([String].self, forKey: .classes)
    labels = try keys.decodeIfPresent(String.self, forKey: .labels)
    try keys.decodeIfPresent(into: &epochs, .epochs)
    try keys.decodeIfPresent(into: &batchSize, .batchSize)
    try keys.decodeIfPresent(into: &optimizer, .optimizer)
    try keys.decodeIfPresent(into: &schedule, .schedule)
    try keys.decodeIfPresent(into: &augmentation, .augmentation)
    try keys.decodeChoiceIfPresent(into: &initialization, .initialization)
    dropout = try keys.decodeIfPresent(Double.self, forKey: .dropout)
    try keys.decodeIfPresent(into: &labelSmoothing, .labelSmoothing)
    try keys.decodeIfPresent(into: &seed, .seed)
    try keys.decodeIfPresent(into: &checkpointEpochs, .checkpointEpochs)
    try keys.decodeIfPresent(into: &validationFraction, .validationFraction)
    try keys.decodeIfPresent(into: &mixup, .mixup)
    try keys.decodeChoiceIfPresent(into: &sampling, .sampling)
    try keys.decodeIfPresent(into: &layers, .layers)
    try keys.decodeIfPresent(into: &earlyStopping, .earlyStopping)
  }
}

extension OptimizerSettings: Decodable {
  public init(from decoder: any Decoder) throws {
    let keys = try decoder.container(onlyWith: CodingKeys.self)
    self = decoder.recipeDefaults?.optimizer ?? OptimizerSettings()
    try keys.decodeChoiceIfPresent(into: &name, .name)
    learningRate = name.usualRate ?? learningRate
    try keys.decodeIfPresent(into: &learningRate, .learningRate)
    try keys.decodeIfPresent(into: &momentum, .momentum)
    try keys.decodeIfPresent(into: &nesterov, .nesterov)
    try keys.decodeIfPresent(into: &weightDecay, .weightDecay)
    try keys.decodeIfPresent(into: &decayBiases, .decayBiases)
    try keys.decodeIfPresent(into: &betas, .betas)
    try keys.decodeIfPresent(into: &epsilon, .epsilon)
    try keys.decodeIfPresent(into: &clipNorm, .clipNorm)
    try keys.decodeIfPresent(into: &filterRadius, .filterRadius)
    try keys.decodeIfPresent(into: &averageDecay, .averageDecay)
    // There is no Nesterov momentum without momentum.
    if momentum == 0, !keys.contains(.nesterov) { nesterov = false }
  }
}

extension LayerSettings: Decodable {
  public init(from decoder: any Decoder) throws {
    let keys = try decoder.container(onlyWith: CodingKeys.self)
    self = decoder.recipeDefaults?.layers ?? LayerSettings()
    try keys.decodeIfPresent(into: &freeze, .freeze)
    try keys.decodeIfPresent(into: &rates, .rates)
    try keys.decodeIfPresent(into: &copiedRate, .copiedRate)
    try keys.decodeIfPresent(into: &newClassifier, .newClassifier)
    try keys.decodeIfPresent(into: &unfreezeEpochs, .unfreezeEpochs)
    try keys.decodeIfPresent(into: &unfreezeLayers, .unfreezeLayers)
  }
}

extension EarlyStopping: Decodable {
  public init(from decoder: any Decoder) throws {
    let keys = try decoder.container(onlyWith: CodingKeys.self)
    self = decoder.recipeDefaults?.earlyStopping ?? EarlyStopping()
    try keys.decodeIfPresent(into: &patience, .patience)
    try keys.decodeChoiceIfPresent(into: &measure, .measure)
    try keys.decodeIfPresent(into: &minimumGain, .minimumGain)
  }
}

extension Schedule: Decodable {
  public init(from decoder: any Decoder) throws {
    let keys = try decoder.container(onlyWith: CodingKeys.self)
    self = decoder.recipeDefaults?.schedule ?? Schedule()
    try keys.decodeChoiceIfPresent(into: &name, .name)
    try keys.decodeIfPresent(into: &milestones, .milestones)
    try keys.decodeIfPresent(into: &gamma, .gamma)
    try keys.decodeIfPresent(into: &warmupEpochs, .warmupEpochs)
    try keys.decodeIfPresent(into: &minimum, .minimum)
    try keys.decodeIfPresent(into: &patience, .patience)
  }
}

extension Augmentation: Decodable {
  public init(from decoder: any Decoder) throws {
    let keys = try decoder.container(onlyWith: CodingKeys.self)
    self = decoder.recipeDefaults?.augmentation ?? Augmentation()
    try keys.decodeIfPresent(into: &flip, .flip)
    try keys.decodeIfPresent(into: &padCrop, .padCrop)
    try keys.decodeIfPresent(into: &cutout, .cutout)
    try keys.decodeIfPresent(into: &brightness, .brightness)
    try keys.decodeIfPresent(into: &contrast, .contrast)
    try keys.decodeIfPresent(into: &saturation, .saturation)
    try keys.decodeIfPresent(into: &noise, .noise)
  }
}

extension Decoder {
  /// A container that must not have any other keys, because a misspelt one would be silently
  /// ignored.
  func container<Key: CodingKey & CaseIterable>(
    onlyWith keys: Key.Type
  ) throws -> KeyedDecodingContainer<Key> {
    let known = Key.allCases.map(\.stringValue)
    // Not every decoder preserves the order of the file.
    let given = try container(keyedBy: AnyKey.self).allKeys.map(\.stringValue).sorted()
    for key in given where !known.contains(key) {
      let near = nearestNames(to: key, among: known)
      let advice =
        near.isEmpty
        ? "expected one of \(known.joined(separator: ", "))"
        : "did you mean \(near.joined(separator: " or "))?"
      throw RecipeError(
        (codingPath.map(\.stringValue) + [key]).joined(separator: "."),
        "is not a key of a recipe; \(advice)")
    }
    return try container(keyedBy: keys)
  }
}

extension KeyedDecodingContainer {
  func decodeIfPresent<Value: Decodable>(into value: inout Value, _ key: Key) throws {
    if let decoded = try decodeIfPresent(Value.self, forKey: key) { value = decoded }
  }

  func decodeChoiceIfPresent<Value: RawRepresentable<String> & CaseIterable>(
    into value: inout Value, _ key: Key
  ) throws {
    if let choice: Value = try decodeChoiceIfPresent(key) { value = choice }
  }

  func decodeChoiceIfPresent<Value: RawRepresentable<String> & CaseIterable>(
    _ key: Key
  ) throws -> Value? {
    guard let text = try decodeIfPresent(String.self, forKey: key) else { return nil }
    guard let choice = Value(rawValue: text) else {
      let known = Value.allCases.map(\.rawValue).joined(separator: ", ")
      throw RecipeError(
        (codingPath + [key]).map(\.stringValue).joined(separator: "."),
        "expected one of \(known); found \(text)")
    }
    return choice
  }
}

private struct AnyKey: CodingKey {
  let stringValue: String
  var intValue: Int? { nil }
  init(stringValue: String) { self.stringValue = stringValue }
  init?(intValue: Int) { nil }
}
