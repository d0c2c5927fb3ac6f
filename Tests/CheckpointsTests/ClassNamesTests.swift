import Checkpoints
import Files
import Foundation
import TestSupport
import Testing

@Suite struct `Class names` {
  private func names(_ text: String, _ name: String = "names.txt", count: Int) throws -> [String] {
    try withTemporaryFolder { folder in
      try writeFile(Data(text.utf8), to: "\(folder)/\(name)")
      return try readClassNames("\(folder)/\(name)", count: count)
    }
  }

  private func reason(_ text: String, _ name: String = "names.txt", count: Int) -> String? {
    do {
      _ = try names(text, name, count: count)
      return nil
    } catch {
      return (error as? FileError)?.reason
    }
  }

  private static let two = ["cat", "dog, hound"]

  @Test(arguments: [
    "cat\ndog, hound\n", "\u{FEFF}cat\r\ndog, hound\r\n\r\n", "  cat\n\ndog, hound  ",
    "0 cat\n1 dog, hound", "1: dog, hound\n0: cat", "1,cat\n2,dog, hound",
    "n01440764 cat\nn01443537 dog, hound\n", "n01440764,cat\nn01443537,dog, hound",
  ])
  func `a name a line`(text: String) throws {
    #expect(try names(text, count: 2) == Self.two)
  }

  @Test func `lines that only look numbered stay as they are`() throws {
    #expect(try names("101 dalmatians\n7 dwarfs\n", count: 2) == ["101 dalmatians", "7 dwarfs"])
    #expect(try names("0\n1\n2", count: 3) == ["0", "1", "2"])
  }

  @Test(arguments: [
    "cat\n\"dog, hound\"\n", "name\ncat\n\"dog, hound\"", "0,cat\n1,\"dog, hound\"",
    "index,name\n1,\"dog, hound\"\n0,cat", "cat,0\n\"dog, hound\",1",
    "class_id,wnid,class_name\n0,n01440764,cat\n1,n01443537,\"dog, hound\"",
    "n01443537,\"dog, hound\",2\nn01440764,cat,1",
  ])
  func `a column of a table`(text: String) throws {
    #expect(try names(text, "names.csv", count: 2) == Self.two)
    #expect(
      try names("0\tcat\n1\tdog, hound\n", "names.tsv", count: 2) == Self.two)
  }

  @Test func `quotes within quotes`() throws {
    #expect(try names("\"a \"\"b\"\"\"\nc", "n.csv", count: 2) == ["a \"b\"", "c"])
  }

  @Test(arguments: [
    #"["cat", "dog, hound"]"#, #" {"1": "dog, hound", "0": "cat"}"#,
    #"{"0": ["n01440764", "cat"], "1": ["n01443537", "dog, hound"]}"#,
    #"[["n01440764", "cat"], ["n01443537", "dog, hound"]]"#, #"{"dog, hound": 1, "cat": 0}"#,
    #"{"model_type": "resnet", "id2label": {"0": "cat", "1": "dog, hound"}}"#,
  ])
  func `JSON`(text: String) throws {
    #expect(try names(text, "names.json", count: 2) == Self.two)
  }

  @Test func `what is no list of names is refused`() {
    #expect(reason("cat\n", count: 2) == "expected 2 class names, found 1")
    #expect(reason("", count: 2) == "expected 2 class names, found 0")
    #expect(
      reason("[1]", count: 1) == "expected a class name, found 1")
    #expect(
      reason("{\"0\": \"a\", \"2\": \"b\"}", count: 2)
        == "expected classes numbered from 0 on, each once, found other numbers")
    #expect(
      reason("{\"a\": \"b\"}", count: 1)
        == "expected classes by number, found \"a\" with the text \"b\"")
    #expect(reason("[", count: 1) == "expected JSON, found an error at byte 1: expected a value")
  }

  @Test(.slow) func `a list beside a checkpoint is found by its name and its length`() throws {
    try withTemporaryFolder { folder in
      func write(_ names: [String], _ name: String) throws {
        try writeFile(Data(names.joined(separator: "\n").utf8), to: "\(folder)/\(name)")
      }
      let thousand = (0..<1000).map { "class \($0)" }
      #expect(findClassNames(beside: "\(folder)/net.pth", count: 1000) == nil)
      try write(thousand.dropLast(), "imagenet_classes.txt")
      #expect(findClassNames(beside: "\(folder)/net.pth", count: 1000) == nil)
      try write(thousand, "labels.txt")
      #expect(
        findClassNames(beside: "\(folder)/net.pth", count: 1000)?.path == "\(folder)/labels.txt")
      try write(["a", "b"], "net.classes.txt")
      #expect(findClassNames(beside: "\(folder)/net.pth", count: 2)?.names == ["a", "b"])
      try write(["a", "b"], "imagenet-classes.txt")
      #expect(findClassNames(beside: "\(folder)/other.pth", count: 2) == nil)
    }
  }

  @Test(.enabled(if: SharedData.isPresent, "\(SharedData.skipMessage)"))
  func `ImageNet's list as it is passed on`() throws {
    let names = try readClassNames(SharedData.path("models/imagenet_classes.txt"), count: 1000)
    #expect(names[0] == "tench, Tinca tinca")
    #expect(names[281] == "tabby, tabby cat")
    #expect(Set(names).count > 990)
  }
}
