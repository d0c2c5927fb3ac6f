import ArgumentParser
import Exhibits
import Fovea
import TestSupport
import Testing

@Suite struct `Formats of pictures that commands read` {
  @Test func `scenes are rendered in the size and by the seed asked for`() throws {
    func scene(_ source: String, _ options: RecognizedDataset.Options) throws -> Image? {
      let dataset = try datasetFormats.recognize(source).open(nil, options)
      #expect(dataset.count == 3 && dataset.classNames.contains("teapot"))
      guard case .picture(let image) = try dataset.example(at: 1).content else { return nil }
      return image
    }
    let image = try scene("scenes:3", .init(renderedSize: 24, seed: 5))
    #expect(image?.width == 24 && image?.height == 24)
    #expect(try scene("scenes:3", .init(renderedSize: 24, seed: 5)) == image)
    #expect(try scene("scenes:3", .init(renderedSize: 24, seed: 6)) != image)
    #expect(try datasetFormats.recognize("scenes").open().count == 12_000)
  }

  @Test func `series and volumes are rendered in the shape of the input`() throws {
    for (source, kind, usual, input) in [
      ("series:3", ExampleKind.series, [1, 128], [1, 50]),
      ("volumes:3", .volume, [1, 16, 32, 32], [1, 4, 12, 12]),
    ] {
      let found = try datasetFormats.recognize(source, of: kind)
      for (options, shape) in [
        (RecognizedDataset.Options(seed: 3), usual), (.init(seed: 3, input: input), input),
      ] {
        let dataset = try found.open(nil, options)
        guard case .array(let array) = try dataset.example(at: 2).content else {
          Issue.record("\(source) has no arrays")
          return
        }
        #expect(dataset.count == 3 && array.shape.extents == shape)
      }
      #expect(
        errorText { try datasetFormats.recognize(source) }
          == "\(source): expected pictures, found \(kind == .series ? "series" : "volumes")")
    }
    #expect(
      errorText { try datasetFormats.recognize("scenes:9", of: .series) }
        == "scenes:9: expected series, found pictures")
    #expect(
      errorText { try datasetFormats.recognize("series:x", of: .series) }
        == "expected series:COUNT with a count up to 1,000,000, found 'series:x'")
  }

  @Test func `stimuli have the size of the input`() throws {
    let dataset = try datasetFormats.recognize("stimuli:colors").open(
      nil, .init(renderedSize: 6, renderedWidth: 9))
    guard case .picture(let image) = try dataset.example(at: 0).content else {
      Issue.record("no picture")
      return
    }
    #expect(image.width == 9 && image.height == 6)
  }

  @Test func `help names every format`() {
    #expect(
      datasetFormats.usage
        == "a folder of pictures (PNG, JPEG), folders train and test, CIFAR files or IDX files; a "
        + "picture (PNG, JPEG), a CIFAR file (.bin), an IDX file, a NumPy array (.npy), a NumPy "
        + "archive (.npz) or an array (.safetensors); or stimuli:rectangles, stimuli:colors, "
        + "stimuli:color-pairs or scenes:COUNT to render them; for networks of series, a folder of "
        + "series (CSV, WAV), a series (CSV, WAV), an array or series:COUNT to render them; for "
        + "networks of volumes, a folder of folders of numbered frames (PNG, JPEG), an array or "
        + "volumes:COUNT to render them")
    #expect(
      PictureOptions.helpMessage(columns: 10_000).contains(
        "The pictures: \(datasetFormats.usage). Not needed"))
  }

  @Test func `annotations of pictures come in the pixels of the network's input`() throws {
    let folder = try TemporaryFolder()
    let photos = try folder.pictures(["cat": 1, "dog": 1], side: 32)
    let table = """
      file,age,box_x,box_y,box_width,box_height,part_nose_x,part_nose_y,mask
      cat/0.png,3,8,4,16,20,10,30,dog/0.png
      """
    _ = try folder.write(table, "pictures/annotations.csv")
    let studio = Studio(try Model(folder.checkpoint(), "--preprocess", "unit"))
    let dataset = try studio.pictures(.parse(["--images", photos])).scanned.dataset
    // The mask is no picture of the data set.
    #expect(dataset.count == 1)
    for _ in 0..<2 {
      let annotations = try dataset.annotations(at: 0)
      #expect(annotations.factors == ["age": .number(3)])
      #expect(annotations.boxes == [.init(x: 4, y: 2, width: 8, height: 10)])
      #expect(annotations.parts == [.init(name: "nose", x: 5, y: 15)])
      #expect(try annotations.masks[0].coverage().count == 16 * 16)
      #expect(try dataset.example(at: 0).annotations.boxes == annotations.boxes)
    }
  }
}
