import Foundation
import GRDB
public import SijilCore

/// What a local write did.
public struct WriteResult: Sendable {
    /// The change that was written; `nil` when there was nothing to change.
    public var dot: Dot?
    /// The cells that changed, the liveness cell included when a record was made, deleted or brought back.
    public var changed: [(record: RecordID, cell: CellName)]
    /// Records that did not exist before.
    public var created: Set<RecordID>
}

extension Replica {
    /// Writes one change: atomic, signed, and on the disk when this returns.
    ///
    /// Operations that would change nothing are left out, and a change without any is not written: so
    /// importing the same file again is free. A cell in conflict is settled by writing to it, also with the
    /// value that it shows.
    ///
    /// - Parameters:
    ///   - edits: at most one per record.
    ///   - note: why, for whoever reads the history.
    /// - Throws: `notPermitted` for a reader, `notFound` for a collection that is not here, `badData` for a
    ///   change beyond ``Limits`` or a second value of a field that is written once.
    @discardableResult
    public func write(
        _ edits: [RecordEdit], in collection: CollectionID, note: String? = nil
    ) throws -> WriteResult {
        try transaction { db in
            let writer = try CollectionWriter(collection, tables(db), db)
            try checkMayWrite(writer.number, db)
            var result = WriteResult(dot: nil, changed: [], created: [])
            var effective: [RecordEdit] = []
            for edit in edits {
                if let edit = try self.effective(edit, writer.number, &result, db) {
                    effective.append(edit)
                }
            }
            guard !effective.isEmpty else { return result }
            let head = writer.head(of: id)
            var others = writer.vector
            others[id] = 0
            let offset = Int64.fromDatabaseValue(
                try Settings.value("clock_offset", db) ?? .null)
            let change = Change(
                seen: others.advanced(since: head.seen), writtenAt: environment.now(),
                clockOffset: offset, note: note, edits: effective)
            let encoded = try ChangeBytes(
                change, secret: environment.randomBytes(ChangeBytes.secretCount))
            let dot = Dot(replica: id, sequence: head.sequence + 1)
            let hash = encoded.hash(
                in: ChainPlace(collection: collection, dot: dot, previous: head.hash),
                using: sha256)
            try writer.append(
                encoded, dot: dot, hash: hash, signature: key.sign(SignedRun.signedMessage(hash)),
                position: nil)
            try writer.finish()
            result.dot = dot
            return result
        }
    }

    private func checkMayWrite(_ collection: Int64, _ db: Database) throws {
        let role = try String.fetchOne(
            db.cachedStatement(sql: "SELECT role FROM collection WHERE n = ?"),
            arguments: [collection])
        guard role.flatMap(Role.init(rawValue:))?.mayWrite == true else {
            throw SijilError(
                .notPermitted, "This replica may read that collection, not change it.",
                hint: "Ask a coordinator for the role of editor.")
        }
    }

    /// What is left of an edit without the operations that would change nothing.
    private func effective(
        _ edit: RecordEdit, _ collection: Int64, _ result: inout WriteResult, _ db: Database
    ) throws -> RecordEdit? {
        let tables = try tables(db)
        let row = try tables.table(of: edit.type)
            .find(edit.record, type: edit.type, collection: collection)
        guard let row else {
            guard !edit.deletes else { return nil }
            result.created.insert(edit.record)
            result.changed.append((edit.record, .liveness))
            var edit = edit
            edit.operations.removeAll { $0.effect == .remove || $0.effect == .put(.none) }
            result.changed += edit.operations.map { (edit.record, $0.cell) }
            return edit
        }
        var kept: [CellOperation] = []
        for operation in edit.operations {
            let cell = try tables.cell(operation.cell, of: row, db)
            if try isNeeded(operation, in: cell, type: edit.type) { kept.append(operation) }
        }
        let life = try tables.cell(.liveness, of: row, db)
        let changesLife =
            life.isContested || Policy.liveness.shown(life)?.value != .boolean(edit.deletes)
        // An ordinary edit does not settle whether a contested record lives, unless it says nothing else.
        let isAboutLife = edit.deletes || edit.operations.isEmpty
        guard !kept.isEmpty || (changesLife && (isAboutLife || row.deleted)) else { return nil }
        result.changed += kept.map { (edit.record, $0.cell) }
        if changesLife { result.changed.append((edit.record, .liveness)) }
        return RecordEdit(
            record: edit.record, type: edit.type, deletes: edit.deletes, operations: kept)
    }

    private func isNeeded(
        _ operation: CellOperation, in cell: Cell, type: String
    ) throws -> Bool {
        let isSettled = !cell.isContested
        switch operation.effect {
        case .remove: return !cell.siblings.isEmpty
        case .put(let value):
            guard let present = cell.siblings.first else { return value != .none }
            if isSettled, present.value == value { return false }
            let isOnce = schema[type]?.policy(of: operation.cell) == .once
            if isOnce, isSettled, present.value != .none {
                throw SijilError(
                    .badData, "This field is written once and has a value.",
                    place: operation.cell.field)
            }
            return true
        }
    }
}
