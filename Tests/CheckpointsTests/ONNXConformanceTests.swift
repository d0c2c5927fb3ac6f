import Foundation
import TestSupport
import Testing

/// ONNX's own tests of the operators used by convolutional networks.
private let archive: String? = {
  let given = ProcessInfo.processInfo.environment["FOVEA_ONNX_TESTS"]
  let path = given ?? SharedData.path("onnx-backend/node_cnn_ops.tar.gz")
  return FileManager.default.fileExists(atPath: path) ? path : nil
}()

@Suite(.slow, .enabled(if: archive != nil, "\(SharedData.skipMessage)"))
struct `ONNX's own operator tests` {
  /// Explained in Tests/Conformance/onnx-node-tests.md.
  private static let notClaimed: Set = [
    "batchnorm_epsilon_training_mode", "batchnorm_example_training_mode", "identity_opt",
    "identity_sequence", "split_to_sequence_1", "split_to_sequence_2",
    "split_to_sequence_nokeepdims",
  ]

  @Test func `pass, but for those of sequences and of training`() throws {
    let tests = ONNXNodeTest.all(in: try TarArchive(try #require(archive)))
    var table = ConformanceTable()
    for test in tests {
      let outcome = test.run()
      table.count(outcome, of: test)
      switch outcome {
      case .passed: #expect(!Self.notClaimed.contains(test.name), "\(test.name) passes by now")
      case .failed(let reason): Issue.record("\(test.name): \(reason)")
      case .notClaimed(let reason):
        #expect(Self.notClaimed.contains(test.name), "\(test.name): \(reason)")
      }
    }
    print(table.text)
    #expect(Double(table.total.passed) >= 0.95 * Double(tests.count))
  }
}

/// How many tests of each operator passed.
private struct ConformanceTable {
  struct Row {
    var passed = 0
    var failed = 0
    var notClaimed = 0
  }

  private var rows: [String: Row] = [:]
  private(set) var total = Row()
  private var remarks: [String] = []

  mutating func count(_ outcome: ONNXNodeTest.Outcome, of test: ONNXNodeTest) {
    var row = rows[test.operatorName] ?? Row()
    switch outcome {
    case .passed: (row.passed, total.passed) = (row.passed + 1, total.passed + 1)
    case .failed(let reason):
      (row.failed, total.failed) = (row.failed + 1, total.failed + 1)
      remarks.append("failed: \(test.name): \(reason)")
    case .notClaimed(let reason):
      (row.notClaimed, total.notClaimed) = (row.notClaimed + 1, total.notClaimed + 1)
      remarks.append("not claimed: \(test.name): \(reason)")
    }
    rows[test.operatorName] = row
  }

  var text: String {
    let lines = rows.sorted { $0.key < $1.key }.map { name, row in
      "| \(name) | \(row.passed) | \(row.failed) | \(row.notClaimed) |"
    }
    let count = total.passed + total.failed + total.notClaimed
    return
      (["| operator | passed | failed | not claimed |", "|---|---|---|---|"] + lines + remarks
      + [
        "onnx-conformance: \(total.passed) of \(count) passed, \(total.failed) failed, "
          + "\(total.notClaimed) not claimed"
      ]).joined(separator: "\n")
  }
}
