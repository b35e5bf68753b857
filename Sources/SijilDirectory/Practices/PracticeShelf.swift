public import SijilCore
public import SijilStore

/// The libraries of practices that a replica holds, with what people wrote about them.
///
/// Reads when asked, writes nothing. A reference to a record that is not here leads to nothing and blocks
/// nothing.
public struct PracticeShelf {
    private let replica: Replica

    public init(_ replica: Replica) { self.replica = replica }

    /// All libraries, by code.
    public func libraries() throws -> [RecordView] {
        try records("library").sorted { $0.order("code", $1) }
    }

    /// The library with this code or identifier.
    ///
    /// - Throws: `notFound`; the hint lists the codes that are here.
    public func library(named name: String) throws -> RecordView {
        let libraries = try libraries()
        let id = RecordID(name)
        if let found = libraries.first(where: { $0.id == id || $0["code"] == .text(name) }) {
            return found
        }
        let codes = libraries.map { $0["code"].plainText }.filter { !$0.isEmpty }
        throw SijilError(
            .notFound, "There is no library of that code here.",
            hint: codes.isEmpty
                ? "Import one, or sync a collection that holds one."
                : "The libraries here are: \(codes.joined(separator: ", ")).", place: "--library")
    }

    /// The practices of a library, or of all, in the order of their numbers: 2 before 10, 10 before 10a.
    public func practices(of library: RecordView? = nil) throws -> [RecordView] {
        try records("practice", library.map { ("library", $0.id) })
            .sorted { PracticeNumber($0) < PracticeNumber($1) }
    }

    /// The practice with this number or identifier.
    ///
    /// - Throws: `notFound`, and `usage` when several libraries have that number.
    public func practice(named name: String, in library: RecordView? = nil) throws -> RecordView {
        if let id = RecordID(name) {
            let record = try replica.record(id)
            guard record.type == "practice", !record.isDeleted else {
                throw SijilError(
                    .notFound, "The record with that id is no practice.",
                    hint: "'sijil practice list' shows them.")
            }
            return record
        }
        let number = PracticeNumber(name)
        let found = try practices(of: library).filter { PracticeNumber($0).isSame(as: number) }
        guard let first = found.first else {
            throw SijilError(
                .notFound, "There is no practice of that number here.",
                hint: "'sijil practice list' shows them.")
        }
        guard found.count == 1 else {
            throw SijilError(
                .usage, "Several practices here have that number.",
                hint: "Name the library with --library, or give the practice's id.")
        }
        return first
    }

    /// The checklists of a practice, by phase: what comes before an incident first.
    public func checklists(of practice: RecordView) throws -> [RecordView] {
        let phases = Schema.directory["checklist"]?["phase"]?.choices ?? []
        func rank(_ record: RecordView) -> Int {
            phases.firstIndex(of: record["phase"].plainText) ?? phases.count
        }
        return try records("checklist", ("practice", practice.id))
            .sorted { (rank($0), $0.id) < (rank($1), $1.id) }
    }

    /// The items of a checklist, in order; the same on every replica.
    public func items(of checklist: RecordView) throws -> [RecordView] {
        try records("checklist_item", ("checklist", checklist.id)).inFractionalOrder
    }

    /// The case studies that cite a practice, by date.
    public func caseStudies(of practice: RecordView) throws -> [RecordView] {
        let cell = CellName("practices", key: .reference(practice.id))
        return try records("case_study", (cell, .boolean(true))).sorted { $0.order("on", $1) }
    }

    /// The facts of a case study, in order.
    public func facts(of caseStudy: RecordView) throws -> [RecordView] {
        try records("fact", ("case_study", caseStudy.id)).inFractionalOrder
    }

    /// The lessons that say something about a practice.
    public func lessons(of practice: RecordView) throws -> [RecordView] {
        try records("lesson", ("practice", practice.id))
    }

    /// The reviews of a record, by date.
    public func reviews(of record: RecordView) throws -> [RecordView] {
        try records("review", ("about", record.id)).sorted { $0.order("on", $1) }
    }

    /// A record by its identifier; `nil` when it is not here or deleted.
    public func record(_ value: Value) throws -> RecordView? {
        guard case .reference(let id) = value, try replica.hasRecord(id) else { return nil }
        let record = try replica.record(id)
        return record.isDeleted ? nil : record
    }

    private func records(
        _ type: String, _ reference: (field: String, id: RecordID)? = nil
    ) throws -> [RecordView] {
        try records(type, reference.map { (CellName($0.field), .reference($0.id)) })
    }

    private func records(
        _ type: String, _ condition: (cell: CellName, value: Value)?
    ) throws -> [RecordView] {
        var found: [RecordView] = []
        let query = RecordQuery(type: type, conditions: condition.map { [$0] } ?? [])
        try replica.forEachRecord(query) { found.append($0) }
        return found
    }
}

extension [RecordView] {
    /// By fractional index, then by identifier.
    fileprivate var inFractionalOrder: [RecordView] {
        sorted { left, right in
            let (a, b) = (left["order"].plainText, right["order"].plainText)
            return a == b ? left.id < right.id : FractionalIndex.precedes(a, b)
        }
    }
}

extension RecordView {
    fileprivate func order(_ field: String, _ other: RecordView) -> Bool {
        let (a, b) = (self[field].plainText, other[field].plainText)
        return a == b ? id < other.id : a.utf8.lexicographicallyPrecedes(b.utf8)
    }
}

/// The number of a practice as it sorts: its digits, of any script, as a number, then the rest.
private struct PracticeNumber: Comparable {
    let number: Int
    let rest: String
    let id: RecordID

    init(_ text: String, id: RecordID = RecordID(0)) {
        var digits = ""
        var rest = text.unicodeScalars[...]
        while let scalar = rest.first, scalar.properties.numericType == .decimal,
            let value = scalar.properties.numericValue, digits.count < 9
        {
            digits += String(Int(value))
            rest.removeFirst()
        }
        number = Int(digits) ?? .max
        self.rest = String(rest).lowercased()
        self.id = id
    }

    init(_ practice: RecordView) { self.init(practice["number"].plainText, id: practice.id) }

    func isSame(as other: Self) -> Bool { number == other.number && rest == other.rest }

    static func < (left: Self, right: Self) -> Bool {
        (left.number, left.rest, left.id) < (right.number, right.rest, right.id)
    }
}
