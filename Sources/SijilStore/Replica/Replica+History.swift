import Foundation
import GRDB
public import SijilCore

/// One operation in a record's past.
public struct HistoryEntry: Sendable {
    public var dot: Dot
    /// Milliseconds since 1970, by the server's clock as far as the author knew it.
    public var at: Int64
    public var cell: CellName
    /// What was written; `nil` for a member that left a set.
    public var value: Value?
    /// What its author saw there and replaced, also when somebody else had replaced it unseen.
    public var replaced: [Value]
    public var note: String?
}

/// One change of a log.
public struct LogEntry: Sendable {
    public var collection: CollectionID
    public var dot: Dot
    /// The server's number; `nil` while the server has not confirmed it, 0 when only a snapshot told that it has it.
    public var position: UInt64?
    public var at: Int64
    public var operations: Int
    public var note: String?
}

extension Replica {
    /// Who changed what of a record, when, and what it replaced; in the order in which it was applied here.
    ///
    /// Writing that a living record lives is left out, unless that was to be decided. Reads the authors' logs up to
    /// their last change of the record. What was changed before a snapshot that the collection began with here is not in it.
    ///
    /// - Throws: `notFound` when no collection of this replica has the record.
    public func history(of id: RecordID) throws -> [HistoryEntry] {
        try read { db in
            guard let (row, collection) = try locate(id, db) else {
                throw SijilError(.notFound, "There is no record with that id here.")
            }
            return try history(of: row, in: collection, db)
        }
    }

    func history(
        of row: RecordRow, in collection: Int64, _ db: Database
    ) throws -> [HistoryEntry] {
        guard !row.isErased else { return try erasures(of: row, in: collection, db) }
        let changes = try changes(touching: row, in: collection, db)
        var state = RecordState()
        var views: [CellName: AuthorsView] = [:]
        var entries: [HistoryEntry] = []
        for (dot, bytes, seen) in changes {
            let change = try ChangeBytes(bytes).change
            for edit in change.edits where edit.record == row.id && edit.type == row.type {
                let wasKnown = state.cells[.liveness] != nil
                let wasAlive = state.cells[.liveness]?.siblings
                    .contains { $0.value == .boolean(false) }
                state.apply(edit, dot: dot, at: change.correctedAt, seen: seen)
                let tellsLife = edit.deletes || !wasKnown || wasAlive == false
                for operation in [edit.liveness] + edit.operations {
                    var value: Value?
                    if case .put(let written) = operation.effect { value = written }
                    let replaced = views[operation.cell, default: AuthorsView()]
                        .write(value, dot: dot, seen: seen)
                    guard
                        operation.cell != .liveness || tellsLife
                            || replaced.contains(where: { $0 != value })
                    else { continue }
                    entries.append(
                        HistoryEntry(
                            dot: dot, at: change.correctedAt, cell: operation.cell,
                            value: value, replaced: replaced, note: change.note))
                }
            }
        }
        return entries
    }

    /// Who erased a record, and when: all that is left of its past.
    private func erasures(
        of row: RecordRow, in collection: Int64, _ db: Database
    ) throws -> [HistoryEntry] {
        let tables = try tables(db)
        let siblings = try tables.state(of: row, db)[.erasure]?.siblings ?? []
        return
            try siblings.map { sibling in
                HistoryEntry(
                    dot: sibling.dot, at: try tables.time(of: sibling.dot, collection, db),
                    cell: .erasure, value: sibling.value, replaced: [], note: nil)
            }
            .sorted { ($0.at, $0.dot) < ($1.at, $1.dot) }
    }

    /// The changes that touched a record, in the order of the journal, with all that each author had seen.
    private func changes(
        touching row: RecordRow, in collection: Int64, _ db: Database
    ) throws -> [(dot: Dot, bytes: [UInt8], seen: VersionVector)] {
        var sequences: [Int64: Set<Int64>] = [
            row.clock.base.replica: [Int64(clamping: row.clock.base.sequence)]
        ]
        let touches = try Row.fetchAll(
            db, sql: "SELECT replica, sequence FROM touch WHERE record = ?",
            arguments: [row.number])
        for touch in touches { sequences[touch[0], default: []].insert(touch[1]) }

        var found: [(n: Int64, dot: Dot, bytes: [UInt8], seen: VersionVector)] = []
        for (author, wanted) in sequences {
            let replica = try names.replica(author, db)
            let base = try base(of: collection, db)?.authors.first { $0.replica == replica }
            var seen = VersionVector()
            let log = try Row.fetchCursor(
                db,
                sql: """
                    SELECT n, sequence, bytes FROM journal
                    WHERE collection = ? AND replica = ? AND sequence <= ? ORDER BY sequence
                    """, arguments: [collection, author, wanted.max()])
            while let row = try log.next() {
                let sequence: Int64 = row[1]
                let bytes = Array(row[2] as Data)
                if let base, base.sequence < UInt64(clamping: sequence) { seen.merge(base.seen) }
                seen.merge(try ChangeBytes.seen(in: bytes))
                guard wanted.contains(sequence) else { continue }
                var whole = seen
                whole[replica] = UInt64(clamping: sequence &- 1)
                found.append(
                    (
                        row[0], Dot(replica: replica, sequence: UInt64(clamping: sequence)), bytes,
                        whole
                    ))
            }
        }
        return found.sorted { $0.n < $1.n }.map { ($0.dot, $0.bytes, $0.seen) }
    }

    /// The changes of a log, newest first by their corrected times; costs as much as there are changes.
    public func log(in collection: CollectionID?, limit: Int) throws -> [LogEntry] {
        try read { db in
            try newestKeys(in: collection, limit: limit, db)
                .map { key in
                    let change = try ChangeBytes(try journalBytes(key, db))
                    return LogEntry(
                        collection: try collectionID(key.collection, db),
                        dot: Dot(
                            replica: try names.replica(key.replica, db),
                            sequence: UInt64(clamping: key.sequence)),
                        position: try position(of: key, db), at: change.correctedAt,
                        operations: change.edits.reduce(change.erasedRecords.count) {
                            $0 + max(1, $1.operations.count)
                        },
                        note: change.note)
                }
        }
    }
}

/// Everything that was written to one cell, to tell what each author saw there.
private struct AuthorsView {
    private struct Write {
        var dot: Dot
        var value: Value?
        /// The later writes whose authors had seen this one.
        var replacedBy: [Dot] = []
    }

    private var writes: [Write] = []

    /// Adds a write.
    ///
    /// - Returns: the values that its author saw: those that no write they had seen replaced.
    mutating func write(_ value: Value?, dot: Dot, seen: VersionVector) -> [Value] {
        var replaced: [Value] = []
        for index in writes.indices where seen.contains(writes[index].dot) {
            guard !writes[index].replacedBy.contains(where: seen.contains) else { continue }
            writes[index].replacedBy.append(dot)
            if let value = writes[index].value { replaced.append(value) }
        }
        writes.append(Write(dot: dot, value: value))
        return replaced
    }
}
