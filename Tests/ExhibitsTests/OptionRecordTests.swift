import ArgumentParser
import Exhibits
import Galleries
import TestSupport
import Testing

@Suite struct `Recorded options` {
  private struct Group: ParsableArguments {
    @Option var inGroup = "usual"
    init() {}
  }

  private enum Colour: String, ExpressibleByArgument { case red, darkBlue = "dark-blue" }

  private struct Options: ParsableArguments {
    @Option var steps = 3
    @Option var rate: Double?
    @Option var colour = Colour.red
    @Option(parsing: .upToNextOption) var names: [String] = []
    @Flag var isLoud = false
    @OptionGroup var group: Group
    init() {}
  }

  @Test func `are those given and the defaults, by their names`() throws {
    let usual = OptionRecord(of: try Options.parse([]))
    #expect(
      usual.entries.map(\.name) == ["steps", "rate", "colour", "names", "is-loud", "in-group"])
    #expect(
      usual.values == ["steps": "3", "colour": "red", "is-loud": "false", "in-group": "usual"])
    let given = OptionRecord(
      of: try Options.parse([
        "--steps", "7", "--rate", "0.5", "--colour", "dark-blue", "--names", "a", "b", "--is-loud",
        "--in-group", "x",
      ]))
    #expect(
      given.values == [
        "steps": "7", "rate": "0.5", "colour": "dark-blue", "names": "a,b", "is-loud": "true",
        "in-group": "x",
      ])
  }

  @Test func `of files are compared by what is in them`() throws {
    struct Files: ParsableArguments {
      @Option var parts: String?
      @Option var images: String?
      @Option var steps = 3
      init() {}
    }
    let folder = try TemporaryFolder()
    let (first, second) = (
      try folder.write("file,part\n", "a/parts.csv"), try folder.write("file,part\n", "b/parts.csv")
    )
    func facts(_ path: String, images: String = "x") throws -> [String] {
      try OptionRecord(of: Files.parse(["--parts", path, "--images", images]))
        .facts(files: ["parts"])
    }
    let known = try facts(first)
    #expect(known.count == 2 && known[1] == "steps=3")
    #expect(try facts(second, images: "y") == known)
    try folder.write("file,part\nx,eye\n", "a/parts.csv")
    #expect(try facts(first) != known)
    // What a figure is called by.
    let other = try folder.write("file,part\n", "b/other.csv")
    #expect(try facts(other) != known)
    #expect(Correspondence.fileOptions == ["parts"])
  }

  /// The parser's own list, against that read by reflection.
  @Test func `of every exhibit have the names that its help lists`() throws {
    for exhibit in exhibits { try check(exhibit) }
  }

  private func check<E: Exhibit>(_ exhibit: E.Type) throws {
    let help = E.Options.helpMessage().matches(of: /(?m)^ +(?:-\w, )?--([a-z-]+)/)
      .map { String($0.output.1) }.filter { $0 != "help" }
    #expect(optionNames(of: exhibit) == Set(help), "\(E.kind.name)")
    #expect(throws: Never.self) { try E.Options.parse(E.galleryArguments) }
  }

  @Test func `kinds have names of their own`() {
    #expect(Set(exhibits.map { $0.kind.name }).count == exhibits.count)
  }
}
