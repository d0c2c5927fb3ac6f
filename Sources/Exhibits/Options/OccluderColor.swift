public import ArgumentParser
internal import Datasets
internal import Files
internal import Foundation
internal import Images
internal import TensorCore

/// A colour in place of a picture: of the square that hides a part of it, or of what is around it.
public enum OccluderColor: Sendable, Hashable {
  /// The input's zero, which is the mean of the training pictures if that is subtracted from them.
  case mean
  /// A pixel value before preprocessing.
  case pixel(red: UInt8, green: UInt8, blue: UInt8)

  /// As in Zeiler and Fergus (2014): half way from black to white.
  public static let grey = OccluderColor.pixel(red: 128, green: 128, blue: 128)
  public static let black = OccluderColor.pixel(red: 0, green: 0, blue: 0)
  public static let white = OccluderColor.pixel(red: 255, green: 255, blue: 255)

  private static let named: [(name: String, color: OccluderColor)] = [
    ("grey", .grey), ("mean", .mean), ("black", .black), ("white", .white),
  ]

  /// The colour that was asked for; else grey, or mean for inputs that are not pictures.
  ///
  /// - Throws: `UsageError` for a colour that such inputs do not have.
  init(_ asked: OccluderColor?, for preprocessing: Preprocessing) throws(UsageError) {
    self = asked ?? (preprocessing.takesPictures ? .grey : .mean)
    guard preprocessing.takesPictures || self == .mean else {
      throw UsageError(
        "--color \(self): the input has \(preprocessing.input[0]) channels, so only mean is a "
          + "colour of it")
    }
  }

  /// One value per channel of the network's input.
  ///
  /// - Throws: `FileError` if the input's channels are not those of a picture.
  func values(in preprocessing: Preprocessing) throws(FileError) -> [Float] {
    let channels = preprocessing.input[0]
    guard case .pixel(let red, let green, let blue) = self else {
      return [Float](repeating: 0, count: channels)
    }
    var single = preprocessing
    (single.input, single.resize) = ([channels, 1, 1], .none)
    let pixel = Image(width: 1, height: 1, red: red, green: green, blue: blue)
    return try single.tensor(for: Example(.picture(pixel), label: nil, source: description))
      .elements
  }
}

extension OccluderColor: ExpressibleByArgument, CustomStringConvertible {
  public init?(argument: String) {
    if let known = Self.named.first(where: { $0.name == argument }) {
      self = known.color
      return
    }
    let parts = argument.split(separator: ",", omittingEmptySubsequences: false)
    let levels = parts.compactMap { UInt8($0.trimmingCharacters(in: .whitespaces)) }
    guard parts.count == 3, levels.count == 3 else { return nil }
    self = .pixel(red: levels[0], green: levels[1], blue: levels[2])
  }

  /// As it is typed.
  public var description: String {
    if let known = Self.named.first(where: { $0.color == self }) { return known.name }
    guard case .pixel(let red, let green, let blue) = self else { return "mean" }
    return "\(red),\(green),\(blue)"
  }

  public var defaultValueDescription: String { description }
}
