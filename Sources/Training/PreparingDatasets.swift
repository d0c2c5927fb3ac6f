public import Datasets

extension ColorEncoding {
  /// How `preprocessing` converts colours between 0 and 1 to values.
  ///
  /// The values of series and volumes have no white: their colours are multiples of the standard
  /// deviation, so that noise has the same strength in all channels.
  public init(_ preprocessing: Preprocessing) {
    guard preprocessing.kind == .picture else {
      self.init(
        mean: zip(preprocessing.mean, preprocessing.deviation).map { $0 / $1 },
        deviation: preprocessing.deviation.map { _ in 1 },
        greyWeights: preprocessing.mean.map { _ in 1 / Float(preprocessing.mean.count) })
      return
    }
    let white = 255 * preprocessing.scale
    let isColored = preprocessing.input[0] == 3
    self.init(
      mean: preprocessing.mean.map { $0 / white },
      deviation: preprocessing.deviation.map { $0 / white },
      greyWeights: isColored && preprocessing.channelOrder == .bgr ? [0.114, 0.587, 0.299] : nil)
  }
}

extension TrainingData {
  /// Prepares a training set and a test set in the same way.
  ///
  /// - Parameter memory: For each of them, in bytes; pictures that need more are not kept in
  ///   memory.
  public init(
    training: any Dataset, test: (any Dataset)?, _ preprocessing: Preprocessing,
    memory: Int = PreparedPictures.usualMemory
  ) throws {
    let memory = min(memory, PreparedPictures.usualMemory)
    self.init(
      training: try PreparedPictures(training, preprocessing, memory: memory),
      test: try test.map { try PreparedPictures($0, preprocessing, memory: memory) },
      encoding: ColorEncoding(preprocessing))
  }
}
