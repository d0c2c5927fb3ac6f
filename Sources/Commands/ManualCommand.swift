import ArgumentParser
import Exhibits
import Foundation

/// Prints the manual page; its text is that of the help.
struct ManualCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "manual",
    abstract: "Print the manual page.",
    discussion: """
      In the format of man, with the texts of the help:

        fovea manual > /usr/local/share/man/man1/fovea.1
      """)

  func run() throws { try Console.results([ManualPage(Fovea.self).text]) }
}
