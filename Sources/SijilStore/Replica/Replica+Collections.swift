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
    public var records: Int
    /// Applied changes.
    public var changes: Int
    /// Changes that the server has not confirmed.
    public var pending: Int
    /// Changes that wait for what their authors had seen.
    public var held: Int
    /// Why the server refused the pending changes, when it did.
    public var refusal: String?
    public var digest: StateDigest
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
                        INSERT INTO collection (id, name, kind, role, digest)
                        VALUES (?, ?, ?, ?, ?)
                        ON CONFLICT (id) DO UPDATE SET name = excluded.name,
                            kind = excluded.kind, role = excluded.role
                        """,
                    arguments: [
                        grant.id.stored, grant.name, grant.kind, grant.role.rawValue,
                        Identifier.zero.stored,
                    ])
            }
        }
    }

    /// What this replica holds, by name.
    public func collections() throws -> [CollectionSummary] {
        try read { db in
            let rows = try Row.fetchAll(
                db.cachedStatement(
                    sql: """
                        SELECT n, id, name, kind, role, cursor, refusal, digest,
                            (SELECT count(*) FROM journal j WHERE j.collection = c.n) AS changes,
                            (SELECT count(*) FROM journal j
                                WHERE j.collection = c.n AND j.position IS NULL) AS pending,
                            (SELECT count(*) FROM held h WHERE h.collection = c.n) AS held
                        FROM collection c ORDER BY name, id
                        """))
            return try rows.map { row in
                CollectionSummary(
                    grant: CollectionGrant(
                        id: try Identifier(stored: row["id"]), name: row["name"],
                        kind: row["kind"], role: Role(rawValue: row["role"]) ?? .reader),
                    cursor: UInt64(clamping: row["cursor"] as Int64),
                    records: try countLiving(row["n"], db), changes: row["changes"],
                    pending: row["pending"], held: row["held"], refusal: row["refusal"],
                    digest: StateDigest(try Identifier(stored: row["digest"]).rawValue))
            }
        }
    }

    private func countLiving(_ collection: Int64, _ db: Database) throws -> Int {
        var count = 0
        for name in schema.types.map(\.name) + ["other"] {
            count +=
                try Int.fetchOne(
                    db.cachedStatement(
                        sql: """
                            SELECT count(*) FROM data_\(name) WHERE collection = ? AND deleted = 0
                            """), arguments: [collection]) ?? 0
        }
        return count
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
