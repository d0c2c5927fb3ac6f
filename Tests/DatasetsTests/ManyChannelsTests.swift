import Datasets
import Foundation
import Images
import TensorCore
import TestSupport
import Testing

/// A data set with a single picture.
private struct OnePicture: Dataset {
  let count = 1
  let classNames: [String] = []
  func label(at index: Int) throws -> Int? { nil }
  func example(at index: Int) throws -> Example {
    Example(
      .picture(Image(width: 2, height: 2, red: 1, green: 2, blue: 3)), label: nil,
      source: "photo.png")
  }
}

@Suite struct `Inputs of other channels than a picture's` {
  @Test(arguments: [2, 4, 13])
  func `arrays are used as they are`(channels: Int) throws {
    let array = Tensor(
      shape: [channels, 2, 2], (0..<(4 * channels)).map { Float($0) - 7.5 })
    let preprocessing = Preprocessing(.unit, input: [channels, 2, 2])
    #expect(preprocessing.problem == nil)
    let example = Example(.array(array), label: nil, source: "x.npy #0")
    let input = try preprocessing.tensor(for: example)
    #expect(input.shape == Shape([1, channels, 2, 2]))
    #expect(input.arranged(as: .rowMajor).elements == array.elements)
  }

  @Test(arguments: [2, 4, 13])
  func `pictures are refused by name, with what was expected and found`(channels: Int) throws {
    let preprocessing = Preprocessing(input: [channels, 2, 2])
    let expected =
      "photo.png: expected \(channels) channels, found a picture of 3, red, green and blue "
      + "(transparency is no channel); give an array of [\(channels), 2, 2] as .npy, .npz or "
      + ".safetensors"
    let example = try OnePicture().example(at: 0)
    #expect(errorText { try preprocessing.tensor(for: example) } == expected)
    #expect(errorText { try preprocessing.displayed(example) } == expected)
    #expect(
      errorText {
        try OnePicture().forEachBatch(of: 4, indices: [0], preprocessing: preprocessing) { _ in }
      } == expected)
  }

  @Test func `files of grey pictures are refused, too`() throws {
    try withTemporaryFolder { folder in
      try write(idx([1, 2, 2], [1, 2, 3, 4]), "\(folder)/t10k-images-idx3-ubyte")
      let dataset = try openDataset("\(folder)/t10k-images-idx3-ubyte")
      let preprocessing = Preprocessing(input: [2, 2, 2])
      let text = errorText {
        try dataset.forEachBatch(of: 4, indices: [0], preprocessing: preprocessing) { _ in }
      }
      #expect(text?.contains("#0: expected 2 channels, found a picture of 3") == true)
    }
  }

  @Test func `the mean of the channels is shown from its lowest value to its highest`() throws {
    let preprocessing = Preprocessing(input: [2, 1, 3])
    let input = Tensor(shape: [1, 2, 1, 3], [-10, 0, 10, -10, 2, 30])
    // Means of −10, 1 and 20.
    let picture = preprocessing.picture(of: input)
    #expect(picture.pixels == [0, 0, 0, 255, 94, 94, 94, 255, 255, 255, 255, 255])
    #expect(
      preprocessing.displayRemark
        == "The input has 2 channels; it is shown as their mean, from black for the lowest value "
        + "of a picture to white for its highest.")
    #expect(Preprocessing(input: [3, 2, 2]).displayRemark == nil)
    let flat = preprocessing.picture(of: Tensor(shape: [1, 2, 1, 3], repeating: 5))
    #expect(flat.pixels.prefix(4) == [128, 128, 128, 255])
  }

  @Test(arguments: Preprocessing.Preset.allCases)
  func `every preset is one for any number of channels`(preset: Preprocessing.Preset) {
    for channels in [1, 2, 3, 4, 13] {
      #expect(Preprocessing(preset, input: [channels, 8, 8]).problem == nil)
    }
  }

  @Test func `channels beyond any memory are refused`() {
    #expect(
      Preprocessing(input: [1 << 20, 1 << 14, 1 << 14]).problem
        == "an input has at most 1073741824 numbers, not [1048576, 16384, 16384]")
  }
}
