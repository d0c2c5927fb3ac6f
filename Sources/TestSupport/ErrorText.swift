/// The text of the error that `body` throws; nil if it throws none.
public func errorText(of body: () throws -> some Any) -> String? {
  do {
    _ = try body()
    return nil
  } catch {
    return "\(error)"
  }
}
