import Datasets
import Files
import Images
import TensorCore
import Testing
import Training

/// Pictures of two pixels: a grey one, and one without a class.
private struct TwoPictures: Dataset {
  let count = 2
  let classNames = ["grey"]

  func example(at index: Int) throws -> Example {
    let image = Image(width: 2, height: 1, pixels: [10, 20, 30, 255, 40, 50, 60, 255])
    return Example(.picture(image), label: label(at: index), source: "\(index).png")
  }

  func label(at index: Int) -> Int? { index == 0 ? 0 : nil }
}

@Suite struct `Preparing data sets` {
  @Test func `pictures come preprocessed, those without a class are left out`() throws {
    let preprocessing = Preprocessing(
      input: [3, 1, 2], resize: .none, channelOrder: .bgr, scale: 1, mean: [1, 2, 3],
      deviation: [2, 2, 2])
    let pictures = try PreparedPictures(TwoPictures(), preprocessing)
    #expect(pictures.count == 1)
    #expect(pictures.failures == [FileError(.malformed, "1.png", "has no class label")])
    #expect(pictures.shape == [3, 1, 2])
  }

  @Test func `colours are found again in what the network sees, whatever its scale`() throws {
    for (scale, mean, deviation) in [(Float(1), Float(100), Float(2)), (1 / 255, 0.5, 0.25)] {
      let preprocessing = Preprocessing(
        input: [3, 1, 2], resize: .none, scale: scale, mean: [mean, mean, mean],
        deviation: [deviation, deviation, deviation])
      let encoding = ColorEncoding(preprocessing)
      let seen = try preprocessing.tensor(for: TwoPictures().example(at: 0)).elements
      for (value, byte) in zip(seen, [10, 40, 20, 50, 30, 60]) {
        let color = value * encoding.deviation[0] + encoding.mean[0]
        #expect(abs(color - Float(byte) / 255) < 1e-5)
      }
    }
    #expect(
      ColorEncoding(Preprocessing(input: [3, 1, 1], channelOrder: .bgr)).greyWeights
        == [0.114, 0.587, 0.299])
  }
}
