/// The tags of the byte form.
///
/// Tags up to 30 that are not listed belong to later versions.
package enum ValueTag {
    package static let none: UInt8 = 0
    package static let text: UInt8 = 1
    package static let integer: UInt8 = 2
    package static let real: UInt8 = 3
    package static let no: UInt8 = 4
    package static let yes: UInt8 = 5
    package static let date: UInt8 = 6
    package static let reference: UInt8 = 7
    /// In an operation only: the effect adds nothing.
    package static let removed: UInt8 = 31
    static let mask: UInt8 = 31
    /// For kinds of value that this version does not know.
    static let later = UInt8(8)..<31
}

extension Value {
    var tag: UInt8 {
        switch self {
        case .none: ValueTag.none
        case .text: ValueTag.text
        case .integer: ValueTag.integer
        case .real: ValueTag.real
        case .boolean(let boolean): boolean ? ValueTag.yes : ValueTag.no
        case .date: ValueTag.date
        case .reference: ValueTag.reference
        case .unknown(let tag, _): tag
        }
    }

    func writePayload(to writer: inout ByteWriter) {
        switch self {
        case .none, .boolean: break
        case .text(let text): writer.text(text)
        case .integer(let integer): writer.signed(integer)
        case .real(let real): writer.fixed(real.bitPattern)
        case .date(let date):
            writer.varint(date.year)
            writer.byte(UInt8(date.month))
            writer.byte(UInt8(date.day))
        case .reference(let id): writer.identifier(id)
        case .unknown(_, let bytes): writer.counted(bytes)
        }
    }

    init(tag: UInt8, from reader: inout ByteReader) throws(SijilError) {
        switch tag {
        case ValueTag.none: self = .none
        case ValueTag.text: self = .text(try reader.text())
        case ValueTag.integer: self = .integer(try reader.signed())
        case ValueTag.real: self = .real(Double(bitPattern: try reader.fixed()))
        case ValueTag.no: self = .boolean(false)
        case ValueTag.yes: self = .boolean(true)
        case ValueTag.date:
            let year = try reader.varint()
            let month = try reader.byte()
            let day = try reader.byte()
            guard year <= 9999, month > 0 || day == 0,
                let date = PartialDate(year: Int(year), month: Int(month), day: Int(day))
            else { throw SijilError(.badData, "A date does not exist.") }
            self = .date(date)
        case ValueTag.reference: self = .reference(try reader.identifier())
        case ValueTag.later: self = .unknown(tag: tag, bytes: Array(try reader.counted()))
        default: throw SijilError(.badData, "A value has a tag that cannot be.")
        }
    }

    /// Writes the tag, then what belongs to it.
    public func write(to writer: inout ByteWriter) {
        writer.byte(tag)
        writePayload(to: &writer)
    }

    /// Reads what ``write(to:)`` wrote; one value has one byte form.
    public init(from reader: inout ByteReader) throws(SijilError) {
        self.init(try Value(tag: try reader.byte(), from: &reader))
    }

    private init(_ value: Value) { self = value }

    /// The byte form: equal exactly for equal values.
    public var bytes: [UInt8] {
        var writer = ByteWriter()
        write(to: &writer)
        return writer.bytes
    }
}
