internal import Files

/// Which characters are written as their codes, because no installed font has them.
func fontRemarks(_ unavailable: Set<Unicode.Scalar>) -> [String] {
  let characters = unavailable.sorted()
  guard let first = characters.first else { return [] }
  // A terminal has a picture of most characters, but of none without a meaning.
  let names = characters.map { scalar in
    switch scalar.properties.generalCategory {
    case .privateUse, .unassigned: scalar.escaped(asASCII: true)
    default: String(scalar)
    }
  }
  return [
    "no installed font has \(firstOf(names)); figures show codes instead, such as "
      + "\(first.escaped(asASCII: true)); install a font that has them, such as Noto Sans CJK"
  ]
}
