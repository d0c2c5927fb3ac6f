internal import Files
internal import TensorCore

/// The sizes of series or volumes that are in files of their own.
struct ExampleMeasures {
  struct Measure: Sendable {
    /// `[C, L]` or `[C, D, H, W]`.
    var shape: [Int]
    /// In samples per second; nil if it is not known.
    var samplingRate: Int?
    /// In pixels, before frames are resized.
    var frameSize: (width: Int, height: Int)?
  }

  private let kind: ExampleKind
  /// Of those that can be read.
  private let measures: [Measure]

  /// - Throws: The first file's error if none can be read.
  init(_ paths: [String], of kind: ExampleKind, _ memory: MemoryBudget) throws(FileError) {
    self.kind = kind
    let results = concurrentMap(paths.count) { index -> Result<Measure, FileError> in
      let path = paths[index]
      do throws(FileError) {
        return .success(
          kind == .series
            ? try SeriesFile(path, memory: memory).measure()
            : try FrameFolder(path, memory: memory).measure())
      } catch {
        return .failure(error)
      }
    }
    measures = results.compactMap { try? $0.get() }
    if measures.isEmpty, case .failure(let error) = results.first { throw error }
  }

  /// The channels and frames of the first, and the length of the longest, so that nothing is lost.
  var largest: [Int] {
    guard var shape = measures.first?.shape else { return [] }
    shape[1] = measures.map { $0.shape[1] }.max() ?? shape[1]
    return shape
  }

  /// What happens to examples that have another size, one line each.
  func remarks(of place: String, cutTo shape: [Int]) -> [String] {
    var remarks: [String] = []
    let (unit, length) = (kind == .series ? "samples" : "frames", shape[1])
    let longer = measures.count { $0.shape[1] > length }
    let shorter = measures.count { $0.shape[1] < length }
    func share(_ count: Int) -> String {
      "\(count) of \(measures.count) \(kind.plural)"
    }
    if longer > 0 {
      remarks.append("\(place): \(share(longer)) cut to the first \(length) \(unit)")
    }
    if shorter > 0 {
      remarks.append("\(place): \(share(shorter)) padded with zeros to \(length) \(unit)")
    }
    let rates = Set(measures.compactMap(\.samplingRate)).sorted()
    if rates.count > 1 {
      remarks.append(
        "\(place): sounds of \(rates.map(String.init).joined(separator: ", ")) samples per "
          + "second are not resampled: the same length is not the same time")
    }
    let resized = measures.count {
      $0.frameSize.map { [$0.height, $0.width] != Array(shape.suffix(2)) } ?? false
    }
    if resized > 0 {
      remarks.append(
        "\(place): frames of \(share(resized)) resized to \(shape[2])×\(shape[3]) pixels")
    }
    return remarks
  }
}
