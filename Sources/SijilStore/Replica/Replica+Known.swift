import Foundation
import GRDB
import SijilCore

extension Replica {
    /// Checks that changes which the sender takes to be here are here, and are the same.
    ///
    /// Usually the range ends at the author's head, whose hash is at hand. Else the last change's ``Proof``
    /// tells. Only for a range that ends within a run of another author, whose changes share one proof, is
    /// the chain computed from its beginning.
    ///
    /// - Parameters:
    ///   - author: whose changes they are.
    ///   - first: the sequence of the first.
    ///   - count: how many they are.
    ///   - claimed: the last change's chain hash at the sender.
    ///   - writer: the collection.
    ///   - db: the transaction.
    /// - Throws: `fork` when they differ, or are this replica's own and not here: then the file is a copy;
    ///   `unseen` for changes of others that are not here, because the cursor would move past them.
    func checkKnown(
        _ author: ReplicaID, _ first: UInt64, _ count: UInt64, _ claimed: ChainHash,
        _ writer: CollectionWriter, _ db: Database
    ) throws {
        try Self.checkNumbers(first, count: count)
        guard first > 0, count > 0 else {
            throw SijilError(.badData, "A sequence or a count cannot be.")
        }
        let head = writer.head(of: author)
        let last = first + count - 1
        guard last <= head.sequence else {
            guard author != id else { throw Self.copied }
            throw SijilError(.unseen, "The sender takes changes to be here that are not.")
        }
        let isSame =
            if last == head.sequence {
                claimed == head.hash
            } else if let proof = try proof(of: last, author, writer, db),
                let publicKey = try publicKey(of: author, db)
            {
                proof.holds(for: claimed, by: publicKey)
            } else if let hash = try hash(before: last + 1, of: author, writer, db) {
                claimed == hash
            } else {
                // A snapshot took its place: what comes after must fit the hash that came with it.
                true
            }
        guard isSame else { throw author == id ? Self.copied : Self.forked }
    }

    private func proof(
        of sequence: UInt64, _ author: ReplicaID, _ writer: CollectionWriter, _ db: Database
    ) throws -> Proof? {
        try Data.fetchOne(
            db.cachedStatement(
                sql: """
                    SELECT signature FROM journal
                    WHERE collection = ? AND replica = ? AND sequence = ?
                    """),
            arguments: [writer.number, try names.number(of: author, db), Int64(sequence)]
        )
        .map { Proof(bytes: Array($0)) }
    }

    /// Nothing of an answer that shows this may be taken in: this file's changes would pass for those that
    /// the server has.
    private static var copied: SijilError {
        SijilError(
            .fork,
            "The server has other changes of this replica than this file: it was copied or restored.",
            hint: "Start anew with 'sijil init' and 'sijil join' in another --home. "
                + "'sijil export' writes out what this one holds, also what was not sent.")
    }
}
