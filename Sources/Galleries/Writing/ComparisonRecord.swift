/// What `gallery.json` and `fovea compare --json` say about networks that are compared.
public struct ComparisonRecord: Codable, Sendable, Hashable {
  public struct Checkpoint: Codable, Sendable, Hashable {
    /// What columns are called: as short as tells the checkpoints apart.
    public let name: String
    /// The file's own name.
    public let file: String
    /// 64 hexadecimal digits.
    public let sha256: String
    /// On the labelled pictures; nil if there were none.
    public var accuracy: Manifest.Accuracy?

    public init(name: String, file: String, sha256: String, accuracy: Manifest.Accuracy? = nil) {
      (self.name, self.file, self.sha256, self.accuracy) = (name, file, sha256, accuracy)
    }
  }

  /// What moved in one layer.
  public struct Layer: Codable, Sendable, Hashable {
    public let name: String
    /// The shape of its weights, without biases.
    public let weights: [Int]
    /// `‖a − b‖ / ‖a‖`; nil if it is not known.
    public let relativeDistance: Double?
    public let cosine: Double?
    /// The relative distance of each unit's own weights.
    public let unitDistances: [Double?]
    /// Linear CKA of the layer's rectified features; nil if they were not compared.
    public let cka: Double?
    /// Of the nine pictures that excite a unit most, how many are the same on average, and the mean
    /// Jaccard index; nil if they were not compared.
    public let commonTopPictures: Double?
    public let topPicturesJaccard: Double?

    public init(
      name: String, weights: [Int], relativeDistance: Double?, cosine: Double?,
      unitDistances: [Double?], cka: Double?, commonTopPictures: Double?,
      topPicturesJaccard: Double?
    ) {
      (self.name, self.weights, self.relativeDistance) = (name, weights, relativeDistance)
      (self.cosine, self.unitDistances, self.cka) = (cosine, unitDistances, cka)
      (self.commonTopPictures, self.topPicturesJaccard) = (commonTopPictures, topPicturesJaccard)
    }
  }

  /// Linear CKA of all pairs of layers.
  public struct Alignment: Codable, Sendable, Hashable {
    /// Of the first checkpoint.
    public let rows: [String]
    public let columns: [String]
    /// Row by row; nil where a layer gives the same features for every picture.
    public let values: [Double?]
    /// On how many pictures.
    public let pictures: Int

    public init(rows: [String], columns: [String], values: [Double?], pictures: Int) {
      (self.rows, self.columns, self.values, self.pictures) = (rows, columns, values, pictures)
    }
  }

  /// Orthogonal Procrustes analysis of the embeddings.
  public struct Procrustes: Codable, Sendable, Hashable {
    public let layer: String
    public let components: Int
    /// 0…1.
    public let residual: Double

    public init(layer: String, components: Int, residual: Double) {
      (self.layer, self.components, self.residual) = (layer, components, residual)
    }
  }

  /// A picture with another first choice.
  public struct Change: Codable, Sendable, Hashable {
    public let picture: String
    public let label: String?
    public let before: String
    public let after: String
    /// Such as `right to wrong`.
    public let kind: String

    public init(picture: String, label: String?, before: String, after: String, kind: String) {
      (self.picture, self.label, self.kind) = (picture, label, kind)
      (self.before, self.after) = (before, after)
    }
  }

  /// The pictures with another first choice.
  public struct Changes: Codable, Sendable, Hashable {
    /// How many pictures have class scores in both.
    public let compared: Int
    public let rightToWrong: Int
    public let wrongToRight: Int
    public let wrongToOtherWrong: Int
    public let unlabelled: Int
    /// Each of them, in the order of the data set.
    public let pictures: [Change]

    public init(
      compared: Int, rightToWrong: Int, wrongToRight: Int, wrongToOtherWrong: Int,
      unlabelled: Int, pictures: [Change]
    ) {
      (self.compared, self.pictures, self.unlabelled) = (compared, pictures, unlabelled)
      (self.rightToWrong, self.wrongToRight) = (rightToWrong, wrongToRight)
      self.wrongToOtherWrong = wrongToOtherWrong
    }
  }

  /// How one checkpoint differs from the first.
  public struct Difference: Codable, Sendable, Hashable {
    public let checkpoint: String
    public let layers: [Layer]
    public let cka: Alignment?
    public let procrustes: Procrustes?
    /// Nil if the first choices cannot be compared.
    public let predictions: Changes?

    public init(
      checkpoint: String, layers: [Layer], cka: Alignment?, procrustes: Procrustes?,
      predictions: Changes?
    ) {
      (self.checkpoint, self.layers, self.cka) = (checkpoint, layers, cka)
      (self.procrustes, self.predictions) = (procrustes, predictions)
    }
  }

  /// The first is the reference.
  public var checkpoints: [Checkpoint]
  /// For each checkpoint but the first.
  public var differences: [Difference]
  /// What a reader should know, one line each.
  public var remarks: [String]

  public init(
    checkpoints: [Checkpoint], differences: [Difference] = [], remarks: [String] = []
  ) {
    (self.checkpoints, self.differences, self.remarks) = (checkpoints, differences, remarks)
  }
}
