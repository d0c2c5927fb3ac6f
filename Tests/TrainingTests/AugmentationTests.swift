import TensorCore
import Testing
import Training

private func pictures(_ shape: Shape, seed: UInt64) -> Tensor {
  var random = SeededGenerator(seed: seed)
  return Tensor(shape: shape, (0..<shape.elementCount).map { _ in random.uniform() })
}

/// The columns of a `[1, C, H, W]` picture in reverse order.
private func mirrored(_ picture: Tensor) -> Tensor {
  let (rows, width) = (picture.count / picture.shape[3], picture.shape[3])
  let elements = picture.elements
  return Tensor(
    shape: picture.shape,
    (0..<rows).flatMap { row in elements[(row * width)..<((row + 1) * width)].reversed() })
}

@Suite struct Augmenting {
  private let colors = ColorEncoding(mean: [0.5, 0.4, 0.3], deviation: [0.2, 0.25, 0.3])
  private let everything = Augmentation(
    flip: true, padCrop: 2, cutout: 3, brightness: 0.3, contrast: 0.3, saturation: 0.3,
    noise: 0.05)

  private func augment(
    _ augmentation: Augmentation, _ batch: Tensor, indices: [Int]? = nil, epoch: Int = 1,
    seed: UInt64 = 7
  ) -> Tensor {
    augmentation(
      batch, indices: indices ?? Array(0..<batch.shape[0]), epoch: epoch, seed: seed,
      encoding: batch.shape[1] == 3 ? colors : .plain(channels: batch.shape[1]))
  }

  @Test func `no options change nothing`() {
    let batch = pictures([3, 3, 5, 6], seed: 1)
    #expect(Augmentation().isIdentity)
    #expect(augment(Augmentation(), batch).elements == batch.elements)
  }

  @Test(arguments: [1, 3])
  func `a picture is flipped or not, about half of them, and twice is as before`(channels: Int) {
    let batch = pictures([400, channels, 4, 5], seed: 2)
    let once = augment(Augmentation(flip: true), batch)
    let twice = augment(Augmentation(flip: true), once)
    #expect(twice.elements == batch.elements)
    var flipped = 0
    for index in 0..<400 {
      let (before, after) = (batch.rows(index..<(index + 1)), once.rows(index..<(index + 1)))
      let isFlipped = after.elements == mirrored(before).elements
      #expect(isFlipped || after.elements == before.elements)
      if isFlipped { flipped += 1 }
    }
    // Four standard deviations for 400 fair coins.
    #expect((160...240).contains(flipped))
  }

  @Test func `series are shifted along time, and nothing else`() {
    let batch = pictures([20, 2, 9], seed: 4)
    let moved = augment(Augmentation(padCrop: 3), batch)
    #expect(moved.shape == batch.shape)
    var shifts: Set<Int> = []
    for index in 0..<20 {
      let before = batch.rows(index..<(index + 1)).elements
      let after = moved.rows(index..<(index + 1)).elements
      let shift = (-3...3).first { shift in
        (0..<18).allSatisfy { place in
          let (channel, sample) = (place / 9, place % 9)
          var source = abs(sample + shift)
          if source > 8 { source = 16 - source }
          return after[place] == before[channel * 9 + source]
        }
      }
      #expect(shift != nil)
      if let shift { shifts.insert(shift) }
    }
    #expect(shifts.count > 4)
  }

  @Test func `the frames of a volume are moved alike`() {
    // Each frame is the first one plus its number.
    let frame = pictures([1, 1, 6, 5], seed: 5).elements
    let volume = Tensor(
      shape: [1, 1, 4, 6, 5], (0..<4).flatMap { number in frame.map { $0 + Float(number) } })
    for epoch in 1...5 {
      let moved = augment(
        Augmentation(flip: true, padCrop: 2, brightness: 0.3), volume, epoch: epoch
      ).elements
      let step = moved[30] - moved[0]
      for place in 0..<90 { #expect(abs(moved[place + 30] - moved[place] - step) < 1e-5) }
    }
    let cut = augment(Augmentation(cutout: 3), volume).elements
    for place in 0..<30 { #expect((cut[place] == 0) == (cut[place + 90] == 0)) }
  }

  @Test func `what a picture becomes depends on seed, epoch and index, on no other picture`() {
    let batch = pictures([6, 3, 8, 8], seed: 3)
    let whole = augment(everything, batch, indices: [10, 11, 12, 13, 14, 15])
    let order = [4, 0, 2]
    let part = Tensor(concatenatingRows: order.map { batch.rows($0..<($0 + 1)) })
    let some = augment(everything, part, indices: order.map { $0 + 10 })
    for (slot, index) in order.enumerated() {
      #expect(
        some.rows(slot..<(slot + 1)).elements == whole.rows(index..<(index + 1)).elements)
    }
    let again = augment(everything, batch, indices: [10, 11, 12, 13, 14, 15])
    #expect(again.elements == whole.elements)
    for other in [
      augment(everything, batch, indices: [10, 11, 12, 13, 14, 15], epoch: 2),
      augment(everything, batch, indices: [10, 11, 12, 13, 14, 15], seed: 8),
      augment(everything, batch, indices: [20, 21, 22, 23, 24, 25]),
    ] {
      for index in 0..<6 {
        #expect(
          other.rows(index..<(index + 1)).elements != whole.rows(index..<(index + 1)).elements)
      }
    }
  }

  @Test func `a shifted picture shows its reflection at the edge`() {
    // Row 10·y, column x: the value shows where it came from.
    let picture = Tensor(
      shape: [1, 1, 5, 6], (0..<30).map { Float($0 / 6 * 10 + $0 % 6) })
    func mirror(_ position: Int, _ extent: Int) -> Int {
      position < 0 ? -position : position < extent ? position : 2 * (extent - 1) - position
    }
    var shifts: Set<[Int]> = []
    for index in 0..<400 {
      let shifted = augment(Augmentation(padCrop: 2), picture, indices: [index]).elements
      let found = (-2...2).flatMap { down in (-2...2).map { [down, $0] } }.first { shift in
        shifted
          == (0..<30).map {
            Float(mirror($0 / 6 + shift[0], 5) * 10 + mirror($0 % 6 + shift[1], 6))
          }
      }
      #expect(found != nil, "\(shifted)")
      if let found { shifts.insert(found) }
    }
    // All 25 shifts occur: each one is missed with probability 0.96⁴⁰⁰ < 10⁻⁷.
    #expect(shifts.count == 25)
  }

  @Test func `a shift never exceeds what a small picture can reflect`() {
    let batch = pictures([50, 2, 1, 3], seed: 4)
    let shifted = augment(Augmentation(padCrop: 100), batch)
    #expect(Set(shifted.elements).isSubset(of: Set(batch.elements)))
  }

  @Test func `colours change as the three blends one after another say`() {
    let batch = pictures([20, 3, 4, 4], seed: 5)
    let strength = 0.4
    let both = augment(
      Augmentation(brightness: strength, contrast: strength, saturation: strength), batch)
    // The factors of each picture, measured with one change at a time.
    let plain = ColorEncoding(mean: [0, 0, 0], deviation: [1, 1, 1])
    let probe = Tensor(
      concatenatingRows: (0..<20).map { _ in
        Tensor(shape: [1, 3, 1, 2], [1, 0, 0, 0, 0, 0])
      })
    func probed(_ augmentation: Augmentation) -> [[Float]] {
      let seen = augmentation(probe, indices: Array(0..<20), epoch: 1, seed: 7, encoding: plain)
      return (0..<20).map { seen.rows($0..<($0 + 1)).elements }
    }
    // A red and a black pixel: red becomes b; the difference of the two greys c · 0.299; the
    // difference of red and green within the red pixel s.
    let brightness = probed(Augmentation(brightness: strength)).map { $0[0] }
    let contrast = probed(Augmentation(contrast: strength)).map { $0[0] - $0[1] }
    let saturation = probed(Augmentation(saturation: strength)).map { $0[0] - $0[2] }
    for factors in [brightness, contrast, saturation] {
      #expect(factors.allSatisfy { (0.6...1.4).contains($0) })
      #expect(Set(factors).count == 20)
    }
    for index in 0..<20 {
      let expected = slowlyRecolored(
        batch.rows(index..<(index + 1)).elements, brightness: brightness[index],
        contrast: contrast[index], saturation: saturation[index])
      let found = both.rows(index..<(index + 1)).elements
      for at in 0..<48 {
        #expect(abs(found[at] - expected[at]) < 1e-4, "picture \(index), value \(at)")
      }
    }
  }

  /// One blend after another on the decoded colours of a 4 × 4 picture, encoded again.
  private func slowlyRecolored(
    _ encoded: [Float], brightness: Float, contrast: Float, saturation: Float
  ) -> [Float] {
    let weights: [Float] = [0.299, 0.587, 0.114]
    var planes = (0..<3).map { channel in
      encoded[(16 * channel)..<(16 * channel + 16)].map { value -> Float in
        brightness * (value * colors.deviation[channel] + colors.mean[channel])
      }
    }
    func greys() -> [Float] {
      (0..<16).map { at -> Float in
        var grey: Float = 0
        for channel in 0..<3 { grey += weights[channel] * planes[channel][at] }
        return grey
      }
    }
    let mean = greys().reduce(0, +) / 16
    planes = planes.map { plane in plane.map { contrast * $0 + (1 - contrast) * mean } }
    let grey = greys()
    planes = planes.map { plane in
      zip(plane, grey).map { saturation * $0 + (1 - saturation) * $1 }
    }
    return (0..<3).flatMap { channel in
      planes[channel].map { ($0 - colors.mean[channel]) / colors.deviation[channel] }
    }
  }

  @Test func `noise is normal, of the given strength where white is 1`() {
    let grey = Tensor(shape: [40, 3, 32, 32], repeating: 0.25)
    let noisy = augment(Augmentation(noise: 0.1), grey).elements
    for channel in 0..<3 {
      var values: [Double] = []
      for picture in 0..<40 {
        let start = (picture * 3 + channel) * 1024
        values += noisy[start..<(start + 1024)]
          .map { Double(($0 - 0.25) * colors.deviation[channel]) / 0.1 }
      }
      let count = Double(values.count)
      let mean = values.reduce(0, +) / count
      let variance = values.reduce(0) { $0 + $1 * $1 } / count
      let kurtosis = values.reduce(0) { $0 + $1 * $1 * $1 * $1 } / count
      // Four standard errors of 40960 draws; the table ends at 3.7 standard deviations.
      #expect(abs(mean) < 0.02)
      #expect(abs(variance - 1) < 0.03)
      #expect(abs(kurtosis - 3) < 0.2)
      #expect(values.contains { $0 > 3 } && values.contains { $0 < -3 })
    }
  }

  @Test func `a square is cut out and becomes the mean colour`() {
    let batch = Tensor(shape: [200, 2, 7, 7], repeating: 1)
    let cut = augment(Augmentation(cutout: 3), batch)
    for index in 0..<200 {
      let picture = cut.rows(index..<(index + 1)).elements
      let gone = picture.count { $0 == 0 }
      #expect(picture.allSatisfy { $0 == 0 || $0 == 1 })
      // The centre is inside the picture, so that at a corner 2 × 2 of 3 × 3 are cut out.
      #expect([8, 12, 18].contains(gone))
      #expect(Array(picture[..<49]) == Array(picture[49...]))
    }
  }
}
