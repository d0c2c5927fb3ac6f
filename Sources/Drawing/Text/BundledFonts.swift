internal import Files
internal import Foundation

/// The fonts that a released program has in `share/fovea`, beside its folder `bin`.
///
/// Where they are missing, as in a program that was built on this machine, the system's are used.
package enum BundledFonts {
  /// Fontconfig's variables, by which users choose their own fonts.
  private static let variables = ["FONTCONFIG_FILE", "FONTCONFIG_PATH", "FONTCONFIG_SYSROOT"]

  /// Makes Fontconfig find the bundled fonts, and those of the system if it has any: without a
  /// configuration it has no font at all, and figures would have no text.
  ///
  /// It changes the environment, so it must be called before other threads start.
  package static func find() {
    #if os(Linux)
    if let file = configuration(
      ofProgram: resolvedPath("/proc/self/exe"), environment: ProcessInfo.processInfo.environment)
    {
      setenv("FONTCONFIG_FILE", file, 1)
    }
    #endif
  }

  /// The file that configures Fontconfig for a program.
  ///
  /// - Returns: Nil if the program has no fonts beside it, or if the environment already names a
  ///   configuration.
  package static func configuration(
    ofProgram program: String, environment: [String: String]
  ) -> String? {
    guard variables.allSatisfy({ (environment[$0] ?? "").isEmpty }) else { return nil }
    let bin = URL(fileURLWithPath: program).deletingLastPathComponent()
    let file = bin.deletingLastPathComponent().appendingPathComponent("share/fovea/fonts.conf").path
    return FileManager.default.fileExists(atPath: file) ? file : nil
  }
}
