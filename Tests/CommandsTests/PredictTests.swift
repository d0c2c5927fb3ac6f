import Files
import Foundation
import TestSupport
import Testing

extension `The program` {
  @Suite struct `Predictions are printed` {
    private func json(_ outcome: Program.Outcome) throws -> [String: Any] {
      let object = try JSONSerialization.jsonObject(with: Data(outcome.output.utf8))
      return try #require(object as? [String: Any])
    }

    @Test func `as one JSON object`() throws {
      let folder = try Sample.folder()
      let found = try json(
        folder.run("predict", "model.safetensors", "--images", "pictures", "--json", "--quiet"))
      let pictures = try #require(found["pictures"] as? [[String: Any]])
      let classes = try #require(found["classes"] as? [[String: Any]])
      #expect(pictures.count == 48 && classes.count == 12)
      let right = pictures.count { $0["right"] as? Bool == true }
      #expect(found["top1"] as? Double == Double(right) / 48)
      let top5 = try #require(found["top5"] as? Double)
      #expect(top5 >= Double(right) / 48 && top5 <= 1)
      #expect(classes.reduce(0) { $0 + ($1["pictures"] as? Int ?? 0) } == 48)
      #expect(classes.reduce(0) { $0 + ($1["right"] as? Int ?? 0) } == right)
      let confusion = try #require(found["confusion"] as? [[String: Int]])
      #expect(confusion.reduce(0) { $0 + ($1["count"] ?? 0) } == 48)
      for picture in pictures {
        let choices = try #require(picture["choices"] as? [[String: Any]])
        #expect(choices.count == 3)
        let scores = choices.compactMap { $0["score"] as? Double }
        #expect(scores == scores.sorted(by: >))
        let label = try #require(picture["label"] as? String)
        #expect((picture["file"] as? String)?.hasPrefix("\(label)/") == true)
        #expect((picture["right"] as? Bool) == (choices[0]["class"] as? String == label))
      }
    }

    @Test func `without labels there is no accuracy`() throws {
      let folder = try Sample.folder()
      let found = try json(
        folder.run(
          "predict", "model.safetensors", "--images", "pictures/mug", "--json", "--quiet"))
      #expect(found["top1"] is NSNull && found["top5"] is NSNull)
      #expect((found["pictures"] as? [Any])?.count == 4)
      let table = try folder.run(
        "predict", "model.safetensors", "--images", "pictures/mug", "--quiet")
      #expect(table.lines.count == 5 && !table.output.contains("accuracy"))
      try folder.expect(
        "no confusion and no mistakes: none of the pictures of mug is labelled with a class of "
          + "'model.safetensors'", status: 64, from: "predict", "model.safetensors", "--images",
        "pictures/mug", "--quiet", "-o", "out")
      #expect(!folder.exists("out"))
    }

    @Test func `as a table, with accuracy and confusions`() throws {
      let folder = try Sample.folder()
      let lines = try folder.run(
        "predict", "model.safetensors", "--images", "pictures", "--top", "2", "--quiet"
      ).output.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
      #expect(
        lines[0].split { $0 == " " } == [
          "picture", "label", "choice", "1", "score", "probability", "choice", "2", "score",
          "probability",
        ])
      #expect(lines[49].isEmpty && lines[50].hasPrefix("top-1 accuracy "))
      #expect(lines.contains { $0.hasPrefix("class ") && $0.hasSuffix("chosen") })
      #expect(lines.contains { $0.hasPrefix("true class ╲ choice") })
    }

    @Test func `as comma-separated values`() throws {
      let folder = try Sample.folder()
      let lines = try folder.run(
        "predict", "model.safetensors", "--images", "pictures", "--top", "1", "--csv", "--limit",
        "5"
      ).lines
      #expect(lines.count == 6)
      #expect(lines[0] == "file,label,right,class_1,index_1,score_1,probability_1")
      for line in lines.dropFirst() {
        let values = line.split(separator: ",", omittingEmptySubsequences: false)
        #expect(values.count == 7 && values[0].hasPrefix("\(values[1])/"))
        #expect((values[2] == "1") == (values[1] == values[3]))
      }
    }

    @Test(arguments: ["csv", "npz", "npy"])
    func `with all scores in a file`(type: String) throws {
      let folder = try Sample.folder()
      let found = try json(
        folder.run(
          "predict", "model.safetensors", "--images", "pictures", "--limit", "6", "--top", "12",
          "--json", "--quiet", "--scores", "s.\(type)"))
      let files = try #require(found["files"] as? [String])
      let pictures = try #require(found["pictures"] as? [[String: Any]])
      let names = pictures.compactMap { $0["file"] as? String }
      switch type {
      case "csv":
        #expect(files == ["s.csv"])
        let rows = try folder.text("s.csv").split(separator: "\n").map {
          $0.split(separator: ",").map(String.init)
        }
        #expect(rows.count == 7 && rows[0].count == 14)
        #expect(rows.dropFirst().map { $0[0] } == names)
        for (row, picture) in zip(rows.dropFirst(), pictures) {
          let choices = try #require(picture["choices"] as? [[String: Any]])
          for choice in choices {
            let index = try #require(choice["index"] as? Int)
            let score = try #require(choice["score"] as? Double)
            #expect(Float(row[2 + index]) == Float(score))
          }
        }
      case "npz":
        #expect(files == ["s.npz"])
        #expect(
          try ZipArchive(folder.data("s.npz"), file: "s.npz").names
            == ["scores.npy", "files.npy", "labels.npy"])
      default:
        #expect(files == ["s.npy", "s.files.txt"])
        #expect(try folder.data("s.npy").count == 128 + 6 * 12 * 4)
        #expect(try folder.text("s.files.txt") == names.map { $0 + "\n" }.joined())
      }
    }

    @Test func `never over a file that is there, or where there is no folder`() throws {
      let folder = try Sample.folder()
      try folder.write("mine", "s.files.txt")
      func predict(_ place: String) -> [String] {
        ["predict", "model.safetensors", "--images", "pictures", "--quiet", "--scores", place]
      }
      let outcome = try Program.run(predict("s.npy"), in: folder)
      #expect(outcome.status == 73 && outcome.output == "")
      #expect(
        outcome.errors
          == "fovea: s.files.txt: exists; give another --scores, or --force to replace it\n")
      #expect(try folder.text("s.files.txt") == "mine" && !folder.exists("s.npy"))
      #expect(try Program.run(predict("s.npy") + ["--force"], in: folder).status == 0)
      #expect(try folder.text("s.files.txt") != "mine")
      let elsewhere = try Program.run(predict("none/s.csv"), in: folder)
      #expect(elsewhere.status == 73)
      #expect(elsewhere.errors == "fovea: none/s.csv: there is no folder 'none'\n")
    }

    @Test func `and drawn into a gallery`() throws {
      let folder = try Sample.folder()
      let found = try json(
        folder.run(
          "predict", "model.safetensors", "--images", "pictures", "-o", "g", "--json", "--quiet"))
      #expect(
        found["files"] as? [String] == [
          "g/confusion-pictures.png", "g/mistakes-pictures.png", "g/gallery.json", "g/index.html",
        ])
      #expect(folder.exists("g/confusion-pictures.png"))
    }

    @Test func `wrong usage`() throws {
      let folder = try TemporaryFolder()
      let help = "(see fovea predict --help)"
      try folder.expect(
        "--top must be at least 1, not 0 \(help)", status: 64, from: "predict", "x", "--top", "0")
      try folder.expect(
        "give either --csv or --json, not both \(help)", status: 64, from: "predict", "x", "--csv",
        "--json")
      try folder.expect(
        "--scores: expected a file that ends in .csv, .npz or .npy, found 's.txt' \(help)",
        status: 64, from: "predict", "x", "--scores", "s.txt")
    }

    @Test func `a gallery records and shows the accuracy`() throws {
      let folder = try Sample.folder()
      let outcome = try folder.run(
        "visualize", "model.safetensors", "--images", "pictures", "--only", "saliency", "-o", "g",
        "--limit", "24")
      let accuracy = try #require(try folder.json("g/gallery.json")["accuracy"] as? [String: Any])
      let found = try json(
        folder.run(
          "predict", "model.safetensors", "--images", "pictures", "--limit", "24", "--json",
          "--quiet"))
      #expect(
        accuracy["pictures"] as? Int == 24
          && accuracy["source"] as? String == "pictures (training pictures)")
      #expect(accuracy["top1"] as? Double == found["top1"] as? Double)
      #expect(accuracy["top5"] as? Double == found["top5"] as? Double)
      #expect(
        outcome.errors.contains("accuracy on 24 pictures of pictures (training pictures): top-1 "))
      #expect(
        try folder.text("g/index.html").contains(
          "Accuracy on 24 pictures of pictures (training pictures): top-1 "))
      // Adding a figure keeps it.
      try folder.run("filters", "model.safetensors", "-o", "g")
      #expect(try folder.json("g/gallery.json")["accuracy"] != nil)
    }
  }
}
