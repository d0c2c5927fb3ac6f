import Galleries
import Testing

@Suite struct `Kinds of figures` {
  @Test func `kinds are called as their commands`() {
    #expect(FigureKind.classModels.rawValue == "class-models")
  }
}
