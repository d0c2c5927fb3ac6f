// swift-tools-version: 6.2
import PackageDescription

let package = Package(
  name: "fuzzing",
  platforms: [.macOS(.v15)],
  dependencies: [.package(name: "fovea", path: "../..")],
  targets: [
    .executableTarget(
      name: "Fuzzing",
      dependencies: [.product(name: "FoveaCheckpoints", package: "fovea")])
  ]
)
