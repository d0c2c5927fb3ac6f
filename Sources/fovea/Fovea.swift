import ArgumentParser

@main
struct Fovea: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "fovea", abstract: "See what a convolutional network has learned.")
}
