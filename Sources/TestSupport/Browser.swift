internal import Foundation

/// A headless Chromium that shows pages and is driven as a person would: by its keyboard.
///
/// It speaks the DevTools protocol (https://chromedevtools.github.io/devtools-protocol) through
/// two pipes: JSON objects, each followed by a zero byte.
public final class Browser {
  /// What went wrong while a page was shown.
  public struct Failure: Error, CustomStringConvertible {
    public let description: String
  }

  /// A screen, and what its reader prefers.
  public struct Screen: Sendable, CustomStringConvertible {
    public let name: String
    public let width, height: Int
    public let isDark: Bool

    public var description: String { "\(name), \(isDark ? "dark" : "light")" }

    public init(_ name: String, width: Int, height: Int, isDark: Bool) {
      (self.name, self.width, self.height, self.isDark) = (name, width, height, isDark)
    }
  }

  public static let skipMessage = "there is no chromium: apt-get install chromium"

  /// The path of the program; nil if it is not installed.
  public static let program = ["chromium", "chromium-browser", "google-chrome"].lazy
    .flatMap { name in ["/usr/bin", "/usr/local/bin"].map { "\($0)/\(name)" } }
    .first { FileManager.default.isExecutableFile(atPath: $0) }

  public static var isPresent: Bool { program != nil }

  /// How long an answer may take on a busy machine, in seconds.
  private static let patience = 60

  private let process = Process()
  private let input = Pipe()
  private let output = Pipe()
  private let profile: TemporaryFolder
  private var buffer = Data()
  private var count = 0
  private var session: String?
  /// What pages have written to the console as errors or warnings, and exceptions that they have
  /// not caught.
  public private(set) var complaints: [String] = []
  private var loads = 0

  public init() throws {
    guard let program = Self.program else { throw Failure(description: Self.skipMessage) }
    profile = try TemporaryFolder()
    process.executableURL = URL(filePath: "/bin/sh")
    // Descriptors 3 and 4 are those of the protocol; what the program prints is not of interest.
    process.arguments = [
      "-c", "exec \"$0\" \"$@\" 3<&0 4>&1 0</dev/null 1>/dev/null 2>/dev/null", program,
      "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
      "--remote-debugging-pipe", "--hide-scrollbars", "--user-data-dir=\(profile.path)",
    ]
    process.standardInput = input
    process.standardOutput = output
    process.standardError = FileHandle.nullDevice
    try process.run()
    let target = try call("Target.createTarget", ["url": "about:blank"])["targetId"] ?? ""
    let attached = try call("Target.attachToTarget", ["targetId": target, "flatten": true])
    session = attached["sessionId"] as? String
    for domain in ["Page", "Runtime", "Log"] { try call("\(domain).enable") }
  }

  deinit {
    process.terminate()
    process.waitUntilExit()
  }

  /// Opens a page on a screen, and waits until it is loaded.
  public func open(_ address: String, on screen: Screen) throws {
    try call(
      "Emulation.setDeviceMetricsOverride",
      [
        "width": screen.width, "height": screen.height, "deviceScaleFactor": 1,
        "mobile": screen.width < 600,
      ])
    try call(
      "Emulation.setEmulatedMedia",
      [
        "features": [["name": "prefers-color-scheme", "value": screen.isDark ? "dark" : "light"]]
      ])
    let before = loads
    try call("Page.navigate", ["url": address])
    while loads == before { try receive() }
  }

  /// The value of an expression, as JSON has it; promises are awaited.
  @discardableResult
  public func evaluate(_ expression: String) throws -> Any? {
    let answer = try call(
      "Runtime.evaluate",
      ["expression": expression, "returnByValue": true, "awaitPromise": true])
    if let details = answer["exceptionDetails"] as? [String: Any] {
      throw Failure(description: "\(expression): \(Self.text(of: details))")
    }
    return (answer["result"] as? [String: Any])?["value"]
  }

  public func text(_ expression: String) throws -> String {
    try evaluate(expression) as? String ?? ""
  }

  public func number(_ expression: String) throws -> Double {
    (try evaluate(expression) as? NSNumber)?.doubleValue ?? .nan
  }

  public func isTrue(_ expression: String) throws -> Bool {
    try evaluate("!!(\(expression))") as? Bool ?? false
  }

  /// Waits until an expression is true.
  public func wait(until expression: String) throws {
    for _ in 0..<(20 * Self.patience) {
      do {
        if try isTrue(expression) { return }
      } catch let failure as Failure
        where failure.description.contains("Inspected target navigated or closed")
      {
        // The page was left while it was asked.
      }
      try evaluate("new Promise((done) => setTimeout(done, 50))")
    }
    throw Failure(description: "never true: \(expression)")
  }

  /// Presses a key, such as `Tab`, `Enter`, `ArrowRight` or `z`.
  public func press(_ key: String, isShifted: Bool = false) throws {
    let codes = [
      "Tab": 9, "Enter": 13, "Escape": 27, " ": 32, "End": 35, "Home": 36, "ArrowLeft": 37,
      "ArrowUp": 38, "ArrowRight": 39, "ArrowDown": 40,
    ]
    let code = codes[key] ?? Int(key.uppercased().unicodeScalars.first?.value ?? 0)
    var event: [String: Any] = [
      "key": key, "windowsVirtualKeyCode": code, "modifiers": isShifted ? 8 : 0,
    ]
    if key == "Enter" { event["text"] = "\r" } else if key.count == 1 { event["text"] = key }
    event["type"] = event["text"] == nil ? "rawKeyDown" : "keyDown"
    try call("Input.dispatchKeyEvent", event)
    event["type"] = "keyUp"
    event["text"] = nil
    try call("Input.dispatchKeyEvent", event)
  }

  public func type(_ text: String) throws {
    for character in text { try press(String(character)) }
  }

  /// Shows the page as it is printed.
  public func emulatePrint() throws { try call("Emulation.setEmulatedMedia", ["media": "print"]) }

  @discardableResult
  private func call(_ method: String, _ parameters: [String: Any] = [:]) throws -> [String: Any] {
    count += 1
    let id = count
    var message: [String: Any] = ["id": id, "method": method, "params": parameters]
    message["sessionId"] = session
    try input.fileHandleForWriting.write(
      contentsOf: JSONSerialization.data(withJSONObject: message) + [0])
    while true {
      let answer = try receive()
      guard answer["id"] as? Int == id else { continue }
      if let error = answer["error"] as? [String: Any] {
        throw Failure(description: "\(method): \(error["message"] ?? error)")
      }
      return answer["result"] as? [String: Any] ?? [:]
    }
  }

  /// The next message, after noting complaints and loaded pages.
  @discardableResult
  private func receive() throws -> [String: Any] {
    while true {
      if let end = buffer.firstIndex(of: 0) {
        let part = Data(buffer[..<end])
        buffer = Data(buffer[(end + 1)...])
        let message = try JSONSerialization.jsonObject(with: part) as? [String: Any] ?? [:]
        note(message)
        return message
      }
      var waiting = pollfd(
        fd: output.fileHandleForReading.fileDescriptor, events: Int16(POLLIN), revents: 0)
      guard poll(&waiting, 1, Int32(1000 * Self.patience)) > 0 else {
        throw Failure(description: "chromium gave no answer for \(Self.patience) s")
      }
      let more = output.fileHandleForReading.availableData
      guard !more.isEmpty else { throw Failure(description: "chromium has ended") }
      buffer += more
    }
  }

  private func note(_ message: [String: Any]) {
    let parameters = message["params"] as? [String: Any] ?? [:]
    switch message["method"] as? String {
    case "Page.loadEventFired": loads += 1
    case "Runtime.exceptionThrown":
      complaints.append(
        Self.text(of: parameters["exceptionDetails"] as? [String: Any] ?? parameters))
    case "Runtime.consoleAPICalled":
      complaints.append("console: \(parameters["args"] ?? "")")
    case "Log.entryAdded":
      let entry = parameters["entry"] as? [String: Any] ?? [:]
      complaints.append("\(entry["level"] ?? ""): \(entry["text"] ?? "") \(entry["url"] ?? "")")
    default: break
    }
  }

  private static func text(of details: [String: Any]) -> String {
    let exception = details["exception"] as? [String: Any]
    return "\(exception?["description"] ?? details["text"] ?? details)"
  }
}
