import Files
import Foundation

/// libFuzzer's own loop (llvm.org/docs/LibFuzzer.html, "Using libFuzzer as a library"); the package
/// manager provides its own main function.
@_silgen_name("LLVMFuzzerRunDriver")
private func runFuzzer(
  _ count: UnsafeMutablePointer<CInt>,
  _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>>,
  _ test: @convention(c) (UnsafePointer<UInt8>?, Int) -> CInt
) -> CInt

@main
enum Fuzzing {
  static func main() {
    var count = CommandLine.argc
    var arguments = CommandLine.unsafeArgv
    exit(runFuzzer(&count, &arguments, test))
  }
}

/// Reads one input; anything that stops the process is a finding.
private func test(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  guard let name = ProcessInfo.processInfo.environment["FOVEA_FUZZ_READER"],
    let reader = readers[name]
  else {
    fatalError("set FOVEA_FUZZ_READER to one of \(readers.keys.sorted())")
  }
  do throws(FileError) {
    try reader(Data(UnsafeBufferPointer(start: start, count: count)))
  } catch {
    if error.description.contains(where: \.isNewline) {
      fatalError("an error of more than one line: \(error)")
    }
  }
  return 0
}
