/// The names of a training run's files, by which other parts of the program know its folder.
public enum TrainingFileNames {
  /// The state from which an unfinished run continues.
  public static let resume = "resume.safetensors"
  public static let final = "final.safetensors"
  /// One row for each epoch.
  public static let log = "log.csv"
  /// The plot of a finished run's history.
  public static let curves = "curves.png"
  /// Where the data came from.
  public static let data = "data.json"

  /// The number of the epoch after which a file of that name holds the network; nil if it is not
  /// such a file.
  public static func epoch(_ name: String) -> Int? {
    name.wholeMatch(of: /epoch-(\d+)\.safetensors/).flatMap { Int($0.1) }
  }

  /// Whether a file of that name belongs to a training run.
  public static func contains(_ name: String) -> Bool {
    [resume, final, log, curves, data].contains(name) || epoch(name) != nil
  }
}
