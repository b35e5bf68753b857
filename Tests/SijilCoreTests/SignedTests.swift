import SijilCore
import Testing

/// The outer forms: what they refuse before anyone looks into a change.
struct SignedTests {
    let run: [UInt8] = {
        var writer = ByteWriter()
        SignedRun(
            author: Identifier(0xA1), first: 3,
            previous: ChainHash([UInt8](repeating: 9, count: 32)),
            changes: [[1, 2, 3], [4]], signature: [UInt8](repeating: 7, count: 64)
        )
        .write(to: &writer)
        return writer.bytes
    }()

    let certificate: [UInt8] = {
        var writer = ByteWriter()
        Certificate(
            replica: Identifier(0xA1), publicKey: [UInt8](repeating: 2, count: 32), name: "tab-07",
            issuedAt: -1, signature: [UInt8](repeating: 7, count: 64)
        )
        .write(to: &writer)
        return writer.bytes
    }()

    @Test func `every cut of a run or a certificate is refused`() {
        for count in run.indices { #expect(readRun(Array(run[..<count])) == .badData) }
        for count in certificate.indices {
            #expect(readCertificate(Array(certificate[..<count])) == .badData)
        }
        #expect(readRun(run) == nil)
        #expect(readCertificate(certificate) == nil)
    }

    @Test func `whatever decodes is in its one byte form`() {
        for bit in 0..<run.count * 8 {
            var mutated = run
            mutated[bit / 8] ^= 1 << (bit % 8)
            var reader = ByteReader(mutated)
            guard let read = try? SignedRun(from: &reader) else { continue }
            var writer = ByteWriter()
            read.write(to: &writer)
            #expect(writer.bytes[...] == mutated[..<reader.position], "bit \(bit)")
        }
        for bit in 0..<certificate.count * 8 {
            var mutated = certificate
            mutated[bit / 8] ^= 1 << (bit % 8)
            var reader = ByteReader(mutated)
            guard let read = try? Certificate(from: &reader) else { continue }
            var writer = ByteWriter()
            read.write(to: &writer)
            #expect(writer.bytes[...] == mutated[..<reader.position], "bit \(bit)")
        }
    }

    @Test func `later versions and flags are named so`() {
        for (index, value, code) in [
            (0, UInt8(2), SijilError.Code.futureVersion), (0, 0, .badData), (1, 2, .futureVersion),
            (1, 128, .futureVersion),
        ] {
            var later = run
            later[index] = value
            #expect(readRun(later) == code)
        }
        var later = certificate
        later[0] = 2
        #expect(readCertificate(later) == .futureVersion)
        later[0] = 0
        #expect(readCertificate(later) == .badData)
    }

    @Test func `a run has a change, and its sequences can be`() {
        for (first, changes) in [
            (UInt64(1), [[UInt8]]()), (0, [[1]]), (UInt64(Int64.max), [[1]]), (.max, [[1]]),
        ] {
            var writer = ByteWriter()
            SignedRun(
                author: Identifier(1), first: first, changes: changes,
                signature: [UInt8](repeating: 0, count: 64)
            )
            .write(to: &writer)
            #expect(readRun(writer.bytes) == .badData, "first \(first)")
        }
    }

    @Test func `a replica's name has at most 256 bytes`() {
        for (count, expected) in [(256, nil), (257, SijilError.Code.badData)] {
            var writer = ByteWriter()
            Certificate(
                replica: Identifier(1), publicKey: [UInt8](repeating: 0, count: 32),
                name: String(repeating: "a", count: count), issuedAt: 0,
                signature: [UInt8](repeating: 0, count: 64)
            )
            .write(to: &writer)
            #expect(readCertificate(writer.bytes) == expected)
        }
    }

    private func readRun(_ bytes: [UInt8]) -> SijilError.Code? {
        code { () throws(SijilError) in
            var reader = ByteReader(bytes)
            _ = try SignedRun(from: &reader)
            try reader.expectEnd()
        }
    }

    private func readCertificate(_ bytes: [UInt8]) -> SijilError.Code? {
        code { () throws(SijilError) in
            var reader = ByteReader(bytes)
            _ = try Certificate(from: &reader)
            try reader.expectEnd()
        }
    }
}
