import GRDB
public import SijilCore
import SijilNames

/// A record that a search found.
public struct SearchHit: Sendable {
    public var record: RecordView
    /// Higher is better, 1 at most, a little above near an area that was asked for: the reasons lie one below the other, and within one the record of which more
    /// fits comes first.
    public var score: Double
    /// What matched, a stable code: `exact`, `squash` (but for spaces), `word`, `number`, `prefix`, `key+spelling`
    /// (the same consonants, and it sounds alike), `key` (the same consonants).
    public var why: String
}

/// A record with a name that may be the one that was asked for.
public struct Namesake: Sendable {
    public var record: RecordView
    /// From 0 to 1: see ``SijilNames/SpokenName/resemblance(to:)``; of the two names that are most alike.
    public var resemblance: Double
    /// How many parts of these names share a key.
    public var sharedParts: Int
}

extension Replica {
    /// Records with a name, number or words that fit `query`, in any script and spelling, best first.
    ///
    /// Names with everything that the query has come before those with similar ones: exactly so, but for spaces,
    /// all words, beginnings of words, the same consonants. A query is a number when it has four digits or more
    /// and no letters: then numbers are found that begin or end so.
    ///
    /// Costs as much for a name that everybody has as for any other: of each kind of match
    /// no more than some thousand records are looked at.
    ///
    /// - Parameters:
    ///   - areas: records that refer to one of these come before others that fit for the same reason.
    public func find(
        _ query: String, type: String? = nil, near areas: Set<RecordID> = [], limit: Int
    ) throws -> [SearchHit] {
        let query = SearchQuery(query)
        guard !query.expressions.isEmpty, type.map({ schema[$0] != nil }) ?? true else { return [] }
        return try read { db in
            var found: [(number: Int64, match: SearchQuery.Match)] = []
            var seen = Set<Int64>()
            for (step, expression) in query.expressions {
                // What is here already may be better than all that could still come.
                let best = found.count { $0.match.score >= step.best }
                guard areas.isEmpty ? best < limit : best < max(limit, Self.maximalNear) else {
                    break
                }
                try forEachEntry(expression, type: type, limit: limit, db) { number, entry in
                    guard seen.insert(number).inserted else { return }
                    found.append((number, query.match(entry, step)))
                }
            }
            found.sort { ($1.match.score, $0.number) < ($0.match.score, $1.number) }
            return try hits(found, near: areas, limit: limit, db)
        }
    }

    private func hits(
        _ found: [(number: Int64, match: SearchQuery.Match)], near areas: Set<RecordID>,
        limit: Int, _ db: Database
    ) throws -> [SearchHit] {
        var hits: [SearchHit] = []
        for (number, match) in found.prefix(areas.isEmpty ? limit : max(limit, Self.maximalNear)) {
            guard let record = try record(number: number, db) else { continue }
            let isNear = !areas.isEmpty && record.refers(to: areas)
            hits.append(
                SearchHit(
                    record: record, score: isNear ? match.score + Self.nearness : match.score,
                    why: match.why.rawValue))
        }
        guard !areas.isEmpty else { return hits }
        let order = hits.indices.sorted {
            (hits[$1].score, $0) < (hits[$0].score, $1)
        }
        return order.prefix(limit).map { hits[$0] }
    }

    /// How many candidates are read to see which are near.
    private static let maximalNear = 200
    /// Less than what lies between two reasons.
    private static let nearness = 0.04
    /// How many entries of the index are looked at for one step.
    private static let maximalEntries = 1000

    /// Calls `body` with the entries that the search index gives, by record number.
    private func forEachEntry(
        _ expression: String, type: String?, limit: Int, _ db: Database,
        _ body: (Int64, [UInt8]) throws -> Void
    ) throws {
        // A record's number has its type in the low byte.
        let ofType = type == nil ? "" : "AND rowid & 255 = ?3"
        let select = try db.readied(
            """
            SELECT rowid, text FROM search WHERE search MATCH ?1 \(ofType) ORDER BY rowid LIMIT ?2
            """)
        select.bind(expression, at: 1)
        select.bind(Int64(max(limit, Self.maximalEntries)), at: 2)
        if let type { select.bind(try Names.number(ofType: type, db), at: 3) }
        defer { select.finish() }
        while try select.step() { try body(select.integer(0), select.bytes(1)) }
    }

    // MARK: For those who look for duplicates

    /// Records of a type with a name that may be one of `names`: two parts of it are alike, or the only one is.
    ///
    /// A likeness of names and nothing more. At most some thousand records are looked at.
    public func namesakes(
        of names: [String], type: String, limit: Int
    ) throws -> [Namesake] {
        guard schema[type] != nil else { return [] }
        let names = names.map { SpokenName($0) }
        return try read { db in
            var found: [Int64: (resemblance: Double, sharedParts: Int)] = [:]
            for name in names {
                guard let expression = name.candidates else { continue }
                try forEachEntry(expression, type: type, limit: limit, db) { number, entry in
                    for other in SpokenName.names(in: entry) {
                        let resemblance = name.resemblance(to: other)
                        guard resemblance > found[number]?.resemblance ?? 0 else { continue }
                        found[number] = (resemblance, name.sharedParts(with: other))
                    }
                }
            }
            let best = found.sorted {
                ($1.value.resemblance, $0.key) < ($0.value.resemblance, $1.key)
            }
            return try best.prefix(limit)
                .compactMap { number, found in
                    try record(number: number, db)
                        .map {
                            Namesake(
                                record: $0, resemblance: found.resemblance,
                                sharedParts: found.sharedParts)
                        }
                }
        }
    }

    /// Records of a type with this telephone number: the last eight digits are the same, or all of a shorter one.
    public func records(
        withNumber number: String, type: String, limit: Int
    ) throws -> [RecordView] {
        guard schema[type] != nil, let expression = NumberQuery.expression(number) else {
            return []
        }
        return try read { db in
            var found: [RecordView] = []
            try forEachEntry(expression, type: type, limit: limit, db) { number, _ in
                guard found.count < limit, let record = try record(number: number, db) else {
                    return
                }
                found.append(record)
            }
            return found
        }
    }
}

extension RecordView {
    /// Whether a field shows a reference to one of these.
    fileprivate func refers(to ids: Set<RecordID>) -> Bool {
        cells.keys.contains { cell in
            if case .reference(let id) = shown(cell), ids.contains(id) { return true }
            guard case .reference(let member) = cell.key, ids.contains(member) else { return false }
            return shown(cell) == .boolean(true)
        }
    }
}
