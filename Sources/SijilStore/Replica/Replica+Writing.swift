import Foundation
import GRDB
public import SijilCore

/// What a local write did.
public struct WriteResult: Sendable {
    /// The change that was written; `nil` when there was nothing to change.
    public var dot: Dot?
    /// The cells that changed of records that existed before, the liveness cell included when one was
    /// deleted or brought back.
    public var changed: [(record: RecordID, cell: CellName)]
    /// Records that did not exist before, ascending.
    public var created: [RecordID]
}

extension Replica {
    /// Writes one change: atomic, chained, and on the disk when this returns.
    ///
    /// It is signed when it leaves.
    ///
    /// Operations that would change nothing are left out, and a change without any is not written: so
    /// importing the same file again is free. A cell in conflict is settled by writing to it, also with the
    /// value that it shows.
    ///
    /// - Parameters:
    ///   - edits: at most one per record.
    ///   - note: why, for whoever reads the history.
    ///   - seen: what the author had seen when they decided, from ``seen()`` before they read; `nil` for
    ///     everything that is here. What another process took in since then is not replaced.
    /// - Throws: `notPermitted` for a reader, `notFound` for a collection that is not here, `badData` for a
    ///   change beyond ``Limits`` or a second value of a field that is written once, `erased` for a record that
    ///   was erased. To erase one needs the role of coordinator.
    @discardableResult
    public func write(
        _ edits: [RecordEdit], in collection: CollectionID, note: String? = nil,
        seen: VersionVector? = nil
    ) throws -> WriteResult {
        try transaction(onlyAppends: true) { db in
            let writer = try writer(of: collection, db)
            guard writer.role.mayWrite else {
                throw SijilError(
                    .notPermitted, "This replica may read that collection, not change it.",
                    hint: "Ask a coordinator for the role of editor.")
            }
            var result = WriteResult(dot: nil, changed: [], created: [])
            let hasErased = try hasErased(db)
            // In the order of the change, so that each row stays with its edit.
            var effective: [RecordEdit] = []
            effective.reserveCapacity(edits.count)
            var rows: [RecordRow?] = []
            rows.reserveCapacity(edits.count)
            for edit in edits.inOrder {
                if edit.erases { try checkMayErase(writer) }
                let row = try row(for: edit, in: writer.number, db)
                let isMade = row == nil && !edit.deletes && !edit.erases
                if hasErased, isMade, try isErased(edit.record, in: writer.number, db) {
                    throw Self.erased
                }
                if let edit = try self.effective(edit, on: row, &result, db) {
                    effective.append(edit)
                    rows.append(row)
                }
            }
            guard !effective.isEmpty else { return result }
            let head = writer.head(of: id)
            var others = seen ?? writer.vector
            others[id] = 0
            let change = Change(
                seen: others.advanced(since: try writer.seen(by: id)), writtenAt: environment.now(),
                clockOffset: try clockOffset(db), note: note,
                keysInLeaves: effective.contains { $0.operations.contains(where: \.hasTextKey) },
                edits: effective)
            let encoded = try ChangeBytes(
                change, secret: environment.randomBytes(ChangeBytes.secretCount))
            let dot = Dot(replica: id, sequence: head.sequence + 1)
            let place = ChainPlace(collection: collection, dot: dot, previous: head.hash)
            // Hashing takes as long as SQLite: on the other core, meanwhile.
            let sums = Parallel.start(isLarge: effective.count > 31) {
                CollectionWriter.Sums(encoded, dot, hash: encoded.hash(in: place, using: sha256))
            }
            try writer.append(
                encoded, dot: dot, sums: sums, proof: { Proof(bytes: $0.bytes) }, rows: rows)
            try finish(writer, db)
            result.dot = dot
            return result
        }
    }

    /// What has been applied here, by collection.
    ///
    /// To be read before the records that a person decides on, and given to ``write(_:in:note:seen:)``.
    public func seen() throws -> [CollectionID: VersionVector] {
        try read { db in
            var seen: [CollectionID: VersionVector] = [:]
            let rows = try Row.fetchCursor(
                db,
                sql: """
                    SELECT c.id, a.replica, a.sequence FROM collection c
                    LEFT JOIN author a ON a.collection = c.n
                    """)
            while let row = try rows.next() {
                let collection = try Identifier(stored: row[0])
                var vector = seen[collection, default: [:]]
                if let replica = row[1] as Int64?, let sequence = row[2] as Int64? {
                    vector[try names.replica(replica, db)] = UInt64(clamping: sequence)
                }
                seen[collection] = vector
            }
            return seen
        }
    }

    /// The record's row with the columns that an edit touches.
    private func row(
        for edit: RecordEdit, in collection: Int64, _ db: Database
    ) throws -> RecordRow? {
        let table = try tables(db).table(of: edit.type)
        var present: Range<Int>?
        if edit.operations.count == 1, let operation = edit.operations.first,
            table.qualified(by: operation.cell) == nil
        {
            let column =
                operation.cell.key == .none ? table.column(of: operation.cell.field) : nil
            present = column.map { $0..<$0 + 1 } ?? 0..<0
        }
        return try table.findToWrite(
            edit.record, type: edit.type, collection: collection, present: present)
    }

    private func checkMayErase(_ writer: CollectionWriter) throws {
        guard writer.role == .coordinator else {
            throw SijilError(
                .notPermitted, "Only a coordinator of the collection may erase a record.",
                hint: "Ask a coordinator to do it.")
        }
    }

    private static var erased: SijilError {
        SijilError(
            .erased, "The record was erased: nothing is written to it any more.",
            hint: "'sijil show ID' says who erased it and when.")
    }

    /// What is left of an edit without the operations that would change nothing.
    private func effective(
        _ edit: RecordEdit, on row: RecordRow?, _ result: inout WriteResult, _ db: Database
    ) throws -> RecordEdit? {
        let tables = try tables(db)
        if edit.erases { return row?.isErased == true ? nil : edit }
        guard let row else {
            guard !edit.deletes else { return nil }
            result.created.append(edit.record)
            guard edit.operations.contains(where: \.changesNothingNew) else { return edit }
            var edit = edit
            edit.operations.removeAll(where: \.changesNothingNew)
            return edit
        }
        guard !row.isErased else { throw Self.erased }
        var kept: [CellOperation] = []
        for operation in edit.operations {
            if try isNeeded(operation, on: row, type: edit.type, tables, db) {
                kept.append(operation)
            }
        }
        kept += try repeated(edit.operations, besides: kept, on: row, tables, db)
        let changesLife =
            try row.deleted != edit.deletes
            || tables.content(of: .liveness, of: row, db).isContested
        // What changes a cell says that the record lives, and settles that if it was contested; what would
        // change nothing else is written only when it is about the record's life.
        let isAboutLife = edit.deletes || edit.operations.isEmpty
        guard !kept.isEmpty || (changesLife && (isAboutLife || row.deleted)) else { return nil }
        result.changed += kept.map { (edit.record, $0.cell) }
        if changesLife { result.changed.append((edit.record, .liveness)) }
        return RecordEdit(
            record: edit.record, type: edit.type, deletes: edit.deletes,
            operations: kept + (try restated(by: kept, on: row, tables, db)))
    }

    /// What is there already and is asked for again, because it does not count for what it says more of.
    ///
    /// That has another author, or is later, or changed by the same edit: see ``Field/qualifies``.
    private func repeated(
        _ operations: [CellOperation], besides kept: [CellOperation], on row: RecordRow,
        _ tables: RecordTables, _ db: Database
    ) throws -> [CellOperation] {
        let table = tables.table(of: row.type)
        return try operations.filter { operation in
            guard let subject = table.qualified(by: operation.cell),
                case .put(let value) = operation.effect, value != .none,
                !kept.contains(where: { $0.cell == operation.cell })
            else { return false }
            if kept.contains(where: { $0.cell == subject }) { return true }
            let cells = try tables.state(of: row, db)
            let policy = table.policy(of: subject)
            let authors = cells[operation.cell]?.siblings.map(\.dot) ?? []
            return (cells[subject]?.siblings ?? [])
                .contains { said in
                    !policy.isMildest(said.value)
                        && !authors.contains {
                            $0.replica == said.dot.replica && $0.sequence >= said.dot.sequence
                        }
                }
        }
    }

    /// The values that are said again because more is said of them: see ``Field/qualifies``.
    private func restated(
        by operations: [CellOperation], on row: RecordRow, _ tables: RecordTables, _ db: Database
    ) throws -> [CellOperation] {
        let table = tables.table(of: row.type)
        return try operations.compactMap { operation in
            guard let subject = table.qualified(by: operation.cell),
                !operations.contains(where: { $0.cell == subject }),
                let cell = try tables.state(of: row, db)[subject]
            else { return nil }
            let policy = table.policy(of: subject)
            guard !policy.asks(cell), let value = policy.shown(cell)?.value,
                !policy.isMildest(value)
            else { return nil }
            return CellOperation(subject, .put(value))
        }
    }

    private func isNeeded(
        _ operation: CellOperation, on row: RecordRow, type: String, _ tables: RecordTables,
        _ db: Database
    ) throws -> Bool {
        let content = try tables.content(of: operation.cell, of: row, db)
        switch operation.effect {
        case .remove: return content.first != nil
        case .put(let value):
            guard let present = content.first else { return value != .none }
            if content.isContested { return true }
            if present == value { return false }
            if present != .none, tables.table(of: type).policy(of: operation.cell) == .once {
                throw SijilError(
                    .badData, "This field is written once and has a value.",
                    place: operation.cell.field)
            }
            return true
        }
    }
}

extension CellOperation {
    fileprivate var hasTextKey: Bool {
        if case .text = cell.key { true } else { false }
    }

    /// Whether it would do nothing to a cell that was never written.
    fileprivate var changesNothingNew: Bool {
        switch effect {
        case .remove, .put(.none): true
        case .put: false
        }
    }
}
