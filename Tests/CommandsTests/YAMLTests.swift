import Foundation
import TestSupport
import Testing

extension `The program` {
  @Suite struct `YAML that does harm` {
    /// Nine lists of nine: 9⁹ values from 350 bytes.
    private static let aliasBomb: String = {
      var text = #"a: &a ["lol","lol","lol","lol","lol","lol","lol","lol","lol"]"# + "\n"
      for (name, last) in zip("bcdefghi", "abcdefgh") {
        let list = [String](repeating: "*\(last)", count: 9).joined(separator: ",")
        text += "\(name): &\(name) [\(list)]\n"
      }
      return text
    }()

    private static let tooMany = "found more than 100000 values, those of aliases counted"

    private static let treeAsKey = "expected a name as key, found a list or mapping"

    /// Two keys, each occurring twice, that differ only at the deepest level: 2⁶⁰ comparisons to
    /// sort them.
    private static let twins: String = {
      let (open, close) = (String(repeating: "[", count: 60), String(repeating: "]", count: 60))
      let keys = ["a", "a", "b", "b"].map { open + $0 + close }
      return "{" + keys.joined(separator: ",\n") + "}\n"
    }()

    private static let texts: [(String, String)] = [
      ("renders:\n- [1,2]: x\n", "line 2, column 8: \(treeAsKey)"),
      ("renders:\n- {a: {b: 1}, {c: [d]} : x}\n", "line 2, column 24: \(treeAsKey)"),
      ("renders: [a, {b, {c, d}}]\n", "line 1, column 18: \(treeAsKey)"),
      ("{[a]}\n", "line 1, column 2: \(treeAsKey)"),
      (
        "renders: &a {b: 1\n",
        "line 2, column 1: while parsing a flow sequence or mapping, did not find expected ',', ']' "
          + "or '}'"
      ),
      ("? a\n", "line 1, column 1: expected a name as key, found a question mark"),
      ("a: &a b\n*a : c\n", "line 2, column 1: expected a name as key, found an alias"),
      (aliasBomb + "renders: *i\n", tooMany),
      (aliasBomb + "<<: *i\n", tooMany),
      // The parser itself would compare these keys, value by value.
      (
        aliasBomb + "? *i\n: x\n",
        "line 11, column 1: while scanning a simple key, could not find expected ':'"
      ),
      (aliasBomb + "*i : x\n*h : y\n", tooMany),
      (aliasBomb + "j: {[*i]: x, [*h]: y}\n", "line 10, column 9: \(treeAsKey)"),
      (aliasBomb + "j: {*i:1}\n", tooMany),
      (aliasBomb + "j: {[*i]:1}\n", "line 10, column 9: \(treeAsKey)"),
      (
        aliasBomb + "\u{FEFF}? [*i]\n",
        "line 10, column 2: while parsing a block mapping, did not find expected key"
      ),
      (twins, "line 1, column 2: \(treeAsKey)"),
      (
        "a: 1\nb: 2\na: 3\n", "line 1, column 1: found the key 'a' more than once"
      ),
      (
        "renders: !!set {a, b}\n",
        "line 1, column 10: found the tag tag:yaml.org,2002:set, which is not read"
      ),
      ("renders: *nobody\n", "line 1, column 10: found undefined alias"),
    ]

    @Test(arguments: texts)
    func `is one line in a list of renders`(text: String, message: String) throws {
      let folder = try TemporaryFolder()
      try folder.write(text, "batch.yaml")
      try folder.expect(
        "batch.yaml: expected YAML: \(message)", status: 65, from: "batch", "batch.yaml")
    }

    @Test(arguments: texts)
    func `is one line in a recipe`(text: String, message: String) throws {
      let folder = try TemporaryFolder()
      try folder.write(text, "recipe.yaml")
      try folder.expect(
        "recipe.yaml: expected YAML: \(message)", status: 65, from: "train", "recipe.yaml")
    }

    @Test(arguments: texts)
    func `is one line in a preprocessing beside a checkpoint`(text: String, message: String) throws
    {
      let folder = try TemporaryFolder()
      let silent = try Sample.checkpoint { header in
        var metadata = header["__metadata__"] as? [String: String] ?? [:]
        metadata["fovea.preprocessing"] = nil
        header["__metadata__"] = metadata
      }
      try folder.write(silent, "other.safetensors")
      try folder.write(text, "other.preprocessing.yaml")
      let outcome = try Program.run(["inspect", "other.safetensors"], in: folder)
      #expect(
        outcome.errors == "fovea: other.preprocessing.yaml: expected JSON or YAML: \(message)\n")
      #expect(outcome.status == 65)
    }

    @Test(arguments: ["[", "{a: ", "- ", "? "])
    func `nests deeply`(start: String) throws {
      let folder = try TemporaryFolder()
      for depth in [80, 900, 100_000] {
        try folder.write(String(repeating: start, count: depth), "batch.yaml")
        let outcome = try Program.run(["batch", "batch.yaml"], in: folder)
        #expect(outcome.status == 65 && !outcome.wasKilled)
        #expect(outcome.errors.hasPrefix("fovea: batch.yaml: expected YAML: "))
        #expect(outcome.errors.filter(\.isNewline).count == 1)
      }
    }

    @Test(arguments: [
      "#" + String(repeating: "*", count: 1_000_000),
      String(repeating: "\n", count: 1_000_000),
      String(repeating: "*a, ", count: 25_000),
      "? " + String(repeating: "[", count: 500_000),
      "- " + String(repeating: "{[", count: 450),
      "[" + String(repeating: "{?a: [*b]}, ", count: 80_000),
      "\"" + String(repeating: "{[?*", count: 200_000) + "\"",
    ])
    func `takes no longer than it is long`(text: String) throws {
      let folder = try TemporaryFolder()
      try folder.write("renders: [&a x, *a]\n" + text, "batch.yaml")
      let outcome = try Program.run(["batch", "batch.yaml"], in: folder, seconds: 20)
      #expect(outcome.status == 65 && !outcome.wasKilled)
    }

    @Test func `is refused by its size before it is read`() throws {
      let folder = try TemporaryFolder()
      try folder.write("", "batch.yaml")
      truncate(folder["/batch.yaml"], 20 << 30)
      try folder.expect(
        "batch.yaml: expected at most 1 MiB, found a file of 20 GiB", status: 65, from: "batch",
        "batch.yaml")
    }

    @Test func `texts keep their characters`() throws {
      let folder = try Sample.folder()
      try folder.write(
        """
        # What does {*this} do? [nothing]: {a: b}
        renders:
          - command: filters
            checkpoint: model.safetensors
            output: "a*b [1]: {c} ?"
            layers: c*?
            units: [1, 2]
          - {"command":"filters","checkpoint":"model.safetensors","output":'{?}',"layers":"*"}
        """, "batch.yaml")
      let outcome = try folder.run("batch", "batch.yaml", "--dry-run")
      #expect(
        outcome.lines == [
          "fovea filters model.safetensors --layers 'c*?' --output 'a*b [1]: {c} ?' --units 1,2",
          "fovea filters model.safetensors --layers '*' --output '{?}'",
        ])
    }

    @Test func `anchors and merged defaults are read as ever`() throws {
      let folder = try Sample.folder()
      try folder.write(
        """
        defaults: &all {checkpoint: model.safetensors, output: out}
        renders:
        - &first {command: filters, <<: *all, units: 2}
        - {<<: *first, units: [1, 2]}
        """, "batch.yaml")
      let outcome = try folder.run("batch", "batch.yaml", "--dry-run")
      #expect(
        outcome.lines == [
          "fovea filters model.safetensors --output out --units 2",
          "fovea filters model.safetensors --output out --units 1,2",
        ])
    }
  }
}
