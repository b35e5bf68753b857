import SijilCore

extension Schema {
    static let events: [RecordType] = [.verification, .consent, .distinction, .disclosure]
}

extension RecordType {
    /// That somebody looked whether what is written about a person, a channel or an office is so.
    static let verification = RecordType(
        "verification",
        [
            Field("about", .reference, policy: .once),
            Field(
                "level", .text, policy: .once,
                choices: [
                    "unverified", "self_reported", "phone_confirmed", "in_person", "document",
                    "disputed",
                ]),
            Field("on", .date, policy: .once),
            Field("by", .text, policy: .once),
            // What was looked at; all of it when nothing is said.
            Field("covers", .text, .set),
            Field("evidence", .text, policy: .once),
        ])

    /// That a person allowed something, or took it back.
    static let consent = RecordType(
        "consent",
        [
            Field("person", .reference, policy: .once),
            // What is allowed; sharing with a partner is `share_partner:NAME`.
            Field("what", .text, policy: .once),
            Field("act", .text, policy: .once, choices: ["grant", "withdraw"]),
            Field(
                "basis", .text, policy: .once,
                choices: ["consent", "public_office", "vital_interest", "legal"]),
            Field(
                "method", .text, policy: .once,
                choices: ["verbal", "written", "implied_by_public_listing"]),
            Field("language", .text, policy: .once),
            Field("witness", .text, policy: .once),
            Field("on", .date, policy: .once),
        ])

    /// That two records which look alike are not one person.
    static let distinction = RecordType(
        "distinction",
        [
            Field("first", .reference, policy: .once),
            Field("second", .reference, policy: .once),
            Field("reason", .text),
        ])

    /// That records were given to somebody outside.
    static let disclosure = RecordType(
        "disclosure",
        [
            Field("recipient", .text, policy: .once),
            Field("purpose", .text, policy: .once),
            Field("on", .date, policy: .once),
            Field("format", .text, policy: .once),
            // The record type; all of the collection when nothing is said.
            Field("type", .text, policy: .once),
            Field("records", .integer, policy: .once),
        ])
}
