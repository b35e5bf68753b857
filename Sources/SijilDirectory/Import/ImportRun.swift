import SijilCore
import SijilStore

/// One run of an import: collects rows into a batch, writes it, counts.
final class ImportRun {
    private struct Pending {
        var row: SourceRow
        var edits: [RecordEdit]
        var newRecords: Set<RecordID>
        /// What was here when the row was compared; see ``Replica/seen()``.
        var seen: VersionVector?
    }

    private(set) var report = ImportReport()
    private let replica: Replica
    private let collection: CollectionID
    private let options: ImportOptions
    private let rejectFile: RejectFile?
    private let belongings: KnownBelongings

    private var batch: [Pending] = []
    private var batchBytes = 0
    /// The records that the batch changes, as their rows have them.
    private var batchRecords: [RecordID: ImportedRecord] = [:]
    /// What was here when the batch's first row was compared: what comes in after that is not replaced.
    private var seen: VersionVector?
    /// In a dry run: the records that would have been written, with what their last row said.
    private var dryRecords: [RecordID: Int] = [:]

    init(_ replica: Replica, _ collection: CollectionID, _ options: ImportOptions) {
        self.replica = replica
        self.collection = collection
        self.options = options
        belongings = KnownBelongings(replica)
        rejectFile = options.isDryRun ? nil : options.rejectFile.map(RejectFile.init)
    }

    /// Takes a row in.
    ///
    /// - Returns: whether a batch was written.
    func take(_ row: SourceRow) throws -> Bool {
        report.rows += 1
        var records: [ImportedRecord]
        switch row.content {
        case .failure(let failure):
            try reject(row, failure)
            return false
        case .success(let content): records = content
        }
        let known = records.count
        records = try belongings.unknown(among: records)
        report.unchanged += known - records.count
        report.leftOut += records.reduce(0) { $0 + $1.leftOut }
        var hasWritten = false
        // A record that the batch is about to change cannot be compared before that is done.
        if records.contains(where: { batchRecords[$0.id] ?? $0 != $0 }) {
            try flush()
            hasWritten = true
        }
        do {
            let results = try reconcile(records)
            try add(row, results, records)
        } catch let error as SijilError where Self.isAboutRow(error) {
            try reject(row, RowFailure(error: error))
        }
        if batchBytes >= Limits.batchBytes || batchRecords.count >= ImportLimits.recordsPerBatch {
            try flush()
            hasWritten = true
        }
        return hasWritten
    }

    func finish() throws { try flush() }

    /// Whether an error is the row's fault: the rest goes on.
    ///
    /// Any other ends the import.
    private static func isAboutRow(_ error: SijilError) -> Bool {
        [.badData, .unknownField, .unknownType, .erased].contains(error.code)
    }

    // MARK: Comparing

    /// What the row's records come to; `nil` for one that the batch has already, in the same words.
    private func reconcile(_ records: [ImportedRecord]) throws -> [Reconciliation?] {
        if seen == nil { seen = try replica.seen()[collection] }
        return try records.map { record in
            if batchRecords[record.id] != nil { return nil }
            return try Reconciliation(
                record, present: try present(record), schema: replica.schema,
                collection: collection, rules: options.rules)
        }
    }

    /// The record as it is here: the copy in this collection, when others have one as well.
    private func present(_ record: ImportedRecord) throws -> RecordView? {
        let copies = try replica.copies(of: record.id)
        let here = copies.filter { $0.collection == collection }
        if let origin = record.origin, origin != collection, !here.isEmpty,
            copies.contains(where: { $0.collection == origin })
        {
            throw SijilError(
                .badData, "The record is of another collection; this one has a copy of its own.",
                hint: "Leave 'collection' out to change the copy here.", place: "collection")
        }
        guard
            let view = here.first(where: { $0.type == record.type }) ?? here.first
                ?? copies.first(where: { !$0.isErased }) ?? copies.first
        else { return nil }
        guard !view.isErased else {
            report.erased += 1
            throw SijilError(
                .erased, "The record was erased: nothing is written to it any more.",
                hint: "Leave the row out. 'sijil show ID' says who erased it and when.", place: "id"
            )
        }
        guard view.collection == collection else {
            throw SijilError(
                .badData, "A record with this id is in another collection of this replica.",
                hint: "An id means one record: leave it out to make a copy.", place: "id")
        }
        guard view.type == record.type else {
            throw SijilError(
                .badData, "The record with this id has another type.", place: "id")
        }
        return view
    }

    private func add(
        _ row: SourceRow, _ results: [Reconciliation?], _ records: [ImportedRecord]
    ) throws {
        var pending = Pending(row: row, edits: [], newRecords: [], seen: seen)
        var changed: [RecordID: ImportedRecord] = [:]
        var unchanged = 0
        for (result, record) in zip(results, records) {
            if let result {
                report.cleanedTexts += result.cleanedTexts
                report.keptRestrictions += result.keptRestrictions
                report.unreadableNumbers += result.unreadableNumbers
                report.unreadableAddresses += result.unreadableAddresses
                report.earlyEnds += result.earlyEnds
                report.unknownConsents += result.unknownConsents
                report.lostRivals += result.lostRivals
                report.leftDeleted += result.isLeftDeleted ? 1 : 0
            }
            guard let edit = result?.edit, !isKnownToDryRun(edit) else {
                unchanged += 1
                continue
            }
            pending.edits.append(edit)
            changed[record.id] = record
            if result?.isNew == true { pending.newRecords.insert(record.id) }
        }
        report.unchanged += unchanged
        guard !pending.edits.isEmpty else { return }
        let bytes = pending.edits.reduce(0) { $0 + $1.estimatedBytes }
        let isLarge = bytes > Limits.batchBytes
        if isLarge || batchBytes + bytes > Limits.changeBytes / 2 { try flush() }
        batch.append(pending)
        batchBytes += bytes
        batchRecords.merge(changed) { $1 }
        if isLarge { try flush() }
    }

    // MARK: Writing

    private func flush() throws {
        defer {
            batch = []
            batchBytes = 0
            batchRecords = [:]
            seen = nil
        }
        guard !batch.isEmpty else { return }
        if options.isDryRun {
            countDry()
            return
        }
        if batchBytes <= Limits.changeBytes / 2 {
            do {
                count(
                    [
                        try replica.write(
                            batch.flatMap(\.edits), in: collection, note: options.note,
                            seen: batch[0].seen)
                    ],
                    of: batchRecords.count)
                return
            } catch let error as SijilError where Self.isAboutRow(error) {
                // Some row is to blame: one by one, only that one is lost.
            }
        }
        for pending in batch {
            do {
                count(try write(pending), of: pending.edits.count)
            } catch let error as SijilError where Self.isAboutRow(error) {
                try reject(pending.row, RowFailure(error: error))
            }
        }
    }

    /// Writes one row, in several changes when it is too large for one.
    private func write(_ pending: Pending) throws -> [WriteResult] {
        func write(_ edits: [RecordEdit]) throws -> WriteResult {
            try replica.write(edits, in: collection, note: options.note, seen: pending.seen)
        }
        let bytes = pending.edits.reduce(0) { $0 + $1.estimatedBytes }
        guard bytes > ImportLimits.pieceBytes else { return [try write(pending.edits)] }
        return try pending.edits.flatMap { $0.pieces(of: ImportLimits.pieceBytes) }
            .map { try write([$0]) }
    }

    private func count(_ results: [WriteResult], of records: Int) {
        let created = results.reduce(into: Set<RecordID>()) { $0.formUnion($1.created) }
        let changed = results.reduce(into: Set<RecordID>()) {
            $0.formUnion($1.changed.map(\.record))
        }
        report.created += created.count
        report.updated += changed.subtracting(created).count
        report.unchanged += records - changed.union(created).count
    }

    // MARK: Dry runs

    /// In a dry run nothing is there to compare a later row with; what the earlier one said is.
    private func isKnownToDryRun(_ edit: RecordEdit) -> Bool {
        options.isDryRun && dryRecords[edit.record] == edit.hashValue
    }

    private func countDry() {
        for pending in batch {
            for edit in pending.edits {
                let isKnown = dryRecords.updateValue(edit.hashValue, forKey: edit.record) != nil
                if pending.newRecords.contains(edit.record), !isKnown {
                    report.created += 1
                } else {
                    report.updated += 1
                }
            }
        }
    }

    // MARK: Rejecting

    private func reject(_ row: SourceRow, _ failure: RowFailure) throws {
        report.rejected += 1
        if report.rejections.count < ImportLimits.namedRejections {
            report.rejections.append(
                ImportReport.Rejection(
                    line: failure.line ?? row.line, column: failure.column, error: failure.error))
        }
        guard let rejectFile else { return }
        try rejectFile.write(row, failure)
        if rejectFile.isMade { report.rejectFile = rejectFile.path }
    }
}
