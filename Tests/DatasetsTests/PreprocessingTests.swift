import Datasets
import Foundation
import Images
import TensorCore
import TestSupport
import Testing

@Suite struct `Preprocessing pictures` {
  private func input(_ image: Image, _ preprocessing: Preprocessing) throws -> Tensor {
    try preprocessing.tensor(for: Example(.picture(image), label: nil, source: "made"))
  }

  /// A picture with the same colour everywhere.
  private let image = Image(width: 300, height: 400, red: 255, green: 51, blue: 0)

  @Test func `presets give the published numbers`() throws {
    let published: [(Preprocessing.Preset, [Double])] = [
      (.imagenet, [2.2489, -1.1429, -1.8044]),
      (.caffe, [-104, -66, 132]),
      (.unit, [1, 0.2, 0]),
      (.signed, [1, -0.6, -1]),
    ]
    for (preset, expected) in published {
      let values = try input(image, Preprocessing(preset, input: [3, 224, 224]))
      #expect(values.shape == [1, 3, 224, 224] && values.layout == .channelsLast)
      let elements = values.elements
      for channel in 0..<3 {
        let value = Double(elements[channel * 224 * 224 + 5])
        #expect(abs(value - expected[channel]) < 1e-4)
      }
    }
  }

  @Test func `the resizing of presets fits the input`() {
    for (side, expected) in [(224, 256), (227, 256), (299, 341), (160, 182), (32, 32), (64, 64)] {
      #expect(
        Preprocessing(.imagenet, input: [3, side, side]).resize == .shorterSide(expected))
    }
  }

  @Test func `resizing and cropping are those of the picture`() throws {
    let picture = Image.noise(50, 31, seed: 3)
    for (resize, expected) in [
      (Preprocessing.Resize.none, picture.centerCropped(width: 20, height: 24)),
      (.exact, picture.resized(width: 20, height: 24)),
      (.shorterSide(26), picture.resized(shorterSide: 26).centerCropped(width: 20, height: 24)),
      (.shorterSide(40), picture.resized(shorterSide: 40).centerCropped(width: 20, height: 24)),
      (.shorterSide(10), picture.resized(shorterSide: 10).centerCropped(width: 20, height: 24)),
    ] {
      let preprocessing = Preprocessing(input: [3, 24, 20], resize: resize)
      let example = Example(.picture(picture), label: nil, source: "made")
      let displayed = try preprocessing.displayed(example)
      #expect(displayed == expected, "\(resize)")
      let values = try input(picture, preprocessing).elements
      for pixel in 0..<480 {
        for channel in 0..<3 {
          let shown = Float(displayed.pixels[4 * pixel + channel]) / 255
          #expect(abs(values[channel * 480 + pixel] - shown) < 1e-6)
        }
      }
    }
  }

  @Test(arguments: Preprocessing.Preset.allCases, [1, 3])
  func `the input shows the picture that the network saw`(
    preset: Preprocessing.Preset, channels: Int
  ) throws {
    let preprocessing = Preprocessing(preset, input: [channels, 12, 12])
    let example = Example(.picture(Image.noise(40, 33, seed: 9)), label: nil, source: "made")
    let shown = preprocessing.picture(of: try preprocessing.tensor(for: example))
    #expect(try preprocessing.displayed(example) == shown)
  }

  @Test func `values that no picture has are cut off`() {
    let preprocessing = Preprocessing(.unit, input: [3, 1, 1])
    let tensor = Tensor(shape: [1, 3, 1, 1], [-3, 7, .nan])
    #expect(preprocessing.picture(of: tensor).pixels == [0, 255, 0, 255])
  }

  @Test func `transparency is laid on white, grey is luma`() throws {
    let clear = Image(width: 2, height: 2, red: 9, green: 9, blue: 9, alpha: 0)
    #expect(
      try input(clear, Preprocessing(.unit, input: [3, 2, 2])).elements.allSatisfy { $0 == 1 })
    let red = Image(width: 2, height: 2, red: 255, green: 0, blue: 0)
    let grey: Float = 76 * (1 / 255)
    #expect(
      try input(red, Preprocessing(.unit, input: [1, 2, 2])).elements == [grey, grey, grey, grey])
  }

  @Test func `a strip whose enlargement would fill the memory is only made where it is seen`()
    throws
  {
    let strip = Image(width: 60_000, height: 1, red: 10, green: 20, blue: 30)
    let values = try input(strip, Preprocessing(.imagenet, input: [3, 224, 224]))
    #expect(values.count == 3 * 224 * 224)
  }

  @Test func `what a checkpoint keeps is checked when it is read`() throws {
    for preset in Preprocessing.Preset.allCases {
      let preprocessing = Preprocessing(preset, input: [3, 64, 64])
      #expect(preprocessing.problem == nil)
      let data = try JSONEncoder().encode(preprocessing)
      #expect(try JSONDecoder().decode(Preprocessing.self, from: data) == preprocessing)
    }
    for (change, problem) in [
      (#""input":[]"#, "expected an input of two to four positive extents, found []"),
      (#""input":[3,0,4]"#, "expected an input of two to four positive extents, found [3, 0, 4]"),
      (
        #""input":[3,4000000000,4000000000]"#,
        "pictures have at most 268435456 pixels, not 4000000000 × 4000000000"
      ),
      (#""input":[1,4,4]"#, "expected one mean for each of 1 channels, found 3"),
    ] {
      let json =
        #"{"resize":{"exact":{}},"channelOrder":"rgb","scale":1,"mean":[0,0,0],"deviation":[1,1,1],\#(change)}"#
      #expect {
        try JSONDecoder().decode(Preprocessing.self, from: Data(json.utf8))
      } throws: { error in
        guard case DecodingError.dataCorrupted(let context) = error else { return false }
        return context.debugDescription == problem
      }
    }
  }

  @Test(arguments: [
    ("256", Preprocessing.Resize.shorterSide(256)), (#""exact""#, .exact), (#""none""#, .none),
    (#"{"exact":{}}"#, .exact), (#"{"shorterSide":{"_0":40}}"#, .shorterSide(40)),
  ])
  func `how to resize is written as people would, or as checkpoints store it`(
    text: String, expected: Preprocessing.Resize
  ) throws {
    let read = try JSONDecoder().decode(Preprocessing.Resize.self, from: Data(text.utf8))
    #expect(read == expected)
    #expect(throws: DecodingError.self) {
      try JSONDecoder().decode(Preprocessing.Resize.self, from: Data(#""half""#.utf8))
    }
  }
}
