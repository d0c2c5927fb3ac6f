import Files
import Galleries
import TestSupport
import Testing

@Suite struct `Names of outputs` {
  @Test(arguments: [
    "a", "a/b", "a.png", "a.PDF", "a.svg", "v1.2", "a.b", "run.2", "a.gif/", "..", ".hidden",
  ])
  func `files of figures and folders`(path: String) {
    #expect(OutputName.problem(with: path) == nil)
  }

  @Test(arguments: ["a.jpg", "a.gif", "a.JPEG", "x/a.tex", "a.mp4", "a.npz", "a.txt"])
  func `files of other kinds are refused, with the formats`(path: String) throws {
    let problem = try #require(OutputName.problem(with: path))
    #expect(
      problem.hasPrefix(
        "expected a file that ends in .png, .pdf or .svg, or a folder, found '\(path)', which ends")
    )
    #expect(OutputName.folderProblem(with: path) != nil)
  }

  @Test func `a folder has no file's name, unless it exists`() throws {
    #expect(OutputName.folderProblem(with: "a.png") != nil)
    for path in ["a", "v1.2", "a.png/"] { #expect(OutputName.folderProblem(with: path) == nil) }
    let folder = try TemporaryFolder()
    try makeFolder(folder["/a.gif"])
    #expect(OutputName.problem(with: folder["/a.gif"]) == nil)
    #expect(OutputName.folderProblem(with: folder["/a.gif"]) == nil)
  }
}
