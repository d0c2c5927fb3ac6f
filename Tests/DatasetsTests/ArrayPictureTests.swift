import Datasets
import Files
import Images
import TensorCore
import TestSupport
import Testing

@Suite struct `Pictures of arrays` {
  private let remark =
    "Arrays are used exactly as they are; if the values are not those of a picture that was "
    + "preprocessed for the network, the array is shown from black for its lowest value to white "
    + "for its highest."

  private func example(_ shape: Shape, _ values: [Float]) -> Example {
    Example(.array(Tensor(shape: shape, values)), label: nil, source: "x.npy #0")
  }

  /// One row of three pixels, given by its red, green and blue planes.
  private func shown(
    _ values: [Float], _ preprocessing: Preprocessing
  ) throws -> (colors: [UInt8], remark: String?) {
    let example = example([3, 1, 3], values)
    let pixels = try preprocessing.displayed(example).pixels
    return (
      pixels.indices.filter { $0 % 4 < 3 }.map { pixels[$0] },
      try preprocessing.displayRemark(of: example)
    )
  }

  @Test(arguments: Preprocessing.Preset.allCases)
  func `are what was preprocessed, if they can be`(preset: Preprocessing.Preset) throws {
    var preprocessing = Preprocessing(preset, input: [3, 8, 8])
    preprocessing.resize = .none
    let picture = Image.noise(8, 8)
    let input = try preprocessing.tensor(
      for: Example(.picture(picture), label: nil, source: "a.png"))
    let array = example([3, 8, 8], input.arranged(as: .rowMajor).elements)
    #expect(try preprocessing.displayed(array) == picture.composited())
    #expect(try preprocessing.displayRemark(of: array) == nil)
  }

  @Test func `of 0 to 255 are no white squares where 0 to 1 is assumed`() throws {
    let unit = Preprocessing(.unit, input: [3, 1, 3])
    let found = try shown([0, 51, 102, 153, 204, 255, 255, 0, 51], unit)
    #expect(found.colors == [0, 153, 255, 51, 204, 0, 102, 255, 51])
    #expect(found.remark == remark)
  }

  @Test func `that were normalized are stretched, in the order of the network's channels`() throws {
    var preprocessing = Preprocessing(.unit, input: [3, 1, 3])
    preprocessing.channelOrder = .bgr
    // Blue first.
    let found = try shown([-2, 0, 2, 2, -2, 0, 0, 0, -2], preprocessing)
    #expect(found.colors == [128, 255, 0, 128, 0, 128, 0, 128, 255])
    #expect(found.remark == remark)
  }

  @Test(arguments: [(Float(1.009), true), (1.012, false), (-0.009, true), (-0.012, false)])
  func `may exceed black and white by a hundredth of the range`(
    value: Float, fits: Bool
  ) throws {
    let unit = Preprocessing(.unit, input: [3, 1, 3])
    let found = try shown([value] + [Float](repeating: 0.6, count: 8), unit)
    #expect((found.remark == nil) == fits)
    #expect(found.colors[0] == (value > 0.5 ? 255 : 0))
    #expect(found.colors[1] == (fits ? 153 : value > 0.5 ? 0 : 255))
  }

  @Test func `of one value that no picture has are mid-grey`() throws {
    let found = try shown([Float](repeating: 7, count: 9), Preprocessing(.unit, input: [3, 1, 3]))
    #expect(Set(found.colors) == [128] && found.remark == remark)
  }

  @Test func `of one channel are grey`() throws {
    let unit = Preprocessing(.unit, input: [1, 1, 2])
    let image = try unit.displayed(example([1, 1, 2], [-3, 5]))
    #expect(image.pixels == [0, 0, 0, 255, 255, 255, 255, 255])
  }
}

@Suite struct `The order of an array's axes` {
  private func input(_ extents: [Int], _ order: Preprocessing.ArrayOrder) -> Preprocessing {
    var preprocessing = Preprocessing(.unit, input: extents)
    preprocessing.arrays = order
    return preprocessing
  }

  private func elements(_ shape: Shape, _ preprocessing: Preprocessing) throws -> [Float] {
    let values = (0..<shape.elementCount).map { Float($0) }
    let example = Example(.array(Tensor(shape: shape, values)), label: nil, source: "x.npy #0")
    return try preprocessing.tensor(for: example).arranged(as: .rowMajor).elements
  }

  /// The numbers of an array that counts its elements, `[H, W, C]`, in the order `[C, H, W]`.
  private func counted(pixels: Int) -> [Float] {
    (0..<(3 * pixels)).map { Float($0 % pixels * 3 + $0 / pixels) }
  }

  @Test func `can be the file's own`() throws {
    #expect(try elements([2, 4, 3], input([3, 2, 4], .channelsLast)) == counted(pixels: 8))
  }

  @Test func `can be the usual one for such a file too`() throws {
    #expect(
      try elements([3, 2, 4], input([3, 2, 4], .channelsLast))
        == elements([3, 2, 4], input([3, 2, 4], .channelsFirst)))
  }

  @Test func `is the file's own if both fit`() throws {
    #expect(try elements([3, 3, 3], input([3, 3, 3], .channelsLast)) == counted(pixels: 9))
  }

  @Test func `is named in errors`() throws {
    #expect(
      errorText { try elements([4, 2, 3], input([3, 2, 4], .channelsLast)) }
        == "x.npy #0: expected an array of [2, 4, 3], as the file takes it, or of [3, 2, 4], found "
        + "[4, 2, 3]")
    #expect(
      errorText { try elements([2, 4, 3], input([3, 2, 4], .channelsFirst)) }
        == "x.npy #0: expected an array of [3, 2, 4], as the network takes it, found [2, 4, 3]")
  }
}
