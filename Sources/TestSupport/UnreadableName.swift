internal import Foundation

/// A file whose name is not UTF-8; some file systems refuse such names.
public enum UnreadableName {
  public static let skipMessage = "this file system only takes names in UTF-8"

  public static let isPossible: Bool =
    (try? withTemporaryFolder { makeFile(in: $0) }) ?? false

  /// Creates an empty `Stra\xDFe.png`.
  ///
  /// - Returns: False if the file system refuses.
  public static func makeFile(in folder: String) -> Bool {
    let path = Array("\(folder)/Stra".utf8) + [0xDF] + Array("e.png".utf8) + [0]
    return close(open(path.map(CChar.init(bitPattern:)), O_CREAT | O_WRONLY, 0o600)) == 0
  }
}
