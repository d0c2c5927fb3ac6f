public import ArgumentParser
public import Datasets

/// What `--preprocess` takes.
public enum PreprocessingChoice: Sendable, Hashable, ExpressibleByArgument {
  case preset(Preprocessing.Preset)
  /// To be found by trying the presets on pictures.
  case auto

  private static let autoName = "auto"

  public init?(argument: String) {
    if argument == Self.autoName {
      self = .auto
    } else if let preset = Preprocessing.Preset(rawValue: argument) {
      self = .preset(preset)
    } else {
      return nil
    }
  }

  public static var allValueStrings: [String] {
    Preprocessing.Preset.allCases.map(\.rawValue) + [autoName]
  }

  /// Nil if it is to be found.
  var preset: Preprocessing.Preset? {
    switch self {
    case .preset(let preset): preset
    case .auto: nil
    }
  }

  public var defaultValueDescription: String {
    switch self {
    case .preset(let preset): preset.rawValue
    case .auto: Self.autoName
    }
  }
}
