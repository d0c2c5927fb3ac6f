public import Datasets

/// How it is known how pictures become a network's input.
public enum PreprocessingOrigin: Sendable, Hashable, CustomStringConvertible {
  /// Options on the command line.
  case options
  case checkpoint
  /// A file beside the checkpoint.
  case beside(String)
  /// The network takes integers.
  case integers
  /// The graph begins with its own preprocessing.
  case graph
  /// Nothing says it: the preset that is most usual for pictures of this size. Series and volumes
  /// are used as they are.
  case inputSize(Preprocessing.Preset)
  /// The one, of all that were tried, that the pictures speak for.
  case trial(String)

  public var description: String {
    switch self {
    case .options: "as the options say"
    case .checkpoint: "as the checkpoint says"
    case .beside(let path): "as \(path) says"
    case .integers: "because the network takes integers"
    case .graph: "because the graph begins with its own preprocessing"
    case .inputSize(let preset):
      "nothing says so: '--preprocess \(preset.rawValue)' is assumed from the input's size, and "
        + "'--preprocess auto' tests it on pictures"
    case .trial(let name): "chosen by trying the presets on the pictures: \(name)"
    }
  }

  /// One word for records.
  public var name: String {
    switch self {
    case .options: "options"
    case .checkpoint: "checkpoint"
    case .beside: "file beside the checkpoint"
    case .integers: "integer input"
    case .graph: "graph"
    case .inputSize: "assumed from the input's size"
    case .trial: "trial"
    }
  }
}
