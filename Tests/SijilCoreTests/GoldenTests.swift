import Crypto
import SijilCore
import Testing

/// Version 1 of the format, frozen.
///
/// A failure here means that bytes in the field would no longer be read: change the code, never the
/// file.
struct GoldenTests {
    @Test(arguments: GoldenCases.changes.map(\.name))
    func `a change of version 1 is read and written as ever`(name: String) throws {
        let golden = try #require(GoldenCases.changes.first { $0.name == name })
        let whole = try ChangeBytes(golden.change, secret: golden.secret)
        let reduced = whole.erasing(using: sha256) { record, _ in golden.erased.contains(record) }
        let made = reduced ?? whole
        let bytes = try GoldenFiles.bytes(name) { made.bytes }
        #expect(made.bytes == bytes)
        let read = try ChangeBytes(bytes)
        #expect(
            read.hash(in: golden.place, using: sha256)
                == whole.hash(in: golden.place, using: sha256))
        if golden.erased.isEmpty {
            #expect(read.change == golden.change)
            #expect(try ChangeBytes(read.change, secret: golden.secret).bytes == bytes)
        } else {
            #expect(read.erasedRecords == golden.erased.sorted())
            #expect(read.rewritten(using: sha256) == bytes)
        }
        try GoldenFiles.expectDescription(
            name, GoldenDescription.change(read, in: golden.place))
    }

    @Test(arguments: GoldenCases.runs.map(\.name))
    func `a signed run of version 1 is read and holds`(name: String) throws {
        let golden = try #require(GoldenCases.runs.first { $0.name == name })
        let signer = GoldenCases.salma
        let bytes = try GoldenFiles.bytes(name) {
            // Some platforms sign with chance: a signature is made once, then only read.
            let message = SignedRun.signedMessage(try last(golden.changes.map(\.bytes), golden))
            return SignedRun(
                author: signer.replica, first: golden.first,
                previous: golden.carriesBefore ? golden.before : nil,
                changes: golden.changes.map(\.bytes),
                signature: Array(try signer.key.signature(for: message))
            )
            .bytes
        }
        var reader = ByteReader(bytes)
        let run = try SignedRun(from: &reader)
        try reader.expectEnd()
        #expect(run.changes == golden.changes.map(\.bytes))
        #expect(run.previous == (golden.carriesBefore ? golden.before : nil))
        #expect(run.first == golden.first && run.author == signer.replica)
        #expect(run.last == golden.first + UInt64(golden.changes.count) - 1)
        let message = SignedRun.signedMessage(try last(run.changes, golden))
        #expect(signer.key.publicKey.isValidSignature(run.signature, for: message))
        #expect(run.bytes == bytes)
        try GoldenFiles.expectDescription(
            name,
            try GoldenDescription.run(
                run, collection: GoldenCases.collection, before: golden.before,
                publicKey: signer.publicKey))
    }

    @Test func `a certificate of version 1 is read and holds`() throws {
        let authority = GoldenCases.authority.key
        let bytes = try GoldenFiles.bytes(GoldenCases.certificateName) {
            var certificate = GoldenCases.certificate
            certificate.signature = Array(
                try authority.signature(for: certificate.signedMessage))
            return certificate.bytes
        }
        var reader = ByteReader(bytes)
        let certificate = try Certificate(from: &reader)
        try reader.expectEnd()
        var unsigned = certificate
        unsigned.signature = []
        #expect(unsigned == GoldenCases.certificate)
        #expect(
            authority.publicKey.isValidSignature(
                certificate.signature, for: certificate.signedMessage))
        #expect(certificate.bytes == bytes)
        try GoldenFiles.expectDescription(
            GoldenCases.certificateName,
            GoldenDescription.certificate(
                certificate, authority: GoldenCases.authority.publicKey))
    }

    @Test func `a digest of version 1 is counted as ever`() throws {
        let state = GoldenCases.digested
        let bytes = try GoldenFiles.bytes(GoldenCases.digestName) {
            Identifier(state.digest.sum).bytes
        }
        #expect(Identifier(state.digest.sum).bytes == bytes)
        #expect(state.recounted == state.digest)
        try GoldenFiles.expectDescription(
            GoldenCases.digestName, GoldenDescription.digest(state.digest, of: state.records))
    }

    @Test func `every golden file is tested`() throws {
        let stems =
            GoldenCases.changes.map(\.name) + GoldenCases.runs.map(\.name)
            + [GoldenCases.certificateName, GoldenCases.digestName]
            // Those have compressed pieces: SijilStoreTests reads them.
            + ["snapshot-empty", "snapshot-values", "snapshot-pieces", "snapshot-erased"]
        let expected = Set(stems.flatMap { [$0 + ".bin", $0 + ".json"] })
        guard !GoldenFiles.isRecording else { return }
        #expect(try GoldenFiles.names() == expected)
    }

    private func last(_ changes: [[UInt8]], _ run: GoldenCases.RunCase) throws -> ChainHash {
        var previous = run.before
        for (number, bytes) in changes.enumerated() {
            let dot = Dot(
                replica: GoldenCases.salma.replica, sequence: run.first + UInt64(number))
            previous = try ChangeBytes(bytes)
                .hash(
                    in: ChainPlace(
                        collection: GoldenCases.collection, dot: dot, previous: previous),
                    using: sha256)
        }
        return previous
    }
}
