/// One decoder, or one family of them, as a fuzzer sees it: a function of bytes that must keep its laws
/// whatever the bytes are.
///
/// A new decoder joins by a file in `Targets` and a line in ``all``.
public struct FuzzTarget: Sendable {
    public let name: String
    /// The longest input that a fuzzer should try, in bytes.
    public let maximumBytes: Int
    /// How many mutations of each seed the tests try: few where an input costs a database.
    public let mutationsPerSeed: Int
    /// Files to start from: paths below `Fixtures`, each the beginning of one or several names.
    public let fixtures: [String]
    /// What our own encoders write, so that a fuzzer begins beyond the first checks.
    public let seeds: @Sendable () throws -> [[UInt8]]
    /// - Throws: ``BrokenLaw``, or what a decoder should never have thrown.
    public let run: @Sendable (_ bytes: [UInt8]) async throws -> Void

    init(
        _ name: String, maximumBytes: Int = 4096, mutationsPerSeed: Int = 200,
        fixtures: [String] = [], seeds: @escaping @Sendable () throws -> [[UInt8]],
        run: @escaping @Sendable (_ bytes: [UInt8]) async throws -> Void
    ) {
        self.name = name
        self.maximumBytes = maximumBytes
        self.mutationsPerSeed = mutationsPerSeed
        self.fixtures = fixtures
        self.seeds = seeds
        self.run = run
    }

    public static let all: [FuzzTarget] = [
        .change, .writtenChange, .run, .request, .response, .certificate, .token, .value, .gzip,
        .json, .jsonLines, .csv, .mapping, .cards, .http, .signedHTTP, .receive, .snapshotPiece,
        .snapshotManifest, .zstd,
    ]

    public static func named(_ name: String) -> FuzzTarget? { all.first { $0.name == name } }
}
