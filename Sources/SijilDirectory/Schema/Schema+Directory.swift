public import SijilCore

extension Schema {
    /// The record types of a directory of leaders and of a library of good practices.
    ///
    /// A fact about a person that two people may correct at the same time is a `register`: both corrections
    /// stay until somebody decides. What protects a person is `strictest`: no sync can loosen it by
    /// accident. What says which thing a record is about is `once`. What happened (a verification, a
    /// consent, a review) is a record of its own with nothing but `once`: nobody edits an event, a later one
    /// corrects it.
    public static let directory = Schema(people + places + events + practices)

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
