public import SijilCore

extension Schema {
    /// The record types of a directory of leaders and of a library of good practices.
    ///
    /// A fact about a person that two people may correct at the same time is a `register`: both corrections
    /// stay until somebody decides. What protects a person is `strictest`: no sync can loosen it by
    /// accident. What says which thing a record is about is `once`.
    public static let directory = Schema([
        .person, .channel, .office, .tenure, .community, .area, .library, .practice,
    ])

    /// The record type of this name.
    ///
    /// - Throws: `unknownType`; the hint lists the types.
    public func type(named name: String) throws(SijilError) -> RecordType {
        if let type = self[name] { return type }
        throw SijilError(
            .unknownType, "There is no such record type.",
            hint: "The types are: \(types.map(\.name).joined(separator: ", ")).", place: "type")
    }
}

extension RecordType {
    /// A leader, or whoever else may have to be called.
    static let person = RecordType(
        "person",
        [
            // By language and script: `ar`, `ar-Latn`, `zgh-Tfng`. As the person writes it, never split.
            Field("name", .text, .keyed, searched: true),
            // Other spellings and names that people use.
            Field("aliases", .text, .set, searched: true),
            // The languages that the person speaks, as tags.
            Field("languages", .text, .set),
            // Whether and how the person may be called; nobody's edit loosens it unseen.
            Field(
                "contact_rule", .text,
                policy: .strictest(["none", "crisis_only", "via_intermediary", "never"])),
            // Who may be given the record.
            Field(
                "sensitivity", .text,
                policy: .strictest(["public", "internal", "restricted", "protected"])),
            Field("notes", .text),
        ])

    /// One way to reach a person, an office or a community.
    ///
    /// A record of its own, so that two officers who add two numbers at the same time add both.
    static let channel = RecordType(
        "channel",
        [
            // Not `once`: a number that was noted for the wrong person is moved.
            Field("owner", .reference),
            Field(
                "kind", .text,
                choices: [
                    "mobile", "landline", "sat", "email", "messaging", "radio", "address",
                    "in_person", "fax", "web",
                ]),
            // As it was given, in any form: a number that cannot be read is still a number.
            Field("value", .text, searched: true),
            Field("label", .text),
            // When to call, in the local time of the place.
            Field("hours", .text),
        ])

    /// A seat that people hold one after another; its own channels survive them.
    static let office = RecordType(
        "office",
        [
            Field("title", .text, .keyed, searched: true),
            Field(
                "category", .text,
                choices: [
                    "elected_local", "appointed_authority", "customary", "religious",
                    "civil_society", "security_liaison", "health", "school", "other",
                ]),
            // mayor, caid, amghar, imam, thero…: open, because every country has its own.
            Field("type", .text),
            Field("area", .reference),
        ])

    /// That a person holds an office, from when and until when.
    static let tenure = RecordType(
        "tenure",
        [
            // A tenure of another person or office is another tenure.
            Field("person", .reference, policy: .once),
            Field("office", .reference, policy: .once),
            Field("from", .date),
            // The last day; empty while it lasts.
            Field("to", .date),
            Field(
                "mode", .text,
                choices: [
                    "elected", "appointed", "hereditary", "acclaimed", "interim", "self_declared",
                ]),
        ])

    /// People who belong together: a congregation, a fraction, an association.
    static let community = RecordType(
        "community",
        [
            Field("name", .text, .keyed, searched: true),
            // municipality, congregation, mosque, parish, temple, tribe, fraction, association…
            Field("kind", .text),
            Field("area", .reference),
        ])

    /// A place with a code, part of a larger one.
    static let area = RecordType(
        "area",
        [
            Field("name", .text, .keyed, searched: true),
            // An opaque code, e.g. a P-code; another code is another area.
            Field("code", .text, policy: .once, searched: true),
            // 0 for a country, 1 and more below.
            Field("level", .integer),
            Field("parent", .reference),
        ])

    /// A published set of good practices.
    static let library = RecordType(
        "library",
        [
            Field("code", .text, policy: .once),
            Field("title", .text, .keyed, searched: true),
            Field("publisher", .text),
            Field("edition", .date),
            Field("licence", .text),
            Field("source", .text),
        ])

    /// One good practice.
    ///
    /// Each language has its own status: a working translation must never pass for the official
    /// wording.
    static let practice = RecordType(
        "practice",
        [
            Field("library", .reference, policy: .once),
            // As printed, e.g. `17`.
            Field("number", .text),
            Field("title", .text, .keyed, searched: true),
            Field("body", .text, .keyed, searched: true),
            Field("title_status", .text, .keyed, choices: wordingStatuses),
            Field("body_status", .text, .keyed, choices: wordingStatuses),
            // Where the wording in that language comes from.
            Field("source", .text, .keyed),
            // Other wordings, for search.
            Field("alternative_titles", .text, .set, searched: true),
            // Phase, sector and theme, in the vocabulary of the GCTF Lifecycle Toolkit.
            Field("tags", .text, .set),
        ])

    private static let wordingStatuses = ["official", "working", "machine", "text-pending"]
}
