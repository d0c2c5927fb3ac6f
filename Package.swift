// swift-tools-version: 6.2
import PackageDescription

let strict: [SwiftSetting] = [
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
]

/// For targets without loops over numbers and pixels, which belong in the targets that they import.
/// Optimizing these three would take 40 % of a build's time and make a gallery 1 to 2 % faster. They
/// come last, one after the other, so their files are compiled in batches, on all processors.
let unoptimized: [SwiftSetting] = [
  .unsafeFlags(["-Onone", "-no-whole-module-optimization", "-enable-batch-mode"])
]

func settings(of target: String) -> [SwiftSetting] {
  strict + (["Galleries", "Exhibits", "Commands"].contains(target) ? unoptimized : [])
}

extension Target {
  static func library(_ name: String, uses dependencies: Target.Dependency...) -> Target {
    .target(
      name: name, dependencies: dependencies,
      // In the program itself, so that it stays a single file.
      resources: name == "Galleries"
        ? ["page.html", "page.css", "page.js", "early.js"].map {
          .embedInCode("Page/Resources/\($0)")
        } : [],
      swiftSettings: settings(of: name))
  }

  static func tests(of name: String, also dependencies: Target.Dependency...) -> Target {
    .testTarget(
      name: "\(name)Tests", dependencies: [.byName(name: name), "TestSupport"] + dependencies,
      exclude: [
        "Analysis": ["Fixtures"], "Checkpoints": ["Fixtures"], "Commands": ["Snapshots"],
        "Drawing": ["Snapshots"], "Galleries": ["Snapshots"], "Images": ["Fixtures"],
        "Networks": ["Fixtures"], "Scenes": ["Snapshots"], "Training": ["Fixtures"],
      ][name] ?? [],
      swiftSettings: settings(of: name))
  }
}

let package = Package(
  name: "fovea",
  platforms: [.macOS(.v15)],
  products: [
    .executable(name: "fovea", targets: ["Commands"]),
    // For programs in Swift.
    .library(name: "Fovea", targets: ["Fovea"]),
    // For the benchmarks, which are a package of their own.
    .library(
      name: "FoveaNetworks", targets: ["Training", "Networks", "Kernels", "TensorCore"]),
    .library(name: "FoveaDrawing", targets: ["Drawing", "Images", "Files"]),
    // For the benchmarks and for the fuzzers, another such package.
    .library(
      name: "FoveaCheckpoints", targets: ["Checkpoints", "Networks", "TensorCore", "Files"]),
    // For tests that stop the program at any change of a name; loaded before it.
    .library(name: "StopPoints", type: .dynamic, targets: ["StopPoints"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
    .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
    .package(url: "https://github.com/jpsim/Yams", from: "6.2.0"),
  ],
  targets: [
    // 0. C libraries: a module map and the smallest shim.
    .systemLibrary(name: "COneDNN", providers: [.apt(["libdnnl-dev"]), .brew(["onednn"])]),
    .systemLibrary(
      name: "CCairo", pkgConfig: "cairo", providers: [.apt(["libcairo2-dev"]), .brew(["cairo"])]),
    // Comes with Cairo, which finds its fonts by it.
    .systemLibrary(
      name: "CFontconfig", pkgConfig: "fontconfig",
      providers: [.apt(["libfontconfig-dev"]), .brew(["fontconfig"])]),
    .systemLibrary(
      name: "CPNG", pkgConfig: "libpng", providers: [.apt(["libpng-dev"]), .brew(["libpng"])]),
    .systemLibrary(
      name: "CJPEG", pkgConfig: "libjpeg",
      providers: [.apt(["libjpeg-dev"]), .brew(["jpeg-turbo"])]),
    .systemLibrary(
      name: "CLAPACK", pkgConfig: "lapacke",
      providers: [.apt(["liblapacke-dev"]), .brew(["lapack"])]
    ),
    .systemLibrary(
      name: "CLinear", providers: [.apt(["liblinear-dev"]), .brew(["liblinear"])]),
    .systemLibrary(
      name: "CZip", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"]), .brew(["zlib"])]),
    .systemLibrary(
      name: "CCrypto", pkgConfig: "libcrypto",
      providers: [.apt(["libssl-dev"]), .brew(["openssl@3"])]),

    // 1. Values.
    .library("TensorCore"),
    .library("Files", uses: "CCrypto", "CZip"),
    .library("OneDNN", uses: "COneDNN"),
    .library("Images", uses: "CPNG", "CJPEG", "Files"),

    // 2. Means: heavy arithmetic, and ink.
    .library("Kernels", uses: "TensorCore", "OneDNN", "CLAPACK", "CLinear"),
    .library("Drawing", uses: "Images", "Files", "CCairo", "CFontconfig"),

    // 3. Networks.
    .library("Networks", uses: "TensorCore", "Kernels"),

    // 4. What goes in.
    .library("Checkpoints", uses: "Networks", "Kernels", "TensorCore", "Files"),
    .library("Datasets", uses: "TensorCore", "Images", "Files"),
    .library("Scenes", uses: "Datasets", "Drawing", "Images", "TensorCore", "Files"),

    // 5. What is done.
    .library(
      "Training", uses: "Networks", "Checkpoints", "Datasets", "TensorCore", "Kernels", "Files"),
    .library(
      "Analysis", uses: "Datasets", "Networks", "TensorCore", "Kernels",
      .product(name: "HeapModule", package: "swift-collections")),

    // 6. What comes out.
    .library(
      "Galleries", uses: "Analysis", "Datasets", "Drawing", "Images", "Kernels", "Networks",
      "TensorCore", "Files"),

    // 7. Questions with their answers, and what a Swift program imports.
    .library(
      "Exhibits",
      uses: "Analysis", "Checkpoints", "Datasets", "Drawing", "Files", "Galleries", "Images",
      "Networks", "Scenes", "TensorCore", "Training", "Yams",
      .product(name: "ArgumentParser", package: "swift-argument-parser")),
    .library(
      "Fovea",
      uses: "Exhibits", "Galleries", "Analysis", "Datasets", "Images", "Networks", "TensorCore"),

    // 8. The program.
    .executableTarget(
      name: "Commands",
      dependencies: [
        "Analysis", "Checkpoints", "Datasets", "Drawing", "Exhibits", "Files", "Galleries",
        "Images", "Kernels", "Networks", "Scenes", "TensorCore", "Training",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      swiftSettings: strict + unoptimized),

    // Tests.
    .target(name: "StopPoints", path: "Tests/StopPoints"),
    .library(
      "TestSupport",
      uses: "Networks", "Checkpoints", "Kernels", "Drawing", "Images", "Files", "TensorCore"),
    .tests(of: "TensorCore"),
    .tests(of: "Files"),
    .tests(of: "Images", also: "Files"),
    .tests(of: "OneDNN", also: "TensorCore"),
    .tests(of: "Kernels", also: "TensorCore"),
    .tests(of: "Drawing", also: "Images", "TensorCore"),
    .tests(of: "Networks", also: "TensorCore", "Kernels", "Checkpoints"),
    .tests(
      of: "Checkpoints", also: "Networks", "TensorCore", "Files", "Datasets", "Images"),
    .tests(of: "Datasets", also: "TensorCore", "Images", "Files"),
    .tests(of: "Scenes", also: "Datasets", "Images", "Files", "TensorCore"),
    .tests(
      of: "Training", also: "Networks", "Kernels", "Datasets", "Images", "TensorCore",
      "Checkpoints", "Files"),
    .tests(
      of: "Analysis", also: "Networks", "Checkpoints", "Datasets", "Images", "TensorCore", "Kernels"
    ),
    .tests(
      of: "Galleries", also: "Analysis", "Drawing", "Images", "Networks", "Kernels", "TensorCore",
      "Files"),
    .tests(
      of: "Exhibits", also: "Analysis", "Checkpoints", "Files", "Fovea", "Galleries", "Images",
      "Kernels", "Networks", "TensorCore", "Training",
      .product(name: "ArgumentParser", package: "swift-argument-parser")),
    .tests(
      of: "Commands", also: "Analysis", "Checkpoints", "Exhibits", "Files", "Galleries", "Images",
      "Kernels", "Networks", "TensorCore",
      .product(name: "ArgumentParser", package: "swift-argument-parser")),
  ]
)
