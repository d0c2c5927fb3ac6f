import Analysis
import ArgumentParser

struct PatchesCommand: RenderCommand {
  static let configuration = CommandConfiguration(
    commandName: "patches",
    abstract: "Draw the patches of a data set that excite units most.")

  @OptionGroup var checkpoint: CheckpointOptions
  @OptionGroup var pictures: PictureOptions
  @OptionGroup var layers: LayerOptions

  @Option(help: "Greatest number of patches that a unit takes from one picture.")
  var perPicture = 1

  @OptionGroup var output: OutputOptions

  func validate() throws {
    guard (1...9).contains(perPicture) else {
      throw ValidationError("--per-picture must be from 1 to 9, not \(perPicture)")
    }
  }

  func render(_ studio: Studio) throws {
    let scanned = try studio.pictures(pictures).scanned
    let names = try layers.names(
      in: studio, usual: studio.network.featureLayers(), for: .activations)
    try studio.check(layers, names)
    let scan = TopActivationScan(studio.network, layers: names, perPicture: perPicture)
    try studio.scan(scanned, [scan])
    try studio.addPatches(scan.findings(), of: scanned, units: layers)
  }
}
