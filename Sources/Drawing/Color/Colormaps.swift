extension Colormap {
  /// From dark violet over green to yellow, perceptually uniform.
  ///
  /// S. van der Walt and N. Smith, 2015 (CC0); within 1/255 of the published 256 colours.
  public static let viridis = Colormap(
    name: "viridis",
    positioned: """
      00440154 14481D6F 2346307E 3B3D4D8A 5D2D708E 841F948C 931FA287 A22AB07F B344BF70 C66CCD5A
      DFAADC32 EDD0E11C F4E2E418 FDF8E621 FFFDE725
      """)

  /// From black over purple to pale yellow, perceptually uniform.
  ///
  /// S. van der Walt and N. Smith, 2015 (CC0); within 1/255 of the published 256 colours.
  public static let magma = Colormap(
    name: "magma",
    positioned: """
      00000004 0703030F 140E0B2B 26251255 3036106B 3A471078 4B621980 69912B81 85BF3A77 98DC4869
      A8EF5D5E B6F8765C C3FC8E64 D5FEB078 EFFDE0A1 FFFCFDBF
      """)

  /// From black over red to yellow, perceptually uniform.
  ///
  /// S. van der Walt and N. Smith, 2015 (CC0); within 1/255 of the published 256 colours.
  public static let inferno = Colormap(
    name: "inferno",
    positioned: """
      00000004 07030210 16120A32 23260C51 2D380962 3A4D0D6C 52741A6E 6A9A2865 80BC3754 97DA4E3C
      ACEF6C23 C2FA9207 C9FC9F07 D2FCB014 E1F8CD37 EDF3E55D F4F1F179 FBF6FA96 FFFCFFA4
      """)

  /// From blue over grey to yellow; looks nearly the same with and without red-green blindness.
  ///
  /// J. Nuñez, C. Anderton and R. Renslow, PLOS ONE 13(7), 2018; within 1/255 of the published
  /// 256 colours.
  public static let cividis = Colormap(
    name: "cividis",
    positioned: """
      0000224E 14003070 17013271 1D143670 29293F6E 41444F6C 66666970 827E7D78 A39E9676 C7C3B369
      E2E0CB56 F4F5DC41 FBFDE334 FFFEE838
      """)

  /// From black to white in equal steps of sRGB.
  public static let grey = Colormap(name: "grey", stops: [(0, .black), (1, .white)])

  /// From dark blue over white to dark red, for signed numbers; safe with red-green blindness.
  ///
  /// C. Brewer's eleven-class RdBu (colorbrewer2.org), reversed, with its middle #F7F7F7 made
  /// white so that zero is the colour of the paper.
  public static let blueWhiteRed = Colormap(
    name: "blue–white–red", isDiverging: true,
    evenly: [
      0x053061, 0x2166AC, 0x4393C3, 0x92C5DE, 0xD1E5F0, 0xFFFFFF, 0xFDDBC7, 0xF4A582, 0xD6604D,
      0xB2182B, 0x67001F,
    ])

  /// From dark purple over white to dark green, for signed numbers beside a blue–red map.
  ///
  /// C. Brewer's eleven-class PRGn (colorbrewer2.org), with its middle #F7F7F7 made white.
  public static let purpleWhiteGreen = Colormap(
    name: "purple–white–green", isDiverging: true,
    evenly: [
      0x40004B, 0x762A83, 0x9970AB, 0xC2A5CF, 0xE7D4E8, 0xFFFFFF, 0xD9F0D3, 0xA6DBA0, 0x5AAE61,
      0x1B7837, 0x00441B,
    ])

  private init(name: String, isDiverging: Bool, evenly colors: [UInt32]) {
    let last = Double(colors.count - 1)
    self.init(
      name: name, isDiverging: isDiverging,
      stops: colors.enumerated().map { (Double($0) / last, Color(hex: $1)) })
  }

  /// Stops written `PPRRGGBB`: the position in the published table of 256, and the colour.
  private init(name: String, positioned stops: String) {
    self.init(
      name: name,
      stops: stops.split { $0 == " " || $0 == "\n" }.compactMap { UInt32($0, radix: 16) }
        .map { (Double($0 >> 24) / 255, Color(hex: $0 & 0xFF_FFFF)) })
  }
}
