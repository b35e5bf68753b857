import SijilCore

extension Schema {
    static let places: [RecordType] = [.office, .tenure, .community, .area]
}

extension RecordType {
    /// A seat that people hold one after another; its own channels survive them.
    static let office = RecordType(
        "office",
        [
            Field("title", .text, .keyed, searched: .names),
            Field(
                "category", .text,
                choices: [
                    "elected_local", "appointed_authority", "customary", "religious",
                    "civil_society", "security_liaison", "health", "school", "other",
                ]),
            // mayor, caid, amghar, imam, thero…: open, because every country has its own.
            Field("type", .text),
            Field("area", .reference),
            // The congregation, fraction or association that the office leads.
            Field("community", .reference),
            // How many hold it at a time; one when nothing is said.
            Field("seats", .integer),
            // After how many days it is to be verified again.
            Field("review_days", .integer),
            // As of a person.
            Field("card_properties", .text, .keyed),
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
            Field(
                "recognition", .text,
                choices: ["recognised", "customary_only", "pending", "disputed", "withdrawn"]),
            Field(
                "ended_how", .text,
                choices: [
                    "term_end", "resignation", "removal", "deposed", "abdicated", "death", "merger",
                ]),
            Field("predecessor", .reference),
        ])

    /// People who belong together: a congregation, a fraction, an association.
    static let community = RecordType(
        "community",
        [
            Field("name", .text, .keyed, searched: .names),
            // municipality, congregation, mosque, parish, temple, tribe, fraction, association…
            Field("kind", .text),
            Field("area", .reference),
            Field("parent", .reference),
            // WGS 84, degrees; and how far off it may be.
            Field("latitude", .real),
            Field("longitude", .real),
            Field("accuracy_m", .real),
            // As of a person.
            Field("card_properties", .text, .keyed),
        ])

    /// A place with a code, part of a larger one.
    static let area = RecordType(
        "area",
        [
            Field("name", .text, .keyed, searched: .names),
            // An opaque code, e.g. a P-code; another code is another area.
            Field("code", .text, policy: .once, searched: .numbers),
            // 0 for a country, 1 and more below.
            Field("level", .integer),
            Field("parent", .reference),
            // Two letters of ISO 3166-1.
            Field("country", .text),
            // A name of the IANA time zone database.
            Field("time_zone", .text),
            Field("valid_from", .date),
            Field("valid_to", .date),
        ])
}
