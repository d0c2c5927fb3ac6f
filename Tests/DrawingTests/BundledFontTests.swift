import Drawing
import Foundation
import TestSupport
import Testing

@Suite struct `Bundled fonts` {
  @Test func `a program finds the fonts beside it`() throws {
    try withTemporaryFolder { folder in
      let program = "\(folder)/bin/fovea"
      let file = "\(folder)/share/fovea/fonts.conf"
      #expect(BundledFonts.configuration(ofProgram: program, environment: [:]) == nil)
      try FileManager.default.createDirectory(
        atPath: "\(folder)/share/fovea", withIntermediateDirectories: true)
      try Data().write(to: URL(fileURLWithPath: file))
      #expect(BundledFonts.configuration(ofProgram: program, environment: [:]) == file)
      #expect(
        BundledFonts.configuration(ofProgram: program, environment: ["FONTCONFIG_FILE": ""])
          == file)
    }
  }

  @Test(arguments: ["FONTCONFIG_FILE", "FONTCONFIG_PATH", "FONTCONFIG_SYSROOT"])
  func `a configuration of the user is kept`(variable: String) throws {
    try withTemporaryFolder { folder in
      try FileManager.default.createDirectory(
        atPath: "\(folder)/share/fovea", withIntermediateDirectories: true)
      try Data().write(to: URL(fileURLWithPath: "\(folder)/share/fovea/fonts.conf"))
      #expect(
        BundledFonts.configuration(
          ofProgram: "\(folder)/bin/fovea", environment: [variable: "/etc/fonts"]) == nil)
    }
  }

  @Test func `a program in the root folder has no fonts`() {
    #expect(BundledFonts.configuration(ofProgram: "/fovea", environment: [:]) == nil)
  }
}
