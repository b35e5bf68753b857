public import SijilCore
import SijilStore

extension Identifier {
    /// The record that a foreign identifier means in a collection: the first 16 bytes of the SHA-256 of
    /// `sijil import 1`, the collection, the type and the foreign identifier.
    ///
    /// Two replicas that import the same list without a network make the same records, so nothing has to be
    /// remembered and nothing is there twice after a sync.
    public init(foreign: String, type: String, in collection: CollectionID) {
        self.init(hashing: "sijil import 1", collection, type, Array(foreign.utf8))
    }

    /// The record of a row that has no identifier: made from all that the row says, so that the same row
    /// read again finds it.
    init(content: JSON, type: String, in collection: CollectionID) {
        self.init(hashing: "sijil import 1 content", collection, type, content.sortedByKey.bytes)
    }

    private init(
        hashing purpose: String, _ collection: CollectionID, _ type: String, _ content: [UInt8]
    ) {
        var writer = ByteWriter()
        writer.raw(purpose.utf8)
        writer.identifier(collection)
        writer.text(type)
        writer.counted(content)
        self.init(bytes: sha256(writer.bytes).prefix(Self.byteCount))!
    }
}

extension JSON {
    /// With the members of every object in the order of their keys' bytes.
    fileprivate var sortedByKey: JSON {
        switch self {
        case .object(let members):
            .object(
                members.map { Member($0.key, $0.value.sortedByKey) }
                    .sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) })
        case .array(let elements): .array(elements.map(\.sortedByKey))
        default: self
        }
    }
}

/// Reads the identifiers in the rows of an import.
enum RowIdentifier {
    /// The identifier as it is kept or hashed; empty for none.
    static func clean(_ raw: String) throws(SijilError) -> String {
        try EnteredText(raw, field: "id", limit: ImportLimits.foreignIDBytes).text
    }

    /// 32 hexadecimal digits are an identifier of ours; anything else is foreign.
    static func record(
        _ text: String, type: String, in collection: CollectionID
    ) -> RecordID {
        RecordID(text) ?? RecordID(foreign: text, type: type, in: collection)
    }
}
