/// What `gallery.json` and `fovea evolution --json` say about the checkpoints of a training run.
public struct EvolutionRecord: Codable, Sendable, Hashable {
  /// What activates one unit most.
  public struct Unit: Codable, Sendable, Hashable {
    public let unit: Int
    /// The strongest activation at each checkpoint; nil if no picture activates the unit.
    public let values: [Double?]
    /// The picture with that activation.
    public let pictures: [String?]
    /// Whether it is another one than at the checkpoint before.
    public let changes: [Bool]

    public init(unit: Int, values: [Double?], pictures: [String?], changes: [Bool]) {
      (self.unit, self.values) = (unit, values)
      (self.pictures, self.changes) = (pictures, changes)
    }
  }

  public struct Layer: Codable, Sendable, Hashable {
    public let name: String
    /// `1 − CKA` from each checkpoint to the next; nil if it is not known.
    public let distances: [Double?]
    /// Those that are shown.
    public let units: [Unit]

    public init(name: String, distances: [Double?], units: [Unit]) {
      (self.name, self.distances, self.units) = (name, distances, units)
    }
  }

  /// In order.
  public var checkpoints: [ComparisonRecord.Checkpoint]
  public var layers: [Layer]
  /// What a reader should know, one line each.
  public var remarks: [String]

  public init(
    checkpoints: [ComparisonRecord.Checkpoint], layers: [Layer] = [], remarks: [String] = []
  ) {
    (self.checkpoints, self.layers, self.remarks) = (checkpoints, layers, remarks)
  }
}
