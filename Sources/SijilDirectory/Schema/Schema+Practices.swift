import SijilCore

extension Schema {
    static let practices: [RecordType] = [
        .library, .practice, .checklist, .checklistItem, .caseStudy, .fact, .lesson, .review,
    ]
}

extension RecordType {
    /// A published set of good practices.
    static let library = RecordType(
        "library",
        [
            Field("code", .text, policy: .once, searched: .numbers),
            Field("title", .text, .keyed, searched: .words),
            Field("publisher", .text),
            Field("edition", .date),
            Field("licence", .text),
            Field("source", .text),
            Field("title_status", .text, .keyed, choices: wordingStatuses),
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
            Field("title", .text, .keyed, searched: .words),
            Field("body", .text, .keyed, searched: .words),
            Field("title_status", .text, .keyed, choices: wordingStatuses),
            Field("body_status", .text, .keyed, choices: wordingStatuses),
            // Where the wording in that language comes from, who translated and who checked it.
            Field("source", .text, .keyed),
            Field("translator", .text, .keyed),
            Field("checked_by", .text, .keyed),
            // Other wordings, for search.
            Field("alternative_titles", .text, .set, searched: .words),
            // The vocabulary of the GCTF Lifecycle Toolkit.
            Field("phases", .text, .set, searched: .words),
            Field("sectors", .text, .set, searched: .words),
            Field("themes", .text, .set, searched: .words),
            // Words of one's own.
            Field("tags", .text, .set, searched: .words),
            Field("related", .reference, .set),
        ])

    /// What to do, in order, when a practice is put to use.
    static let checklist = RecordType(
        "checklist",
        [
            Field("practice", .reference, policy: .once),
            Field("title", .text, .keyed, searched: .words),
            Field("title_status", .text, .keyed, choices: wordingStatuses),
            Field(
                "phase", .text,
                choices: ["pre_incident", "immediate_0_24h", "intermediate", "long_term"]),
            // Who works through it.
            Field("role", .text),
        ])

    static let checklistItem = RecordType(
        "checklist_item",
        [
            Field("checklist", .reference, policy: .once),
            // A fractional index: between any two items there is room for another, and nothing is
            // renumbered. Compared as bytes.
            Field("order", .text),
            Field("text", .text, .keyed, searched: .words),
            Field("text_status", .text, .keyed, choices: wordingStatuses),
            Field("role", .text),
            // Until when after the incident, a duration of ISO 8601: `PT1H`.
            Field("due", .text),
            Field("needs", .text, .set),
        ])

    /// Something that happened and from which lessons were drawn: facts only.
    static let caseStudy = RecordType(
        "case_study",
        [
            Field("code", .text, policy: .once, searched: .numbers),
            Field("title", .text, .keyed, searched: .words),
            // Other names, also misleading ones: a nickname may be that of two incidents.
            Field("aliases", .text, .set, searched: .words),
            Field("on", .date),
            Field("place", .text, searched: .words),
            Field("practices", .reference, .set),
            Field("title_status", .text, .keyed, choices: wordingStatuses),
            // What it is mistaken for, by language.
            Field("caution", .text, .keyed, searched: .words),
            Field("caution_status", .text, .keyed, choices: wordingStatuses),
        ])

    /// One fact of a case study, with its source.
    static let fact = RecordType(
        "fact",
        [
            Field("case_study", .reference, policy: .once),
            Field("order", .text),
            Field("text", .text, .keyed, searched: .words),
            Field("practice", .reference),
            Field("source", .text),
            Field("text_status", .text, .keyed, choices: wordingStatuses),
        ])

    /// What was learnt, and what it says about a practice.
    static let lesson = RecordType(
        "lesson",
        [
            Field("text", .text, .keyed, searched: .words),
            // What follows from it, by language.
            Field("consequence", .text, .keyed, searched: .words),
            Field("text_status", .text, .keyed, choices: wordingStatuses),
            Field("case_study", .reference),
            Field("practice", .reference),
            Field("stance", .text, choices: ["supports", "contradicts"]),
            Field("author", .text),
        ])

    /// That somebody read a practice or a lesson and says what they think of it.
    static let review = RecordType(
        "review",
        [
            Field("about", .reference, policy: .once),
            Field("reviewer", .text, policy: .once),
            Field("on", .date, policy: .once),
            Field("verdict", .text, policy: .once, choices: ["accepted", "revise", "rejected"]),
            Field("comment", .text, policy: .once),
        ])

    private static let wordingStatuses = ["official", "working", "machine", "text-pending"]
}
