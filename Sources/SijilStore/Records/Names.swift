import Foundation
import GRDB
import SijilCore

/// The small numbers that stand in this file for replicas, fields and types.
///
/// Numbers are never taken back; a rolled back transaction must ``forget()`` what it may have added.
final class Names {
    private var replicaNumbers: [ReplicaID: Int64] = [:]
    private var replicas: [Int64: ReplicaID] = [:]
    /// Most records were last written by the same few.
    private var lastReplica: (number: Int64, id: ReplicaID)?
    private var fieldNumbers: [FieldName: Int64] = [FieldName(""): 0]
    private var fields: [Int64: String] = [0: ""]

    func forget() {
        replicaNumbers = [:]
        replicas = [:]
        lastReplica = nil
        fieldNumbers = [FieldName(""): 0]
        fields = [0: ""]
    }

    func number(of replica: ReplicaID, _ db: Database) throws -> Int64 {
        if let number = replicaNumbers[replica] { return number }
        let number = try Self.number(in: "replica", column: "id", replica.stored, db)
        replicaNumbers[replica] = number
        replicas[number] = replica
        return number
    }

    func replica(_ number: Int64, _ db: Database) throws -> ReplicaID {
        if let lastReplica, lastReplica.number == number { return lastReplica.id }
        if let replica = replicas[number] {
            lastReplica = (number, replica)
            return replica
        }
        let stored = try DatabaseValue.fetchOne(
            db.cachedStatement(sql: "SELECT id FROM replica WHERE n = ?"), arguments: [number])
        let replica = try Identifier(stored: stored ?? .null)
        replicas[number] = replica
        return replica
    }

    /// The number of a field's name; the liveness cell's is 0.
    func number(ofField name: String, _ db: Database) throws -> Int64 {
        if let number = fieldNumbers[FieldName(name)] { return number }
        let number = try Self.number(in: "field", column: "name", name.databaseValue, db)
        fieldNumbers[FieldName(name)] = number
        fields[number] = name
        return number
    }

    func field(_ number: Int64, _ db: Database) throws -> String {
        if let name = fields[number] { return name }
        guard
            let name = try String.fetchOne(
                db.cachedStatement(sql: "SELECT name FROM field WHERE n = ?"), arguments: [number])
        else {
            throw SijilError(
                .badData, "The database names a field that it does not have.",
                hint: "Run 'sijil verify'.")
        }
        fields[number] = name
        return name
    }

    /// The number of a type that the schema has: 1…255.
    static func number(ofType name: String, _ db: Database) throws -> Int64 {
        try number(in: "type", column: "name", name.databaseValue, db)
    }

    private static func number(
        in table: String, column: String, _ value: DatabaseValue, _ db: Database
    ) throws -> Int64 {
        let found = try Int64.fetchOne(
            db.cachedStatement(sql: "SELECT n FROM \(table) WHERE \(column) = ?"),
            arguments: [value])
        if let found { return found }
        try db.cachedStatement(sql: "INSERT INTO \(table) (\(column)) VALUES (?)")
            .execute(arguments: [value])
        return db.lastInsertedRowID
    }
}

/// A name as its bytes: names that only Unicode calls equal are two, here as in changes and digests.
private struct FieldName: Hashable {
    private let text: String

    init(_ text: String) { self.text = text }

    static func == (left: Self, right: Self) -> Bool {
        left.text.utf8.elementsEqual(right.text.utf8)
    }

    func hash(into hasher: inout Hasher) {
        var text = text
        text.withUTF8 { unsafe hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
    }
}
