import Files
import Foundation
import Synchronization

/// Ends the program when it is interrupted: prints one line that says what was kept, leaves no
/// temporary files, and exits with the status that shells expect.
enum Signals {
  private typealias Account = @Sendable () -> String

  private struct Accounts {
    /// The accounts of the work in progress, the innermost last.
    var current: [Account] = []
    /// The account of the work that was completed last.
    var last: Account?
  }

  private static let accounts = Mutex(Accounts())

  /// Whether the work ends by itself once it is asked to, so that only a second signal ends it.
  private static let endsItself = Atomic(false)
  /// The signal that asked for the end of such work, or 0.
  private static let request = Atomic<Int32>(0)

  /// Shells add it to the signal number.
  private static let statusOffset: Int32 = 128
  private static let words = [SIGINT: "interrupted", SIGTERM: "terminated"]

  /// Carries signal numbers to the thread that waits for them: a handler may do almost nothing
  /// else, and runs on any thread.
  private static let channel: (reader: Int32, writer: Int32) = {
    var ends: [Int32] = [-1, -1]
    pipe(&ends)
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    return (ends[0], ends[1])
  }()

  static func handle() {
    let reader = channel.reader
    Thread.detachNewThread {
      var number: UInt8 = 0
      while read(reader, &number, 1) != 1 {}
      if endsItself.load(ordering: .acquiring) {
        Console.hint("stopping after this step; once more to quit at once")
        request.store(Int32(number), ordering: .releasing)
        while read(reader, &number, 1) != 1 {}
      }
      // A further signal ends the program at once.
      for number in handled(words.keys) { signal(number, SIG_DFL) }
      end(by: Int32(number))
    }
    var set = sigset_t()
    sigemptyset(&set)
    for number in handled(words.keys) {
      signal(number) { number in
        // The interrupted code may be about to read `errno`.
        let error = errno
        var byte = UInt8(truncatingIfNeeded: number)
        _ = write(Signals.channel.writer, &byte, 1)
        errno = error
      }
      sigaddset(&set, number)
    }
    // A program started by a thread that blocks signals would block them too.
    pthread_sigmask(SIG_UNBLOCK, &set, nil)
  }

  /// The signals that the parent process has not set to be ignored, as shells do with interrupts
  /// for background jobs of scripts.
  private static func handled(_ numbers: some Sequence<Int32>) -> [Int32] {
    numbers.filter { number in
      var action = sigaction()
      guard sigaction(number, nil, &action) == 0 else { return false }
      #if canImport(Darwin)
      let handler = action.__sigaction_u.__sa_handler
      #else
      let handler = action.__sigaction_handler.sa_handler
      #endif
      return unsafeBitCast(handler, to: Int.self) != unsafeBitCast(SIG_IGN, to: Int.self)
    }
  }

  /// Does work, with an account to print if a signal ends it.
  ///
  /// - Parameter account: Called on another thread while the work goes on: it must not wait for
  ///   anything that the work may hold.
  static func saying<Result>(
    _ account: @escaping @Sendable () -> String, _ work: () throws -> Result
  ) rethrows -> Result {
    accounts.withLock {
      $0.current.append(account)
      $0.last = nil
    }
    defer { accounts.withLock { _ = $0.current.popLast() } }
    let result = try work()
    // The account of inner work is more specific than that of the work around it.
    accounts.withLock { $0.last = $0.last ?? account }
    return result
  }

  /// From now on the work asks from time to time whether it is to end.
  static func deferToWork() { endsItself.store(true, ordering: .releasing) }

  /// The signal that asked for the end of the work.
  static var requested: Int32? {
    let number = request.load(ordering: .acquiring)
    return number == 0 ? nil : number
  }

  /// Ends the program with the accounts of what was done.
  static func end(by number: Int32) -> Never {
    Interruption.begin()
    let known = accounts.withLock(\.self)
    let said = (known.current.isEmpty ? [known.last].compactMap(\.self) : known.current.reversed())
      .map { $0() }
    let account = said.isEmpty ? "nothing was written" : said.joined(separator: "; ")
    Console.standardError("fovea: \(words[number] ?? "ended"); \(account)")
    _exit(statusOffset + number)
  }
}
