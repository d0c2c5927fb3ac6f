import ArgumentParser
import Checkpoints
import Exhibits
import Files
import Foundation
import Fovea
import TensorCore
import TestSupport
import Testing

@Suite struct `What a pass has found` {
  @Test(arguments: [
    [], ["--class-ranking", "score"], ["--per-picture", "2"], ["--layers", "relu"],
    ["--layers", "scores"], ["--layers", "*"], ["--limit", "4"],
  ])
  func `makes the next one unnecessary`(arguments: [String]) throws {
    let bench = try CacheBench()
    let fresh = try bench.draw(arguments, cached: false)
    #expect(fresh.looked && fresh.saidSo.isEmpty && bench.kept.isEmpty)
    let first = try bench.draw(arguments)
    #expect(first.looked && first.saidSo.isEmpty && !bench.kept.isEmpty)
    #expect(first.shows(fresh))
    let second = try bench.draw(arguments)
    #expect(!second.looked && second.shows(fresh))
    let line = try #require(second.saidSo.first)
    let sentence = line.replacing(/\d{4}-\d\d-\d\d \d\d:\d\d/, with: "DATE")
    #expect(
      sentence == "pictures: the strongest activations are those that a run on DATE found; "
        + "--no-cache looks again")
    // Nothing but what is seen depends on these.
    for other in [
      ["--units", "0,2"], ["--units", "selective:2"], ["--project", "deconvnet"],
      ["--crop", "outlined"], ["--project", "gradient", "--project-from", "one"], ["--seed", "5"],
    ] where !arguments.contains("*") && !arguments.contains("scores") {
      let drawn = try bench.draw(arguments + other)
      #expect(!drawn.looked, "\(other)")
      #expect(try drawn.shows(bench.draw(arguments + other, cached: false)), "\(other)")
    }
  }

  @Test func `is looked for again with --no-cache, which keeps nothing`() throws {
    let bench = try CacheBench()
    #expect(try bench.draw(["--no-cache"]).looked)
    #expect(bench.kept.isEmpty)
    _ = try bench.draw()
    let again = try bench.draw(["--no-cache"])
    #expect(again.looked && again.saidSo.isEmpty)
    // How numbers were found is not recorded.
    #expect(try !bench.draw().looked)
  }

  /// What may change between two runs.
  enum Change: String, CaseIterable, Sendable {
    case weights, metadata, classNames, mean, deviation, scale, channels, resize
    case touched, replaced, added, removed, renamed, label
    case limit, layer, layers, perPicture, ranking
  }

  @Test(.slow, arguments: Change.allCases)
  func `of something else is not taken`(change: Change) throws {
    let bench = try CacheBench()
    let usual = ["--layers", "relu,scores"]
    _ = try bench.draw(usual)
    #expect(try !bench.draw(usual).looked)
    var (arguments, model) = (usual, ["--preprocess", "unit"])
    let (folder, picture) = (bench.folder, "\(bench.photos)/dog/3.png")
    func date(_ path: String, _ seconds: Double) throws {
      try FileManager.default.setAttributes(
        [.modificationDate: Date(timeIntervalSince1970: seconds)], ofItemAtPath: path)
    }
    switch change {
    case .weights:
      var file = try readFile(bench.checkpoint)
      file[file.count - 2] ^= 1
      try writeFile(file, to: bench.checkpoint)
    case .metadata:
      let options = try CheckpointOptions.parse([bench.checkpoint])
      let network = try Model(options).network
      try Checkpoint(network, design: nil, classNames: ["a", "b", "c"]).save(to: bench.checkpoint)
    case .classNames: model += ["--class-names", try folder.write("x\ny\nz\n", "names.txt")]
    case .mean: model += ["--mean", "0.1,0,0"]
    case .deviation: model += ["--std", "0.5,0.5,0.5"]
    case .scale: model += ["--scale", "0.01"]
    case .channels: model += ["--channels", "bgr"]
    case .resize: model += ["--resize", "20"]
    case .touched: try date(picture, 1e9)
    case .replaced:
      let other = try readFile("\(bench.photos)/cat/1.png")
      unlink(picture)
      try writeFile(other, to: picture)
    case .added: try folder.copy(picture, as: "pictures/dog/4a.png")
    case .removed: unlink(picture)
    case .renamed: rename(picture, "\(bench.photos)/dog/3a.png")
    case .label:
      let table = try folder.write("file,label\ndog/3.png,cat\ncat/1.png,dog\n", "labels.csv")
      arguments += ["--labels", table]
    case .limit: arguments += ["--limit", "10"]
    case .layer: arguments = ["--layers", "conv,scores"]
    case .layers: arguments = ["--layers", "conv,relu,scores"]
    case .perPicture: arguments += ["--per-picture", "2"]
    case .ranking: arguments += ["--class-ranking", "score"]
    }
    let changed = try bench.draw(arguments, model: model)
    #expect(changed.looked && changed.saidSo.isEmpty)
    #expect(try changed.shows(bench.draw(arguments, model: model, cached: false)))
    #expect(try !bench.draw(arguments, model: model).looked)
  }

  @Test func `is not kept if a file may have changed since it was opened`() throws {
    let bench = try CacheBench()
    try FileManager.default.setAttributes(
      [.modificationDate: Date(timeIntervalSinceNow: 1e6)],
      ofItemAtPath: "\(bench.photos)/cat/1.png")
    #expect(try bench.draw().looked)
    #expect(bench.kept.isEmpty)
    #expect(try bench.draw().looked)
  }

  @Test func `is not taken if a picture was replaced by one of the same size and date`() throws {
    let bench = try CacheBench()
    let picture = "\(bench.photos)/cat/1.png"
    let date = { (path: String) in
      try FileManager.default.setAttributes(
        [.modificationDate: Date(timeIntervalSince1970: 1e9)], ofItemAtPath: path)
    }
    try date(picture)
    #expect(try bench.draw().looked)
    #expect(try !bench.draw().looked)
    try writeFile(Data(count: readFile(picture).count), to: picture)
    try date(picture)
    let damaged = try bench.draw()
    #expect(damaged.looked && damaged.listener.warned.contains { $0.contains("cat/1.png") })
  }

  @Test func `is not kept if a picture changes during the pass`() throws {
    let bench = try CacheBench()
    let picture = "\(bench.photos)/cat/1.png"
    let listener = PassListener { _ in utimes(picture, nil) }
    #expect(try bench.draw(listener: listener).looked)
    #expect(try bench.draw().looked)
  }

  @Test func `of scenes depends on their number`() throws {
    let bench = try CacheBench()
    let few = ["--images", "scenes:9"]
    #expect(try bench.draw(few).looked)
    #expect(try !bench.draw(few).looked)
    #expect(try bench.draw(["--images", "scenes:10"]).looked)
  }

  @Test func `of an array depends on its file`() throws {
    let bench = try CacheBench()
    let path = bench.folder["/x.safetensors"]
    func write(_ seed: Int) throws {
      try SafeTensorsFile.write(["x": .random([9, 3, 16, 16], seed: seed)], to: path)
    }
    try write(1)
    #expect(try bench.draw(["--images", path]).looked)
    #expect(try !bench.draw(["--images", path]).looked)
    // The same place, named in another way.
    #expect(try !bench.draw(["--images", bench.folder["/pictures/../x.safetensors"]]).looked)
    usleep(20_000)
    try write(2)
    #expect(try bench.draw(["--images", path]).looked)
  }

  @Test func `includes the pictures that cannot be read, which are reported each time`() throws {
    let bench = try CacheBench()
    let (first, second) = ("\(bench.photos)/cat/2.png", "\(bench.photos)/dog/5.png")
    let sound = try readFile(first)
    func write(_ content: Data, to path: String) throws {
      try writeFile(content, to: path)
      try FileManager.default.setAttributes(
        [.modificationDate: Date(timeIntervalSince1970: 1e9)], ofItemAtPath: path)
    }
    try write(Data(count: sound.count), to: first)
    try write(Data([1, 2, 3]), to: second)
    let looked = try bench.draw()
    #expect(looked.looked && looked.listener.warned.count == 3, "\(looked.listener.warned)")
    let kept = try bench.draw()
    #expect(!kept.looked && kept.listener.warned == looked.listener.warned)
    #expect(kept.shows(looked))
    // Only its content was missing, on a disk that failed for a moment.
    try write(sound, to: first)
    let whole = try bench.draw()
    #expect(whole.looked && whole.listener.warned.count == 1, "\(whole.listener.warned)")
    #expect(try !bench.draw().looked)
  }

  @Test func `of values that are not finite is not kept, as they are reported`() throws {
    let bench = try CacheBench()
    var numbers = Tensor.random([9, 3, 16, 16], seed: 1).elements
    // Finite, but sums of them are not.
    for index in 3 * 768..<4 * 768 { numbers[index] = index.isMultiple(of: 2) ? 3.4e38 : 3e38 }
    let path = bench.folder["/x.safetensors"]
    try SafeTensorsFile.write(
      ["x": Tensor(shape: [9, 3, 16, 16], numbers)], to: path)
    for _ in 0..<2 {
      let drawn = try bench.draw(["--images", path])
      #expect(drawn.looked && drawn.listener.warned.count == 1, "\(drawn.listener.warned)")
    }
  }

  /// Restores the kept files as they were in the middle of the pass.
  @Test(.slow, arguments: [[], ["--layers", "relu,scores"]])
  func `goes on where a run was interrupted`(arguments: [String]) throws {
    let bench = try CacheBench(pictures: ["cat": 150, "dog": 150])
    let whole = try bench.draw(arguments, cached: false)
    let (cache, snapshot) = (bench.cacheFolder, bench.folder["/snapshot"])
    let listener = PassListener { done in
      if done == 128 { try? FileManager.default.copyItem(atPath: cache, toPath: snapshot) }
    }
    let first = try bench.draw(arguments, listener: listener)
    #expect(first.listener.passed == [128, 256, 300])
    try FileManager.default.removeItem(atPath: cache)
    try FileManager.default.moveItem(atPath: snapshot, toPath: cache)
    let second = try bench.draw(arguments)
    #expect(second.listener.passed == [256, 300])
    let line = try #require(second.saidSo.first)
    #expect(
      line.hasPrefix("pictures: goes on after 128 of 300 pictures, where a run on "), "\(line)")
    #expect(second.shows(whole))
    #expect(try !bench.draw(arguments).looked)
  }

  @Test func `goes on although nothing that is left can be read`() throws {
    let bench = try CacheBench(pictures: ["cat": 128, "dog": 3])
    for number in 0..<3 {
      try writeFile(Data([1]), to: "\(bench.photos)/dog/\(number).png")
    }
    let (cache, snapshot) = (bench.cacheFolder, bench.folder["/snapshot"])
    let listener = PassListener { _ in
      try? FileManager.default.copyItem(atPath: cache, toPath: snapshot)
    }
    let first = try bench.draw(listener: listener)
    #expect(first.listener.warned.count == 4, "\(first.listener.warned)")
    try FileManager.default.removeItem(atPath: cache)
    try FileManager.default.moveItem(atPath: snapshot, toPath: cache)
    let second = try bench.draw()
    #expect(!second.looked && second.shows(first))
    #expect(second.listener.warned == first.listener.warned)
  }

  @Test(.slow) func `is ignored if it is damaged, and found again`() throws {
    let bench = try CacheBench()
    let whole = try bench.draw()
    let path = try #require(bench.kept.first)
    let file = try readFile(path)
    var mutations = Mutations(seed: 5)
    let damaged =
      [Data(), Data([0]), Data(file.dropLast()), file + Data([0]), Data(count: file.count)]
      + (0..<20).map { _ in mutations.changed(file) }.filter { $0 != file }
    for other in damaged {
      try writeFile(other, to: path)
      let drawn = try bench.draw()
      #expect(drawn.looked && drawn.listener.warned.isEmpty && drawn.shows(whole))
      #expect(try !bench.draw().looked)
    }
  }

  @Test func `is not kept where that is impossible`() throws {
    let bench = try CacheBench()
    try writeFile(Data(), to: bench.cacheFolder)
    for _ in 0..<2 {
      let drawn = try bench.draw()
      #expect(drawn.looked && drawn.listener.warned.isEmpty)
    }
    #expect(try readFile(bench.cacheFolder).isEmpty)
  }

  @Test(arguments: [
    (["FOVEA_CACHE": "/a", "XDG_CACHE_HOME": "/b", "HOME": "/c"], "/a/scans"),
    (["FOVEA_CACHE": "here", "HOME": "/c"], "here/scans"),
    (["FOVEA_CACHE": "", "XDG_CACHE_HOME": "/b", "HOME": "/c"], nil),
    (["XDG_CACHE_HOME": "/b", "HOME": "/c"], "/b/fovea/scans"),
    (["XDG_CACHE_HOME": "b", "HOME": "/c"], "/c/.cache/fovea/scans"),
    (["XDG_CACHE_HOME": "", "HOME": "/c"], "/c/.cache/fovea/scans"),
    (["HOME": ""], nil), ([:], nil),
  ])
  func `is in the folder that the environment says`(
    environment: [String: String], folder: String?
  ) {
    #expect(ScanCache.ofUser(environment)?.results.folder == folder)
  }
}
