import Foundation
import SijilFuzzing
import Testing

/// The fuzzers' inputs and laws, without a fuzzer: `Scripts/fuzz` looks for new inputs.
@Suite struct ReplayTests {
    private static let fixtures = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "Fixtures")

    @Test(arguments: FuzzTarget.all.map(\.name))
    func `every seed, and everything that once broke a decoder, keeps its laws`(
        name: String
    ) async throws {
        let target = try #require(FuzzTarget.named(name))
        let inputs = try target.inputs(fixtures: Self.fixtures)
        #expect(!inputs.isEmpty)
        for input in try inputs + target.crashers(fixtures: Self.fixtures) {
            await check(target, input.bytes, "\(input.name)")
        }
    }

    @Test(arguments: FuzzTarget.all.map(\.name))
    func `damaged seeds keep the laws`(name: String) async throws {
        let target = try #require(FuzzTarget.named(name))
        for input in try target.inputs(fixtures: Self.fixtures) {
            var chance = SeededBytes(seed: 1)
            for number in 0..<target.mutationsPerSeed {
                await check(target, chance.mutated(input.bytes), "\(input.name), \(number)")
            }
        }
    }

    /// A count or a length of 2^56 in every place: whoever makes room for it before reading fails here.
    @Test(arguments: FuzzTarget.all.filter { $0.mutationsPerSeed >= 100 }.map(\.name))
    func `a promise of more than there is keeps the laws`(name: String) async throws {
        let target = try #require(FuzzTarget.named(name))
        let promise: [UInt8] = [0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x01]
        for input in try target.inputs(fixtures: Self.fixtures) where input.bytes.count <= 1024 {
            for place in input.bytes.indices {
                var bytes = input.bytes
                bytes.replaceSubrange(place...place, with: promise)
                await check(target, bytes, "\(input.name), a promise at \(place)")
            }
        }
    }

    @Test(arguments: FuzzTarget.all.map(\.name))
    func `nothing at all keeps the laws`(name: String) async throws {
        await check(try #require(FuzzTarget.named(name)), [], "no bytes")
    }

    /// Whatever takes more than its share of time or memory for such an input never ends here.
    @Test(arguments: FuzzTarget.all.map(\.name))
    func `a long input of one kind keeps the laws`(name: String) async throws {
        let target = try #require(FuzzTarget.named(name))
        let kinds = [
            "\0", "\"", "[", "\n", ",", "{", "\u{301}\u{323}", "\"\n\"x,", "a=\\", "\u{FF}", ";",
            "BEGIN:VCARD\nFN:x\n",
        ]
        for kind in kinds {
            let unit = Array(kind.utf8)
            let bytes = (0..<50_000 / unit.count).flatMap { _ in unit }
            await check(target, bytes, "many of one")
        }
    }

    @Test func `crashers belong to a fuzzer`() throws {
        let folders = try FileManager.default
            .contentsOfDirectory(atPath: Self.fixtures.appending(path: "Crashers").path)
        for folder in folders where !folder.hasPrefix(".") && !folder.hasSuffix(".md") {
            #expect(FuzzTarget.named(folder) != nil, "\(folder)")
        }
    }

    private func check(_ target: FuzzTarget, _ bytes: [UInt8], _ input: String) async {
        do {
            try await target.run(bytes)
        } catch {
            Issue.record("\(target.name), \(input): \(error)")
        }
    }
}
