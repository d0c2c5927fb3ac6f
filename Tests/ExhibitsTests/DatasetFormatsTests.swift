import ArgumentParser
import Exhibits
import Fovea
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

  @Test func `help names every format`() {
    #expect(
      datasetFormats.usage
        == "a folder of pictures (PNG, JPEG), folders train and test, CIFAR files or IDX files; a "
        + "picture (PNG, JPEG), a CIFAR file (.bin), an IDX file, a NumPy array (.npy), a NumPy "
        + "archive (.npz) or an array (.safetensors); or scenes:COUNT to render them")
    #expect(
      PictureOptions.helpMessage(columns: 10_000).contains(
        "The pictures: \(datasetFormats.usage). Not needed"))
  }
}
