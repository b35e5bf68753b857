import Foundation
import GRDB
public import SijilCore

/// Who may sync: devices, the invitations that enrol them, and what they are granted.
extension SQLiteLogStore {
    public func device(_ replica: ReplicaID) async throws -> Device? {
        try read { db in
            try Row.fetchOne(
                db.cachedStatement(
                    sql: "SELECT certificate, founder, revoked FROM device WHERE id = ?"),
                arguments: [replica.stored]
            )
            .map(Self.device)
        }
    }

    private static func device(_ row: Row) throws -> Device {
        var reader = ByteReader(Array(row["certificate"] as Data))
        return Device(
            certificate: try Certificate(from: &reader), isFounder: row["founder"],
            isRevoked: row["revoked"])
    }

    public func devices() async throws -> [(device: Device, grants: [CollectionID: Role])] {
        try read { db in
            try Row.fetchAll(db, sql: "SELECT * FROM device ORDER BY n")
                .map { row in
                    var grants: [CollectionID: Role] = [:]
                    let rows = try Row.fetchAll(
                        db,
                        sql: """
                            SELECT c.id, g.role FROM device_grant g
                            JOIN collection c ON c.n = g.collection WHERE g.device = ?
                            """, arguments: [row["n"] as Int64])
                    for grant in rows {
                        grants[try Identifier(stored: grant[0])] = Role(rawValue: grant[1])
                    }
                    return (try Self.device(row), grants)
                }
        }
    }

    public func addInvitation(_ invitation: Invitation) async throws {
        try write { db in
            try db.execute(
                sql: """
                    INSERT INTO invitation (code_hash, name, founder, expires_at, issuer)
                    VALUES (?, ?, ?, ?, ?)
                    """,
                arguments: [
                    Data(invitation.codeHash), invitation.name, invitation.isFounder,
                    invitation.expiresAt, invitation.issuer?.stored,
                ])
            let number = db.lastInsertedRowID
            for (collection, role) in invitation.grants {
                try db.execute(
                    sql: "INSERT INTO invitation_grant VALUES (?, ?, ?)",
                    arguments: [number, try Self.number(of: collection, db), role.rawValue])
            }
        }
    }

    public func enrol(
        codeHash: [UInt8], replica: ReplicaID, now: Int64,
        certify: @Sendable (_ name: String) -> Certificate
    ) async throws -> Device {
        try write { db in
            guard
                let invitation = try Row.fetchOne(
                    db, sql: "SELECT * FROM invitation WHERE code_hash = ?",
                    arguments: [Data(codeHash)])
            else {
                throw SijilError(
                    .codeUnknown, "There is no such invitation code.",
                    hint: "Check it for typing errors, or ask your coordinator for a new one.")
            }
            let known =
                try Row.fetchOne(
                    db, sql: "SELECT certificate, founder, revoked, n FROM device WHERE id = ?",
                    arguments: [replica.stored]
                )
                .map(Self.device)
            guard known?.isRevoked != true else {
                throw SijilError(
                    .notPermitted, "This device was revoked.",
                    hint: "Start over with a new --home.")
            }
            if let usedBy = invitation["used_by"] as Data? {
                guard usedBy == Data(replica.bytes), let known else {
                    throw SijilError(
                        .codeUsed, "This invitation code was used; a code works once.",
                        hint: "Ask your coordinator for a new one, and tell them if it was not you."
                    )
                }
                return known
            }
            guard now < invitation["expires_at"] else {
                throw SijilError(
                    .codeExpired, "This invitation code has expired.",
                    hint: "Ask your coordinator for a new one.")
            }
            let issuer = invitation["issuer"] as DatabaseValue
            let collections = try Self.granted(by: invitation["n"], issuer, db)
            guard issuer.isNull || !collections.isEmpty else {
                throw SijilError(
                    .codeExpired, "Whoever made this invitation code may no longer invite.",
                    hint: "Ask another coordinator for a new one.")
            }
            let device =
                known ?? Device(certificate: certify(invitation["name"]), isFounder: false)
            if known == nil {
                try db.execute(
                    sql: "INSERT INTO device (id, certificate, founder) VALUES (?, ?, ?)",
                    arguments: [
                        replica.stored, Data(device.certificate.bytes),
                        invitation["founder"] as Bool,
                    ])
            }
            try db.execute(
                sql: """
                    UPDATE device SET founder = max(founder, ?) WHERE id = ?;
                    UPDATE invitation SET used_by = ? WHERE n = ?
                    """,
                arguments: [
                    invitation["founder"] as Bool, replica.stored, replica.stored,
                    invitation["n"] as Int64,
                ])
            for collection in collections {
                try db.execute(
                    sql: """
                        INSERT INTO device_grant
                            SELECT (SELECT n FROM device WHERE id = ?), collection, role
                            FROM invitation_grant WHERE invitation = ? AND collection = ?
                            ON CONFLICT DO UPDATE SET role = excluded.role
                                WHERE role = 'reader' OR excluded.role = 'coordinator'
                        """,
                    arguments: [replica.stored, invitation["n"] as Int64, collection])
            }
            let stored = try Row.fetchOne(
                db, sql: "SELECT certificate, founder, revoked FROM device WHERE id = ?",
                arguments: [replica.stored])
            return try Self.device(stored!)
        }
    }

    /// The collections that an invitation grants: of those in it the ones that its issuer coordinates now, all of
    /// them when the server itself made it.
    private static func granted(
        by invitation: Int64, _ issuer: DatabaseValue, _ db: Database
    ) throws -> [Int64] {
        try Int64.fetchAll(
            db,
            sql: """
                SELECT i.collection FROM invitation_grant i WHERE i.invitation = ? AND (? IS NULL
                    OR EXISTS (SELECT 1 FROM device_grant g JOIN device d ON d.n = g.device
                        WHERE d.id = ? AND NOT d.revoked AND g.collection = i.collection
                            AND g.role = 'coordinator'))
                """, arguments: [invitation, issuer, issuer])
    }

    public func revoke(_ replica: ReplicaID, by coordinator: ReplicaID?) async throws {
        try write { db in
            if let coordinator { try Self.checkMayRevoke(replica, coordinator, db) }
            try db.execute(
                sql: "UPDATE device SET revoked = 1 WHERE id = ?", arguments: [replica.stored])
            guard db.changesCount > 0 else { throw Self.noDevice }
        }
    }

    private static var noDevice: SijilError {
        SijilError(.notFound, "The server knows no such device.")
    }

    public func grants(
        of replica: ReplicaID
    ) async throws -> [(collection: ServerCollection, role: Role)] {
        try read { db in
            let rows = try Row.fetchAll(
                db.cachedStatement(
                    sql: """
                        SELECT c.*, g.role FROM device_grant g
                        JOIN collection c ON c.n = g.collection
                        JOIN device d ON d.n = g.device
                        WHERE d.id = ? ORDER BY c.name
                        """), arguments: [replica.stored])
            return try rows.map {
                (try Self.collection($0), Role(rawValue: $0["role"]) ?? .reader)
            }
        }
    }

    public func setGrant(
        _ role: Role?, of replica: ReplicaID, in collection: CollectionID,
        by coordinator: ReplicaID?
    ) async throws {
        try write { db in
            if let coordinator {
                try Self.checkMayGrant(role, replica, collection, coordinator, db)
            }
            try Self.setGrant(role, replica, collection, db)
        }
    }

    /// Gives a device a role, or takes it away.
    static func setGrant(
        _ role: Role?, _ replica: ReplicaID, _ collection: CollectionID, _ db: Database
    ) throws {
        guard
            let device = try Int64.fetchOne(
                db, sql: "SELECT n FROM device WHERE id = ?", arguments: [replica.stored])
        else { throw noDevice }
        let number = try number(of: collection, db)
        if let role {
            try db.execute(
                sql: "INSERT OR REPLACE INTO device_grant VALUES (?, ?, ?)",
                arguments: [device, number, role.rawValue])
        } else {
            try db.execute(
                sql: "DELETE FROM device_grant WHERE device = ? AND collection = ?",
                arguments: [device, number])
        }
    }

    // MARK: Rights of those who change rights

    /// In the transaction that changes them: of two who take each other's role at once, one is quicker.
    private static func checkMayGrant(
        _ role: Role?, _ replica: ReplicaID, _ collection: CollectionID, _ coordinator: ReplicaID,
        _ db: Database
    ) throws {
        let coordinators =
            try Data.fetchAll(
                db,
                sql: """
                    SELECT d.id FROM device_grant g JOIN device d ON d.n = g.device
                    JOIN collection c ON c.n = g.collection
                    WHERE c.id = ? AND g.role = 'coordinator' AND NOT d.revoked
                    """, arguments: [collection.stored]
            )
            .map { Identifier(bytes: $0) }
        let mayGrant =
            try coordinators.contains(coordinator)
            || coordinators.isEmpty && isFounder(coordinator, db)
        guard mayGrant else { throw SijilError.noRightThere }
        guard role == .coordinator || coordinators != [replica] else {
            throw SijilError(
                .notPermitted, "That device is the last coordinator of the collection.",
                hint: "Give another device the role of coordinator first.")
        }
    }

    /// A device is revoked by a founder, or by who coordinates all that it may see.
    private static func checkMayRevoke(
        _ replica: ReplicaID, _ coordinator: ReplicaID, _ db: Database
    ) throws {
        guard replica != coordinator else {
            throw SijilError(
                .notPermitted, "A device does not revoke itself.",
                hint: "Another coordinator can, when all of it is sent.")
        }
        if try isFounder(coordinator, db) { return }
        let coordinatesAll = try Bool.fetchOne(
            db,
            sql: """
                SELECT count(*) > 0 AND count(*) = count(own.collection)
                FROM device_grant g JOIN device d ON d.n = g.device
                LEFT JOIN device_grant own ON own.collection = g.collection
                    AND own.role = 'coordinator'
                    AND own.device = (SELECT n FROM device WHERE id = ? AND NOT revoked)
                WHERE d.id = ?
                """, arguments: [coordinator.stored, replica.stored])
        guard coordinatesAll == true else { throw SijilError.noRightThere }
    }

    /// Whether a device that is not revoked may make collections.
    private static func isFounder(_ replica: ReplicaID, _ db: Database) throws -> Bool {
        try Bool.fetchOne(
            db, sql: "SELECT founder FROM device WHERE id = ? AND NOT revoked",
            arguments: [replica.stored]) ?? false
    }
}
