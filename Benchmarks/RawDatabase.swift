import SijilCore

/// Plain rows through SQLite's C interface, as a Swift app without a library would write them: the baseline.
///
/// The settings are those of a replica: WAL, synchronous FULL, the same page cache, secure delete.
final class RawDatabase {
    private let connection: RawConnection
    private let insert: RawStatement
    private let index: RawStatement?
    private let begin: RawStatement
    private let commit: RawStatement

    /// What an app without a library would index: the two names as they are, or what Sijil makes of them.
    enum Search {
        case texts
        case entries
    }

    private let search: Search?

    init(path: String, search: Search?) throws {
        self.search = search
        connection = try RawConnection(path: path)
        try connection.execute(
            """
            PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA secure_delete = ON;
            PRAGMA cache_size = -16000;
            CREATE TABLE roster (id BLOB PRIMARY KEY NOT NULL, name_ar TEXT, name_lat TEXT,
                role TEXT, organisation TEXT, community TEXT, admin_code TEXT, phone1 TEXT,
                phone2 TEXT, email TEXT, languages TEXT, notes TEXT, verified TEXT,
                sensitivity INTEGER, lat REAL, lon REAL)
            """)
        if let search {
            let tokenizer =
                search == .entries
                ? "ascii" : "unicode61 remove_diacritics 2 categories 'L* N* Co Mn Mc'"
            try connection.execute(
                """
                CREATE VIRTUAL TABLE search USING fts5 (text, detail = none, columnsize = 0,
                    tokenize = "\(tokenizer)")
                """)
        }
        let marks = Array(repeating: "?", count: 16).joined(separator: ", ")
        insert = try connection.prepare("INSERT INTO roster VALUES (\(marks))")
        index =
            search != nil
            ? try connection.prepare("INSERT INTO search (rowid, text) VALUES (?, ?)") : nil
        begin = try connection.prepare("BEGIN IMMEDIATE")
        commit = try connection.prepare("COMMIT")
    }

    func write(_ records: [RosterRecord], perTransaction: Int) throws {
        for start in stride(from: 0, to: records.count, by: perTransaction) {
            try begin.run()
            for record in records[start..<min(start + perTransaction, records.count)] {
                try write(record)
            }
            try commit.run()
        }
    }

    private func write(_ record: RosterRecord) throws {
        insert.bind(1, record.id.bytes)
        for (place, text) in zip(Int32(2)..., record.texts) {
            if text.isEmpty { insert.bindNull(place) } else { insert.bind(place, text) }
        }
        insert.bind(14, record.sensitivity)
        insert.bind(15, record.latitude)
        insert.bind(16, record.longitude)
        try insert.run()
        guard let index else { return }
        index.bind(1, connection.lastRow)
        index.bind(
            2, search == .entries ? record.entry : record.texts[0] + "\n" + record.texts[1])
        try index.run()
    }

    /// The size of a database in bytes, once its log has been carried over; it must not be in use.
    static func fileBytes(_ path: String) throws -> Int {
        let connection = try RawConnection(path: path)
        try connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        let size = try connection.prepare(
            "SELECT page_count * page_size FROM pragma_page_count, pragma_page_size")
        return try size.next() ? Int(size.integer(0)) : 0
    }
}

/// FNV-1a over values, each followed by a separator; `hash_rows` in Peers does the same.
struct RowHash: CustomStringConvertible {
    static let start: UInt64 = 0xcbf2_9ce4_8422_2325
    static let factor: UInt64 = 0x100_0000_01b3
    private var hash = start

    init() {}

    /// Of all rows of `roster`: the table of a plain database or the view of a replica.
    init(ofRowsIn path: String) throws {
        let columns = RosterGenerator.columns.joined(separator: ", ")
        // A replica's view gives ids as text.
        let rows = try RawConnection(path: path)
            .prepare(
                """
                SELECT iif(typeof(id) = 'blob', lower(hex(id)), replace(id, '-', '')), \(columns)
                FROM roster ORDER BY 1
                """)
        while try rows.next() {
            for column in Int32(0)..<13 { add(rows.text(column)) }
            add(UInt64(bitPattern: rows.integer(13)))
            add(rows.real(14).bitPattern)
            add(rows.real(15).bitPattern)
        }
    }

    mutating func add(_ bytes: some Sequence<UInt8>) {
        for byte in bytes { hash = (hash ^ UInt64(byte)) &* Self.factor }
        hash = (hash ^ 0x1f) &* Self.factor
    }

    mutating func add(_ number: UInt64) {
        add((0..<8).lazy.map { UInt8(truncatingIfNeeded: number >> ($0 * 8)) })
    }

    var description: String {
        let digits = String(hash, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}
