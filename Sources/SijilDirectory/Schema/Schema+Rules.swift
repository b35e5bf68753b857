import SijilCore

extension RecordType {
    /// What values must be, by field, where the kind of the field does not say it.
    ///
    /// Whoever lets people or files write applies them with ``EntryRules``; what other replicas wrote is
    /// never measured by them.
    var rules: [String: FieldRule] { Self.rulesByType[name] ?? [:] }

    private static let rulesByType: [String: [String: FieldRule]] = [
        "person": [
            "name": .name, "aliases": .name, "birth_year": .year, "languages": .languageTag,
        ],
        "channel": [
            "value": .address(kind: "kind"), "preference": .integers(1...100),
            "language": .languageTag, "valid_to": .notBefore("valid_from"),
        ],
        "membership": ["to": .notBefore("from")],
        "office": [
            "title": .name, "seats": .integers(1...Int64.max),
            "review_days": .integers(FieldRule.reviewDays),
        ],
        "tenure": ["to": .notBefore("from")],
        "community": [
            "name": .name, "latitude": .reals(-90...90), "longitude": .reals(-180...180),
            "accuracy_m": .reals(0...Double.greatestFiniteMagnitude),
        ],
        "area": [
            "name": .name, "country": .country, "time_zone": .timeZone,
            "valid_to": .notBefore("valid_from"),
        ],
        "consent": ["language": .languageTag, "what": .consentSubject],
        "checklist_item": ["due": .duration],
    ]
}
