import Files
import Testing

@Test func `a list of names ends with how many more there are`() {
  #expect(firstOf([]) == "")
  #expect(firstOf(["a", "b", "c"]) == "a, b, c")
  #expect(firstOf(["a", "b", "c", "d", "e"]) == "a, b, c and 2 more")
  #expect(firstOf(["a", "b", "c"], most: 1) == "a and 2 more")
}
