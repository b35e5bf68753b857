import Synchronization

@testable import SijilCore

/// Golden bytes, decoded and written out for people and for a reader in another language.
enum GoldenDescription {
    static func change(_ change: ChangeBytes, in place: ChainPlace) -> JSON {
        .object([
            ("kind", .text("change")), ("size", .integer(Int64(change.bytes.count))),
            (
                "place",
                .object([
                    ("collection", .text(place.collection.description)),
                    ("replica", .text(place.dot.replica.description)),
                    ("sequence", .integer(Int64(place.dot.sequence))),
                    ("previous", .text(hex(place.previous.bytes))),
                ])
            ),
            ("content", content(change)),
            ("hashes", hashes(change, place)),
            ("digest", .text(digest(change.change, place.dot).description)),
        ])
    }

    private static func content(_ bytes: ChangeBytes) -> JSON {
        let change = bytes.change
        // Only where there is something to say: older descriptions stay as they are.
        let more: [(String, JSON)] =
            (change.keysInLeaves ? [("keys_in_leaves", .boolean(true))] : [])
            + (bytes.remains == nil
                ? [] : [("erased", .array(bytes.erasedRecords.map { .text($0.description) }))])
        return .object(
            [
                (
                    "seen",
                    .array(
                        change.seen.sorted.map { dot in
                            .object([
                                ("replica", .text(dot.replica.description)),
                                ("sequence", .integer(Int64(dot.sequence))),
                            ])
                        })
                ),
                ("written_at", .integer(change.writtenAt)),
                ("clock_offset", change.clockOffset.map { .integer($0) } ?? .null),
                ("note", change.note.map { .text($0) } ?? .null),
                ("edits", .array(change.edits.map(edit))),
            ] + more)
    }

    private static func edit(_ edit: RecordEdit) -> JSON {
        .object(
            [
                ("record", .text(edit.record.description)), ("type", .text(edit.type)),
                ("deletes", .boolean(edit.deletes)),
                ("operations", .array(edit.operations.map(operation))),
            ] + (edit.erases ? [("erases", .boolean(true))] : []))
    }

    private static func operation(_ operation: CellOperation) -> JSON {
        let effect: (String, JSON) =
            switch operation.effect {
            case .put(let value): ("put", self.value(value))
            case .remove: ("remove", .boolean(true))
            }
        return .object([
            ("field", .text(operation.cell.field)), ("key", value(operation.cell.key)), effect,
        ])
    }

    static func value(_ value: Value) -> JSON {
        switch value {
        case .none: .object([("none", .null)])
        case .text(let text): .object([("text", .text(text))])
        case .integer(let integer): .object([("integer", .integer(integer))])
        case .real(let real):
            .object([
                ("real", .text(hex((0..<8).map { UInt8(real.bitPattern >> (56 - 8 * $0) & 0xFF) })))
            ])
        case .boolean(let boolean): .object([("boolean", .boolean(boolean))])
        case .date(let date): .object([("date", .text(date.description))])
        case .reference(let id): .object([("reference", .text(id.description))])
        case .unknown(let tag, let bytes):
            .object([("unknown", .integer(Int64(tag))), ("bytes", .text(hex(bytes)))])
        }
    }

    /// Every hash on the way, caught as it is made.
    private static func hashes(_ change: ChangeBytes, _ place: ChainPlace) -> JSON {
        let made = Made()
        let result = change.hash(in: place) { message in
            let hash = sha256(message)
            made.hashes.withLock { $0.append(hex(hash)) }
            return hash
        }
        let all = made.hashes.withLock(\.self)
        return .object([
            (
                "leaves",
                .array(
                    change.remains == nil
                        ? all.dropLast(2).map { .text($0) }
                        : change.hashedLeaves.map { .text(hex($0.hash(change.bytes, sha256))) })
            ),
            ("body", .text(all[all.count - 2])),
            ("change", .text(hex(result.bytes))),
        ])
    }

    private final class Made: Sendable {
        let hashes = Mutex<[String]>([])
    }

    /// The digest of a collection that holds nothing but what this change adds.
    private static func digest(_ change: Change, _ dot: Dot) -> StateDigest {
        var hasher = StateDigest.Hasher()
        var digest = StateDigest()
        for edit in change.edits {
            for operation in edit.effects {
                guard case .put(let value) = operation.effect else { continue }
                digest.add(
                    hasher.item(
                        record: edit.record, type: edit.type, cell: operation.cell, dot: dot,
                        value: value))
            }
        }
        return digest
    }

    /// `before` is the hash before the run's first change, which the run need not carry.
    static func run(
        _ run: SignedRun, collection: CollectionID, before: ChainHash, publicKey: [UInt8]
    ) throws -> JSON {
        var previous = before
        var changes: [JSON] = []
        for (number, bytes) in run.changes.enumerated() {
            let change = try ChangeBytes(bytes)
            let dot = Dot(replica: run.author, sequence: run.first + UInt64(number))
            let place = ChainPlace(collection: collection, dot: dot, previous: previous)
            previous = change.hash(in: place, using: sha256)
            changes.append(self.change(change, in: place))
        }
        return .object([
            ("kind", .text("run")), ("author", .text(run.author.description)),
            ("public_key", .text(hex(publicKey))), ("first", .integer(Int64(run.first))),
            ("previous", run.previous.map { .text(hex($0.bytes)) } ?? .null),
            ("collection", .text(collection.description)), ("before", .text(hex(before.bytes))),
            ("changes", .array(changes)),
            ("signed_message", .text(hex(SignedRun.signedMessage(previous)))),
            ("signature", .text(hex(run.signature))),
        ])
    }

    static func certificate(_ certificate: Certificate, authority: [UInt8]) -> JSON {
        .object([
            ("kind", .text("certificate")), ("authority", .text(hex(authority))),
            ("replica", .text(certificate.replica.description)),
            ("public_key", .text(hex(certificate.publicKey))), ("name", .text(certificate.name)),
            ("issued_at", .integer(certificate.issuedAt)),
            ("signed_message", .text(hex(certificate.signedMessage))),
            ("signature", .text(hex(certificate.signature))),
        ])
    }

    static func digest(_ digest: StateDigest, of records: [RecordID: RecordState]) -> JSON {
        var hasher = StateDigest.Hasher()
        var siblings: [JSON] = []
        for (record, state) in records.sorted(by: { $0.key < $1.key }) {
            let cells = state.cells.sorted {
                ($0.key.field, hex($0.key.key.bytes)) < ($1.key.field, hex($1.key.key.bytes))
            }
            for (name, cell) in cells {
                for sibling in cell.siblings {
                    let item = hasher.item(
                        record: record, type: Receiver.type, cell: name, dot: sibling.dot,
                        value: sibling.value)
                    siblings.append(
                        .object([
                            ("record", .text(record.description)), ("type", .text(Receiver.type)),
                            ("field", .text(name.field)), ("key", value(name.key)),
                            ("replica", .text(sibling.dot.replica.description)),
                            ("sequence", .integer(Int64(sibling.dot.sequence))),
                            ("value", value(sibling.value)),
                            ("item", .text(Identifier(item).description)),
                        ]))
                }
            }
        }
        return .object([
            ("kind", .text("digest")), ("digest", .text(digest.description)),
            ("siblings", .array(siblings)),
        ])
    }
}
