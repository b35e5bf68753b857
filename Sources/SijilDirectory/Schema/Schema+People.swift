import SijilCore

extension Schema {
    static let people: [RecordType] = [.person, .channel, .membership]
}

extension Policy {
    /// Whether and how a person may be called, the mildest first.
    static let contactRule = Policy.strictest(["none", "crisis_only", "via_intermediary", "never"])
    /// Who may be given a record, the mildest first.
    static let sensitivity = Policy.strictest(["public", "internal", "restricted", "protected"])
}

extension RecordType {
    /// A leader, or whoever else may have to be called.
    static let person = RecordType(
        "person",
        [
            // By language and script: `ar`, `ar-Latn`, `zgh-Tfng`. As the person writes it, never split.
            Field("name", .text, .keyed, searched: .names),
            // Whether somebody who knows has confirmed the spelling in that language. A spelling that was
            // derived from another script is never taken for one that was confirmed.
            Field(
                "name_spelling", .text, .keyed, choices: ["confirmed", "unconfirmed", "derived"]),
            // Where the name in that language comes from.
            Field("name_source", .text, .keyed),
            // Other spellings and names that people use.
            Field("aliases", .text, .set, searched: .names),
            // How to greet the person, by language.
            Field("form_of_address", .text, .keyed),
            // hajj, sheikh, moulay, thero…: apart from the office, never taken out of a name.
            Field("honorifics", .text, .set),
            Field("gender", .text, choices: ["f", "m", "x", "unknown"]),
            // The year alone.
            Field("birth_year", .integer),
            // The languages that the person speaks, as tags.
            Field("languages", .text, .set),
            // How well, by language.
            Field(
                "language_level", .text, .keyed,
                choices: ["native", "fluent", "working", "interpreter"]),
            // Where the person lives or serves.
            Field("areas", .reference, .set),
            // Who is asked first: a deputy, a nephew, an interpreter.
            Field("intermediaries", .reference, .set),
            // What to heed, by language: not during prayer, remove shoes, ask the elder first.
            Field("protocol_notes", .text, .keyed),
            // Nobody's edit loosens it unseen.
            Field("contact_rule", .text, policy: .contactRule),
            Field("contact_rule_reason", .text),
            Field("contact_rule_until", .date, qualifies: "contact_rule"),
            Field("sensitivity", .text, policy: .sensitivity),
            Field("risk_notes", .text),
            Field("life_status", .text, choices: ["living", "deceased", "unknown"]),
            Field("notes", .text),
            // The same person under another record: nothing is moved, so it can be taken back.
            Field("merged_into", .reference, isSparse: true),
            // The fields of which this record's values are shown, and not those of the other.
            Field("merged_fields", .text, .set),
            // Lines of a vCard that mean nothing to us, by a hash of what they say: written out again.
            Field("card_properties", .text, .keyed),
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
            // A telephone number as E.164 where it could be read, else as it was given: a number that
            // cannot be read is still a number.
            Field("value", .text, searched: .numbers),
            // As it was typed, where that is not what `value` says.
            Field("raw", .text),
            Field("label", .text),
            // Who answers.
            Field(
                "answered_by", .text, choices: ["self", "spouse", "assistant", "office", "shared"]),
            // voice, sms, whatsapp, signal…
            Field("features", .text, .set),
            // 1 is tried first, 100 last.
            Field("preference", .integer),
            // When to call, in the local time of the place: `mon-fri 09:00-17:00; sat 09:00-12:00`.
            Field("hours", .text),
            // prayer, friday_noon, sunday_service, ramadan_day, market_day, curfew…
            Field("avoid", .text, .set),
            // What is spoken there.
            Field("language", .text),
            Field("sensitivity", .text, policy: .sensitivity),
            Field("source", .text),
            Field("last_ok", .date),
            Field("last_fail", .date),
            Field("valid_from", .date),
            Field("valid_to", .date),
            // Of the line of a vCard, the group and the parameters that mean nothing to us.
            Field("card_parameters", .text),
        ])

    /// That a person belongs to a community.
    static let membership = RecordType(
        "membership",
        [
            Field("person", .reference, policy: .once),
            Field("community", .reference, policy: .once),
            Field("role", .text),
            Field("from", .date),
            Field("to", .date),
        ])
}
