internal import Kernels

extension BlueprintBuilder {
  /// Szegedy et al. (2016), "Rethinking the Inception Architecture for Computer Vision", for
  /// pictures of 299×299, with torchvision's names.
  ///
  /// The auxiliary classifier is not built. torchvision's pretrained weights expect pictures in
  /// −1…1, like GoogLeNet's.
  mutating func addInceptionV3(classes: Int, dropout: Float) {
    let pool = MaxPool(PoolingGeometry(window: 3, stride: 2))
    addInceptionConvolution("Conv2d_1a_3x3", 32, Convolution(3, stride: 2))
    addInceptionConvolution("Conv2d_2a_3x3", 32, Convolution(3))
    addInceptionConvolution("Conv2d_2b_3x3", 64, Convolution(3, padding: 1))
    append("maxpool1", pool)
    addInceptionConvolution("Conv2d_3b_1x1", 80, Convolution(1))
    addInceptionConvolution("Conv2d_4a_3x3", 192, Convolution(3))
    append("maxpool2", pool)
    for (letter, pooled) in [("b", 32), ("c", 64), ("d", 64)] {
      addInceptionA("Mixed_5\(letter)", pooled: pooled)
    }
    addInceptionB("Mixed_6a")
    for (letter, filters) in [("b", 128), ("c", 160), ("d", 160), ("e", 192)] {
      addInceptionC("Mixed_6\(letter)", inner: filters)
    }
    addInceptionD("Mixed_7a")
    for letter in ["b", "c"] { addInceptionE("Mixed_7\(letter)") }
    globalAverage()
    append("dropout", Dropout(dropout))
    linear("fc", outputs: classes)
    unusedPrefixes = ["AuxLogits."]
  }

  /// Consecutive convolutions, each named after its branch with a number.
  private mutating func addChain(
    _ branch: String, _ layers: [(filters: Int, convolution: Convolution)]
  ) {
    for (index, layer) in layers.enumerated() {
      addInceptionConvolution("\(branch)_\(index + 1)", layer.filters, layer.convolution)
    }
  }

  private mutating func addPooled(_ branch: String, _ filters: Int) {
    append("\(branch).avgpool", AveragePool(PoolingGeometry(window: 3, stride: 1, padding: 1)))
    addInceptionConvolution(branch, filters, Convolution(1))
  }

  /// Figure 5: two 3×3 instead of one 5×5.
  private mutating func addInceptionA(_ name: String, pooled: Int) {
    branches(
      name,
      [
        { $0.addInceptionConvolution("\(name).branch1x1", 64, Convolution(1)) },
        {
          $0.addChain(
            "\(name).branch5x5", [(48, Convolution(1)), (64, Convolution(5, padding: 2))])
        },
        {
          $0.addChain(
            "\(name).branch3x3dbl",
            [
              (64, Convolution(1)), (96, Convolution(3, padding: 1)),
              (96, Convolution(3, padding: 1)),
            ])
        },
        { $0.addPooled("\(name).branch_pool", pooled) },
      ])
  }

  /// Figure 10: halves the maps' extents.
  private mutating func addInceptionB(_ name: String) {
    branches(
      name,
      [
        { $0.addInceptionConvolution("\(name).branch3x3", 384, Convolution(3, stride: 2)) },
        {
          $0.addChain(
            "\(name).branch3x3dbl",
            [
              (64, Convolution(1)), (96, Convolution(3, padding: 1)),
              (96, Convolution(3, stride: 2)),
            ])
        },
        { $0.append("\(name).branch_pool", MaxPool(PoolingGeometry(window: 3, stride: 2))) },
      ])
  }

  /// Figure 6: 7×7 as 1×7 and 7×1.
  private mutating func addInceptionC(_ name: String, inner: Int) {
    let (row, column) = (Convolution.row(of: 7), Convolution.column(of: 7))
    branches(
      name,
      [
        { $0.addInceptionConvolution("\(name).branch1x1", 192, Convolution(1)) },
        {
          $0.addChain(
            "\(name).branch7x7", [(inner, Convolution(1)), (inner, row), (192, column)])
        },
        {
          $0.addChain(
            "\(name).branch7x7dbl",
            [
              (inner, Convolution(1)), (inner, column), (inner, row), (inner, column), (192, row),
            ])
        },
        { $0.addPooled("\(name).branch_pool", 192) },
      ])
  }

  /// Halves the maps' extents again.
  private mutating func addInceptionD(_ name: String) {
    branches(
      name,
      [
        {
          $0.addChain(
            "\(name).branch3x3", [(192, Convolution(1)), (320, Convolution(3, stride: 2))])
        },
        {
          $0.addChain(
            "\(name).branch7x7x3",
            [
              (192, Convolution(1)), (192, .row(of: 7)), (192, .column(of: 7)),
              (192, Convolution(3, stride: 2)),
            ])
        },
        { $0.append("\(name).branch_pool", MaxPool(PoolingGeometry(window: 3, stride: 2))) },
      ])
  }

  /// Figure 7: 3×3 as 1×3 in parallel with 3×1, for many maps with few positions.
  private mutating func addInceptionE(_ name: String) {
    func fork(_ branch: String, _ letters: (String, String), in builder: inout Self) {
      builder.branches(
        branch,
        [
          { $0.addInceptionConvolution("\(branch)_\(letters.0)", 384, .row(of: 3)) },
          { $0.addInceptionConvolution("\(branch)_\(letters.1)", 384, .column(of: 3)) },
        ])
    }
    branches(
      name,
      [
        { $0.addInceptionConvolution("\(name).branch1x1", 320, Convolution(1)) },
        {
          $0.addChain("\(name).branch3x3", [(384, Convolution(1))])
          fork("\(name).branch3x3", ("2a", "2b"), in: &$0)
        },
        {
          $0.addChain(
            "\(name).branch3x3dbl", [(448, Convolution(1)), (384, Convolution(3, padding: 1))])
          fork("\(name).branch3x3dbl", ("3a", "3b"), in: &$0)
        },
        { $0.addPooled("\(name).branch_pool", 192) },
      ])
  }
}

extension Convolution {
  /// A window of one row that keeps the maps' extents.
  fileprivate static func row(of width: Int) -> Convolution {
    Convolution(
      window: [1, width],
      moves: WindowGeometry(
        stride: [1, 1], dilation: [1, 1], paddingBefore: [0, width / 2],
        paddingAfter: [0, width / 2]))
  }

  /// A window of one column that keeps the maps' extents.
  fileprivate static func column(of height: Int) -> Convolution {
    Convolution(
      window: [height, 1],
      moves: WindowGeometry(
        stride: [1, 1], dilation: [1, 1], paddingBefore: [height / 2, 0],
        paddingAfter: [height / 2, 0]))
  }
}
