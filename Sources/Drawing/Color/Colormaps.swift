extension Colormap {
  /// From dark violet through green to yellow, perceptually uniform.
  ///
  /// S. van der Walt and N. Smith, 2015 (CC0); within 1/255 of the published 256 colours.
  public static let viridis = Colormap(
    name: "viridis",
    positioned: """
      00440154 13481C6E 2346307E 3A3E4C8A 5C2E6F8E 7F21908D 8E1F9E89 9922A884 A62FB47C B548C16E
      C569CD5B DA9DD93B ECCDE11D F3DFE318 FBF4E61E FFFDE725
      """)

  /// From black through purple to pale yellow, perceptually uniform.
  ///
  /// S. van der Walt and N. Smith, 2015 (CC0); within 1/255 of the published 256 colours.
  public static let magma = Colormap(
    name: "magma",
    positioned: """
      00000004 0703030F 140E0B2B 25241253 3036106B 3A471078 4B621980 63882781 7AAD347C 91D2426F
      9FE55064 ACF2645C BBFA7F5E CBFE9D6C E0FEC488 FDFCF9BB FFFCFDBF
      """)

  /// From black through red to yellow, perceptually uniform.
  ///
  /// S. van der Walt and N. Smith, 2015 (CC0); within 1/255 of the published 256 colours.
  public static let inferno = Colormap(
    name: "inferno",
    positioned: """
      00000004 0602020E 16120A32 23260C51 2C360961 384A0C6B 4661136E 5B82206C 72A62D60 89C83F4B
      9EE25734 B2F3761B C2FA9207 C9FC9F07 D2FCB014 E1F8CD37 EDF3E55D F4F1F179 FBF6FA96 FFFCFFA4
      """)

  /// From blue through grey to yellow; looks nearly the same with and without red-green blindness.
  ///
  /// J. Nuñez, C. Anderton and R. Renslow, PLOS ONE 13(7), 2018; within 1/255 of the published
  /// 256 colours.
  public static let cividis = Colormap(
    name: "cividis",
    positioned: """
      0000224E 14003070 17013271 1C123570 27263D6E 3B3E4B6C 5C5E626E 86828079 A7A29975 C9C5B568
      E3E1CC55 F4F5DC41 FBFDE334 FFFEE838
      """)

  /// From white to dark blue, for shares and counts on a white page; safe for colour blindness.
  ///
  /// C. Brewer's nine-class Blues (colorbrewer2.org), with its first colour #F7FBFF changed to
  /// white so that zero has the colour of the background. On a dark page, from its colour to the
  /// palest of them.
  public static let blues = Colormap(
    name: "blues", isDiverging: false,
    evenly: [
      0xFFFFFF, 0xDEEBF7, 0xC6DBEF, 0x9ECAE1, 0x6BAED6, 0x4292C6, 0x2171B5, 0x08519C, 0x08306B,
    ],
    onDark: [
      0x16181C, 0x08306B, 0x08519C, 0x2171B5, 0x4292C6, 0x6BAED6, 0x9ECAE1, 0xC6DBEF, 0xF7FBFF,
    ])

  /// From black to white in equal steps of sRGB.
  public static let grey = Colormap(name: "grey", stops: [(0, .black), (1, .white)])

  /// From dark blue through white to dark red, for signed numbers; safe for red-green blindness.
  ///
  /// C. Brewer's eleven-class RdBu (colorbrewer2.org), reversed, with its midpoint #F7F7F7 changed
  /// to white so that zero has the colour of the background.
  public static let blueWhiteRed = Colormap(
    name: "blue–white–red", isDiverging: true,
    evenly: [
      0x053061, 0x2166AC, 0x4393C3, 0x92C5DE, 0xD1E5F0, 0xFFFFFF, 0xFDDBC7, 0xF4A582, 0xD6604D,
      0xB2182B, 0x67001F,
    ])

  /// From rose through yellow, green and blue back to rose, for angles: both ends are equal.
  ///
  /// All hues of OKLCH (B. Ottosson, "A perceptual color space for image processing", 2020) in
  /// steps of 20° with chroma 0.11; the lightness 0.66 + 0.12 cos(hue − 105°) is greatest at
  /// yellow, so that opposite angles differ in more than their hue.
  public static let hueCircle = Colormap(
    name: "hue circle", isDiverging: false,
    evenly: [
      0xBF6A86, 0xD17879, 0xDD896B, 0xE09B60, 0xD9AC5B, 0xC8B960, 0xADC16C, 0x8AC27D, 0x61BD8F,
      0x33B29E, 0x00A3AA, 0x0092B1, 0x2C81B4, 0x4A71B3, 0x6366AE, 0x7A5FA7, 0x925E9E, 0xA96292,
      0xBF6A86,
    ])

  private init(
    name: String, isDiverging: Bool, evenly colors: [UInt32], onDark darkColors: [UInt32]? = nil
  ) {
    func stops(_ colors: [UInt32]) -> [(Double, Color)] {
      colors.enumerated().map { (Double($0) / Double(colors.count - 1), Color(hex: $1)) }
    }
    self.init(
      name: name, isDiverging: isDiverging, stops: stops(colors), onDark: darkColors.map(stops))
  }

  /// Stops given as `PPRRGGBB`: the position in the published table of 256, and the colour.
  private init(name: String, positioned stops: String) {
    self.init(
      name: name,
      stops: stops.split { $0 == " " || $0 == "\n" }.compactMap { UInt32($0, radix: 16) }
        .map { (Double($0 >> 24) / 255, Color(hex: $0 & 0xFF_FFFF)) })
  }
}
