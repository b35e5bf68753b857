import Foundation
import GRDB
public import SijilCore

/// What a device may do with a collection.
///
/// The server decides; the replica remembers.
public enum Role: String, Sendable, CaseIterable {
    case reader, editor, coordinator
    /// The grant was taken away; what was here is still here.
    case withdrawn

    public var mayWrite: Bool { self == .editor || self == .coordinator }
}

/// A collection as the server grants it.
public struct CollectionGrant: Hashable, Sendable {
    public var id: CollectionID
    public var name: String
    /// `roster` or `practices`.
    public var kind: String
    public var role: Role

    public init(id: CollectionID, name: String, kind: String, role: Role) {
        self.id = id
        self.name = name
        self.kind = kind
        self.role = role
    }
}

/// What a replica holds of a collection.
public struct CollectionSummary: Sendable {
    public var grant: CollectionGrant
    /// The highest position applied.
    public var cursor: UInt64
    /// Living records.
    public var records = 0
    /// Applied changes.
    public var changes = 0
    /// Changes that the server has not confirmed.
    public var pending = 0
    /// Changes that wait for what their authors had seen.
    public var held: Int
    /// Why the server refused the pending changes, when it did; or will not be asked, because the collection was
    /// withdrawn.
    public var refusal: String?
    public var digest = StateDigest()
}

extension Replica {
    /// Adds the collections that are new and updates the names and roles of the others; those that
    /// are not among them any more are ``Role/withdrawn``.
    ///
    /// Idempotent.
    public func setGrants(_ grants: [CollectionGrant]) throws {
        try transaction { db in
            try db.execute(
                sql: "UPDATE collection SET role = ?", arguments: [Role.withdrawn.rawValue])
            for grant in grants {
                try db.execute(
                    sql: """
                        INSERT INTO collection (id, name, kind, role) VALUES (?, ?, ?, ?)
                        ON CONFLICT (id) DO UPDATE SET name = excluded.name,
                            kind = excluded.kind, role = excluded.role
                        """,
                    arguments: [grant.id.stored, grant.name, grant.kind, grant.role.rawValue])
            }
        }
    }

    /// What this replica holds, by name.
    ///
    /// Costs as much as there are authors, however many records and changes there are.
    public func collections() throws -> [CollectionSummary] {
        try read { db in
            let rows = try Row.fetchAll(
                db.cachedStatement(
                    sql: """
                        SELECT n, id, name, kind, role, cursor, refusal,
                            (SELECT count(*) FROM held h WHERE h.collection = c.n) AS held
                        FROM collection c ORDER BY name, id
                        """))
            return try rows.map { row in
                var summary = CollectionSummary(
                    grant: CollectionGrant(
                        id: try Identifier(stored: row["id"]), name: row["name"],
                        kind: row["kind"], role: Role(rawValue: row["role"]) ?? .reader),
                    cursor: UInt64(clamping: row["cursor"] as Int64),
                    held: row["held"], refusal: row["refusal"])
                try addAuthors(of: row["n"], to: &summary, db)
                if summary.grant.role == .withdrawn, summary.pending > 0 {
                    summary.refusal = summary.refusal ?? SijilError.Code.notPermitted.rawValue
                }
                return summary
            }
        }
    }

    private func addAuthors(
        of collection: Int64, to summary: inout CollectionSummary, _ db: Database
    ) throws {
        let authors = try db.readied(
            """
            SELECT a.sequence, a.digest, a.records,
                (SELECT p.sequence + p.count - 1 FROM placed p
                    WHERE p.collection = a.collection AND p.replica = a.replica
                    ORDER BY p.sequence DESC LIMIT 1)
            FROM author a WHERE a.collection = ?
            """)
        authors.bind(collection, at: 1)
        _ = try authors.all { row in
            // Wrapping: a damaged number is for `verify` to find, not to end the program.
            summary.changes &+= Int(row.integer(0))
            summary.pending &+= Int(max(0, row.integer(0) &- row.integer(3)))
            summary.digest.add(Identifier(bytes: row.bytes(1))?.rawValue ?? 0)
            summary.records &+= Int(row.integer(2))
        }
    }

    /// The collection with this identifier, this name, or an identifier that begins so.
    ///
    /// - Throws: `notFound` for none, `usage` when several fit.
    public func collection(named text: String) throws -> CollectionSummary {
        let all = try collections()
        if let exact = all.first(where: { $0.grant.id.description == text.lowercased() }) {
            return exact
        }
        let byName = all.filter { $0.grant.name == text }
        let found =
            byName.isEmpty && text.count >= 4
            ? all.filter { $0.grant.id.description.hasPrefix(text.lowercased()) } : byName
        guard let first = found.first else {
            throw SijilError(
                .notFound, "This replica does not hold that collection.",
                hint: "'sijil collections' lists what it holds.")
        }
        guard found.count == 1 else {
            throw SijilError(
                .usage, "Several collections are called so.", hint: "Use the collection's id.")
        }
        return first
    }

    // MARK: Settings

    /// What people call this device.
    public var name: String {
        get throws { try text("name") ?? id.abbreviated }
    }

    /// A remembered text, such as the server's address.
    public func text(_ key: String) throws -> String? {
        try read { try String.fromDatabaseValue(Settings.value(key, $0) ?? .null) }
    }

    public func number(_ key: String) throws -> Int64? {
        try read { try Int64.fromDatabaseValue(Settings.value(key, $0) ?? .null) }
    }

    /// Remembers texts and numbers, all or none.
    public func remember(texts: [String: String] = [:], numbers: [String: Int64] = [:]) throws {
        try transaction { db in
            for (key, value) in texts { try Settings.set(key, value.databaseValue, db) }
            for (key, value) in numbers { try Settings.set(key, value.databaseValue, db) }
        }
    }
}
