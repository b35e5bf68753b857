import SijilCore
import SijilNames
import SijilStore

/// What of a person can tell that two records are of one.
struct PersonTraits {
    /// An office of a kind in a place, whichever record says that there is such an office.
    struct Seat: Hashable {
        var type: String
        var place: RecordID
    }

    let id: RecordID
    let record: RecordView
    let names: [SpokenName]
    let areas: Set<RecordID>
    let gender: String
    let birthYear: Value
    /// By ``number(_:)``: whether the person alone answers there.
    var numbers: [String: Bool] = [:]
    var emails: Set<String> = []
    var offices: Set<RecordID> = []
    /// Whether only one person holds it at a time.
    var seats: [Seat: Bool] = [:]
    /// Offices that several hold at a time.
    var councils: Set<RecordID> = []
    var communities: Set<RecordID> = []

    init(_ record: RecordView) {
        id = record.id
        self.record = record
        names = (record.keyed("name").map(\.value) + record.members("aliases"))
            .map { SpokenName($0.plainText) }.filter { !$0.folded.isEmpty }
        areas = Set(record.members("areas").compactMap(\.reference))
        gender = record["gender"].plainText
        birthYear = record["birth_year"]
    }

    mutating func add(channel: RecordView) {
        let value = channel["value"].plainText
        switch channel["kind"].plainText {
        case "email": emails.insert(value.lowercased())
        case "address", "in_person", "web": break
        default:
            guard let number = Self.number(value) else { return }
            let isShared = ["assistant", "office", "shared"]
                .contains(channel["answered_by"].plainText)
            numbers[number] = numbers[number] ?? true && !isShared
        }
    }

    mutating func add(office: RecordID, _ record: RecordView?) {
        offices.insert(office)
        var isSingle = true
        if case .integer(let seats)? = record?["seats"], seats > 1 {
            isSingle = false
            councils.insert(office)
        }
        guard let record, let place = record["community"].reference ?? record["area"].reference
        else { return }
        let type = record["type"].plainText
        if !type.isEmpty { seats[Seat(type: type, place: place)] = isSingle }
    }

    /// The last eight digits, by which two spellings of a number are one; `nil` for fewer than six.
    static func number(_ text: String) -> String? {
        let digits = text.unicodeScalars
            .compactMap { scalar -> Character? in
                guard scalar.properties.numericType == .decimal,
                    let value = scalar.properties.numericValue
                else { return nil }
                return Character(String(Int(value)))
            }
        return digits.count < 6 ? nil : String(digits.suffix(8))
    }
}

extension Value {
    /// The record that is referred to.
    var reference: RecordID? {
        if case .reference(let id) = self { id } else { nil }
    }
}
