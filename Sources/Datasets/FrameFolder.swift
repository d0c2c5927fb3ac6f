internal import Files
internal import Foundation
internal import Images
internal import TensorCore

/// A folder with the frames of one volume: pictures in the order of the last number in their names.
struct FrameFolder {
  /// Frames are not enlarged, and larger ones are reduced to this side where a network is made for
  /// them.
  static let usualSide = 64

  private let path: String
  private let memory: MemoryBudget

  init(_ path: String, memory: MemoryBudget) { (self.path, self.memory) = (path, memory) }

  /// - Throws: `FileError` if the folder or its first frame cannot be read.
  func measure() throws(FileError) -> ExampleMeasures.Measure {
    let frames = try frames()
    let first = try frames[0].opened()
    let share = min(1, Double(Self.usualSide) / Double(max(first.width, first.height)))
    func side(_ extent: Int) -> Int { max(1, Int((Double(extent) * share).rounded())) }
    return .init(
      shape: [
        try first.isGray() ? 1 : 3, frames.count, side(first.height), side(first.width),
      ], frameSize: (first.width, first.height))
  }

  /// Reads the first frames, resized, with values from 0 to 1, and zeros after the last.
  ///
  /// - Parameter shape: `[C, D, H, W]`.
  /// - Returns: `[C, D, H, W]`.
  /// - Throws: `FileError` if a frame cannot be read, or the channels are not those of pictures.
  func values(_ shape: [Int]) throws(FileError) -> Tensor {
    let (channels, depth, area) = (shape[0], shape[1], shape[2] * shape[3])
    let frames = try frames().prefix(depth)
    let preprocessing = Preprocessing(input: [channels, shape[2], shape[3]])
    return try Tensor(shape: Shape(shape)) { (target) throws(FileError) in
      target.initialize(repeating: 0)
      for (number, frame) in frames.enumerated() {
        let values = try preprocessing.tensor(
          for: Example(.file(frame), label: nil, source: frame.path)
        ).elements
        for channel in 0..<channels {
          let place = (channel * depth + number) * area
          for pixel in 0..<area { target[place + pixel] = values[channel * area + pixel] }
        }
      }
    }
  }

  /// At least one.
  private func frames() throws(FileError) -> [PictureFile] {
    let names = try FolderListing(path).names.filter {
      ExampleKind.volume.fileTypes.contains(($0 as NSString).pathExtension.lowercased())
    }
    guard !names.isEmpty else { throw FileError(.missing, path, "expected frames, found none") }
    return names.map { ($0, Self.number(of: $0)) }.sorted { ($0.1, $0.0) < ($1.1, $1.0) }
      .map { PictureFile((path as NSString).appendingPathComponent($0.0), memory: memory) }
  }

  /// The last number in a name: 10 comes after 9.
  private static func number(of name: String) -> Int {
    let numbers = (name as NSString).deletingPathExtension.matches(of: /\d+/)
    return numbers.last.flatMap { Int($0.output) } ?? -1
  }
}
