internal import Foundation

/// How many bytes a part of the work may use.
///
/// Code that reads or computes something checks the budget before it allocates: a small file can
/// claim, or decompress to, more than the machine has, and running out of memory kills a program
/// without a message. The value is passed down; what one part uses is subtracted for the next.
public struct MemoryBudget: Sendable, Hashable {
  public var bytes: Int { max(left, 0) }
  /// Negative if the program alone takes more than the limit.
  private let left: Int
  /// What the program itself takes: part of the limit and of the needs that errors name.
  private let program: Int
  /// The number of concurrent parts that share the whole.
  private let parts: Int

  public init(bytes: Int) { self.init(left: bytes, program: 0, parts: 1) }

  private init(left: Int, program: Int, parts: Int) {
    (self.left, self.program, self.parts) = (left, program, parts)
  }

  /// The same limit for a program that itself takes some of it.
  public func includingProgram(of bytes: Int) -> MemoryBudget {
    MemoryBudget(left: left - bytes, program: program + bytes, parts: parts)
  }

  /// What is left while something else stays in memory.
  public func less(_ held: Int) -> MemoryBudget {
    MemoryBudget(left: left - max(held, 0), program: program, parts: parts)
  }

  /// An equal share for each of several threads that work at the same time.
  public func divided(by threads: Int) -> MemoryBudget {
    let threads = max(threads, 1)
    return MemoryBudget(left: left / threads, program: program / threads, parts: parts * threads)
  }

  /// - Parameters:
  ///   - file: Named in the error.
  ///   - what: What the memory is for, as a subject: `unpacking 60000 pictures`.
  ///   - advice: How to use less.
  /// - Throws: `FileError` of kind `.tooLarge` if `needed` bytes are more than the budget.
  public func check(
    _ needed: Int, _ file: String, _ what: String, advice: String? = nil
  ) throws(FileError) {
    guard needed > left else { return }
    let bytes = max(left + program, 0)
    let limit =
      parts == 1
      ? byteText(bytes)
      : "\(byteText(bytes)) for each of \(parts) threads, \(byteText(bytes * parts)) in total"
    throw FileError(
      .tooLarge, file,
      "\(what) would need \(byteText(needed + program)) of memory, more than the limit of \(limit)"
        + (advice.map { "; \($0)" } ?? ""))
  }
}

extension MemoryBudget {
  /// Half of the machine's memory, or of what the process's control group or address space limit
  /// (`ulimit -v`) leaves of it.
  public static func ofMachine() -> MemoryBudget {
    var limits = [Int(clamping: ProcessInfo.processInfo.physicalMemory)]
    limits += controlGroupLimits()
    if let rest = addressSpaceLeft() { limits.append(rest) }
    return MemoryBudget(bytes: (limits.min() ?? 0) / 2)
  }

  /// A size as typed: in bytes, or with K, M, G or T for powers of 1024.
  ///
  /// - Returns: Nil if the text is not a size.
  public init?(_ text: String) {
    let text = text.uppercased()
    let units = Array("KMGT")
    guard let match = text.wholeMatch(of: /([0-9]+(?:\.[0-9]+)?)\s*(?:([KMGT])(?:I?B)?|B)?/),
      let number = Double(match.output.1)
    else { return nil }
    let power = match.output.2.flatMap { $0.first.flatMap(units.firstIndex) }.map { $0 + 1 } ?? 0
    let bytes = number * pow(1024, Double(power))
    guard bytes >= 1, bytes < 0x1p62 else { return nil }
    self.init(bytes: Int(bytes))
  }
}

/// `912 bytes`, `1.5 MiB`, `32 GiB`.
public func byteText(_ bytes: Int) -> String {
  guard bytes >= 1024 else { return "\(bytes) bytes" }
  var (value, unit) = (Double(bytes), 0)
  let units = ["KiB", "MiB", "GiB", "TiB", "PiB", "EiB"]
  value /= 1024
  while value >= 1024, unit + 1 < units.count {
    value /= 1024
    unit += 1
  }
  let tenths = (value * 10).rounded() / 10
  let number = tenths >= 100 || tenths == tenths.rounded() ? "\(Int(tenths))" : "\(tenths)"
  return "\(number) \(units[unit])"
}

/// The limits of the control groups around this process (cgroup 2: `memory.max`, cgroup 1:
/// `memory.limit_in_bytes`); empty if there are none.
private func controlGroupLimits() -> [Int] {
  guard let groups = try? String(contentsOfFile: "/proc/self/cgroup", encoding: .utf8) else {
    return []
  }
  var limits: [Int] = []
  for line in groups.split(separator: "\n") {
    let parts = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
    guard parts.count == 3 else { continue }
    let isVersion2 = parts[1].isEmpty
    guard isVersion2 || parts[1].split(separator: ",").contains("memory") else { continue }
    let root = isVersion2 ? "/sys/fs/cgroup" : "/sys/fs/cgroup/memory"
    let name = isVersion2 ? "memory.max" : "memory.limit_in_bytes"
    // A group's limit applies to all groups inside it.
    var folders = parts[2].split(separator: "/")
    while true {
      let path = ([root] + folders.map(String.init) + [name]).joined(separator: "/")
      if let text = try? String(contentsOfFile: path, encoding: .utf8),
        let limit = Int(text.trimmingCharacters(in: .whitespacesAndNewlines))
      {
        limits.append(limit)
      }
      guard folders.popLast() != nil else { break }
    }
  }
  return limits
}

/// What the address space limit leaves beyond what is already mapped; nil if there is no limit.
private func addressSpaceLeft() -> Int? {
  var limit = rlimit()
  #if os(Linux)
  let status = getrlimit(__rlimit_resource_t(RLIMIT_AS.rawValue), &limit)
  #else
  let status = getrlimit(RLIMIT_AS, &limit)
  #endif
  guard status == 0, limit.rlim_cur < UInt64(Int.max) else { return nil }
  let pages = (try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8))
    .flatMap { $0.split(separator: " ").first.flatMap { Int($0) } }
  return max(Int(limit.rlim_cur) - (pages ?? 0) * Int(getpagesize()), 0)
}
