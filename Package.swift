// swift-tools-version: 6.2

import PackageDescription

let package = Package(
    name: "sijil",
    platforms: [.macOS(.v26)],
    products: [
        .library(name: "SijilCore", targets: ["SijilCore"]),
        .library(name: "SijilNames", targets: ["SijilNames"]),
        .library(name: "SijilStore", targets: ["SijilStore"]),
        .library(name: "SijilSync", targets: ["SijilSync"]),
        .library(name: "SijilCurl", targets: ["SijilCurl"]),
        .library(name: "SijilDirectory", targets: ["SijilDirectory"]),
        // Beside the program `sijil`, which loads it when it first reads a telephone number: linked, it would
        // cost every command some milliseconds. Without it numbers are kept as they were typed.
        .library(name: "SijilPhone", type: .dynamic, targets: ["CSijilPhone"]),
        .executable(name: "sijil", targets: ["sijil"]),
        .executable(name: "sijil-server", targets: ["sijil-server"]),
    ],
    dependencies: [
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.6"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1"),
        .package(
            url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
    ],
    targets: [
        .target(name: "SijilCore"),
        .target(name: "SijilNames"),
        .target(name: "CSijilSQLite", linkerSettings: [.linkedLibrary("sqlite3")]),
        .systemLibrary(name: "CZstd", pkgConfig: "libzstd", providers: [.apt(["libzstd-dev"])]),
        .target(
            name: "SijilStore",
            dependencies: [
                "CSijilSQLite", "SijilCore", "SijilNames", "CZstd",
                .product(name: "GRDB", package: "GRDB.swift"),
                .product(name: "GRDBSQLite", package: "GRDB.swift"),
                .product(name: "Crypto", package: "swift-crypto"),
            ]),
        .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
        .target(name: "SijilSync", dependencies: ["SijilCore", "SijilStore", "CZlib"]),
        .target(name: "SijilDirectory", dependencies: ["SijilCore", "SijilNames", "SijilStore"]),
        .target(name: "CSijilPhone", linkerSettings: [.linkedLibrary("phonenumber")]),
        .systemLibrary(
            name: "CLibcurl", pkgConfig: "libcurl", providers: [.apt(["libcurl4-openssl-dev"])]),
        .target(name: "CSijilCurl", dependencies: ["CLibcurl"]),
        .target(name: "SijilCurl", dependencies: ["CSijilCurl", "SijilSync"]),
        .target(
            name: "SijilSimulator",
            dependencies: [
                "SijilDirectory", "SijilSync", "SijilStore", "SijilCore",
                .product(name: "GRDBSQLite", package: "GRDB.swift"),
            ]),
        .target(
            name: "SijilFuzzing",
            dependencies: ["SijilDirectory", "SijilSync", "SijilStore", "SijilCore"]),
        .target(
            name: "SijilServer",
            dependencies: [
                "SijilSync", "SijilStore", "SijilCore",
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "HummingbirdCore", package: "hummingbird"),
                .product(name: "HummingbirdHTTP2", package: "hummingbird"),
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
                .product(name: "NIOTLS", package: "swift-nio"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
            ]),
        .executableTarget(
            name: "sijil",
            dependencies: [
                "SijilCurl", "SijilDirectory", "SijilSync", "SijilStore",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ]),
        .executableTarget(
            name: "sijil-server",
            dependencies: [
                "SijilServer", "SijilSync", "SijilStore", "SijilCore",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Logging", package: "swift-log"),
            ]),
        .executableTarget(
            name: "sijil-simulate",
            dependencies: [
                "SijilSimulator",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ]),
        .testTarget(
            name: "CommandLineTests", dependencies: ["SijilSimulator", "sijil", "sijil-server"]),
        // Here and not in a package of its own, so that it shares this one's builds of the dependencies.
        .executableTarget(
            name: "sijil-benchmark",
            dependencies: [
                "SijilCurl", "SijilNames", "SijilSimulator", "SijilStore", "SijilSync",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "GRDBSQLite", package: "GRDB.swift"),
            ],
            path: "Benchmarks", exclude: ["README.md", "Peers", "baseline.json"]),
        .testTarget(
            name: "SijilCurlTests", dependencies: ["SijilCurl"], exclude: ["Server"]),
        .testTarget(
            name: "SijilServerTests",
            dependencies: [
                "SijilServer", "SijilCurl", "SijilSync", "SijilStore", "SijilCore",
                .product(name: "GRDB", package: "GRDB.swift"),
                .product(name: "Logging", package: "swift-log"),
            ]),
        .testTarget(
            name: "SijilStoreTests",
            dependencies: [
                "SijilStore", "SijilCore", "SijilDirectory", "SijilSimulator",
                .product(name: "GRDB", package: "GRDB.swift"),
            ]),
        .testTarget(
            name: "SijilSimulatorTests",
            dependencies: [
                "SijilSimulator", "SijilDirectory", "SijilSync", "SijilStore", "SijilCore",
            ]),
        .testTarget(name: "SijilNamesTests", dependencies: ["SijilNames"]),
        .testTarget(name: "SijilFuzzingTests", dependencies: ["SijilFuzzing"]),
        .testTarget(
            name: "SijilDirectoryTests", dependencies: ["SijilDirectory", "SijilSimulator"]),
        .testTarget(
            name: "SijilCoreTests",
            dependencies: [
                "SijilCore", "SijilSimulator", .product(name: "Crypto", package: "swift-crypto"),
            ]),
        .testTarget(
            name: "SijilSyncTests", dependencies: ["SijilDirectory", "SijilSimulator", "SijilSync"]),
    ],
    swiftLanguageModes: [.v6]
)

// libFuzzer brings its own main function, so this program is there only when Scripts/fuzz asks for it.
if Context.environment["SIJIL_FUZZ"] != nil {
    package.targets.append(
        .executableTarget(name: "sijil-fuzz", dependencies: ["SijilFuzzing"]))
}

// One place for the settings of every Swift target of ours.
for target in package.targets where target.type != .system {
    target.swiftSettings = [
        .enableUpcomingFeature("ExistentialAny"),
        .enableUpcomingFeature("InternalImportsByDefault"),
        .enableUpcomingFeature("MemberImportVisibility"),
        .enableUpcomingFeature("InferIsolatedConformances"),
        .strictMemorySafety(),
        .treatAllWarnings(as: .error),
    ]
}
