import SijilCore
import SijilDirectory
import SijilStore

/// Records that are about to be made together, as one change.
struct RecordDraft {
    private(set) var edits: [RecordEdit] = []
    private(set) var warnings: [EntryWarning] = []
    private let replica: Replica
    private let rules: EntryRules

    init(_ replica: Replica, _ rules: EntryRules) {
        self.replica = replica
        self.rules = rules
    }

    /// A new record with these fields, as for `sijil add`.
    ///
    /// - Throws: as ``Assignment``; the error names the field.
    mutating func make(_ type: String, _ fields: [String]) throws(SijilError) -> RecordID {
        let id = replica.environment.newIdentifier()
        let type = try Schema.directory.type(named: type)
        let assignment = try Assignment(fields, for: type, rules: rules)
        warnings += assignment.notes
        edits.append(RecordEdit(record: id, type: type.name, operations: assignment.operations))
        return id
    }

    /// More fields of a record that the draft makes.
    mutating func extend(_ id: RecordID, _ fields: [String]) throws(SijilError) {
        guard !fields.isEmpty, let place = edits.firstIndex(where: { $0.record == id }) else {
            return
        }
        let type = try Schema.directory.type(named: edits[place].type)
        edits[place].operations += try Assignment(fields, for: type, rules: rules).operations
    }

    /// Fields of a record that is there, as for `sijil edit`.
    mutating func change(_ record: RecordView, _ fields: [String]) throws(SijilError) {
        let type = try Schema.directory.type(named: record.type)
        let assignment = try Assignment(fields, for: type, present: record, rules: rules)
        warnings += assignment.notes
        if let place = edits.firstIndex(where: { $0.record == record.id }) {
            edits[place].operations += assignment.operations
        } else {
            edits.append(
                RecordEdit(record: record.id, type: type.name, operations: assignment.operations))
        }
    }
}

/// A text with its language: `ar=نادية`; or a text alone, whose language its script tells.
struct NamedText {
    let language: String
    let text: String

    /// - Throws: `badData` for a text without a letter.
    init(_ argument: String) throws(SijilError) {
        if let equals = argument.unicodeScalars.firstIndex(of: "="),
            argument[..<equals].utf8
                .allSatisfy({
                    $0 == UInt8(ascii: "-") || (0x30...0x39).contains($0)
                        || (0x41...0x5A).contains($0)
                        || (0x61...0x7A).contains($0)
                })
        {
            language = String(argument[..<equals])
            text = String(argument[argument.unicodeScalars.index(after: equals)...])
            guard text.contains(where: { !$0.isWhitespace }) else { throw Self.nameless }
        } else if let tag = argument.unicodeScalars.lazy.compactMap(Self.tag).first {
            language = tag
            text = argument
        } else {
            throw Self.nameless
        }
    }

    private static var nameless: SijilError {
        SijilError(
            .badData, Phrase.nameWithoutLetters.here, hint: #""fr=Nadia Amziane-Tifaouine""#,
            place: "name")
    }

    func assignment(_ field: String) -> String { "\(field).\(language)=\(text)" }

    private static let latin =
        InterfaceLanguage.current == .arabic ? "und-Latn" : InterfaceLanguage.current.rawValue

    /// The language that is mostly written with a letter.
    ///
    /// Latin ones tell none: then it is that of the run, or `und-Latn` where that is Arabic.
    private static func tag(_ scalar: Unicode.Scalar) -> String? {
        switch scalar.value {
        case 0x600...0x6FF, 0x750...0x77F, 0x8A0...0x8FF: "ar"
        case 0x2D30...0x2D7F: "zgh"
        case 0xD80...0xDFF: "si"
        case 0xB80...0xBFF: "ta"
        case 0x7C0...0x7FF: "nqo"
        case 0x1E900...0x1E95F: "ff-Adlm"
        case 0x41...0x5A, 0x61...0x7A, 0xC0...0x24F: latin
        default: scalar.properties.isAlphabetic ? "und" : nil
        }
    }
}

extension EntryWarning {
    /// In the language of the run.
    var phrase: String {
        switch self {
        case .controlsRemoved(let field): Phrase.controlsRemoved(field)
        case .unreadableNumber(let field, true): Phrase.unreadableNumber(field)
        case .unreadableNumber(let field, false):
            Phrase.unreadableNumber(field) + " " + Phrase.sayRegion.here
        case .unreadableAddress(let field): Phrase.unreadableAddress(field)
        case .endsTooEarly(let field): Phrase.endsTooEarly(field)
        case .unknownConsent(let field): Phrase.unknownConsent(field)
        }
    }
}

extension Phrase {
    fileprivate static let nameWithoutLetters = Phrase(
        ar: "الاسم بلا حروف.", fr: "Le nom n'a pas de lettre.",
        en: "A name has at least one letter.")
    fileprivate static let controlsRemoved = Phrase(
        ar: "حُذفت من {0} محارف تحكّم خفيّة.", fr: "Des caractères invisibles ont été ôtés de {0}.",
        en: "Invisible control characters were taken out of {0}.")
    fileprivate static let unreadableNumber = Phrase(
        ar: "رقم الهاتف في {0} غير مقروء؛ يُحفظ كما كُتب.",
        fr: "Le numéro dans {0} est illisible ; il est gardé tel quel.",
        en: "The telephone number in {0} could not be read; it is kept as it was typed.")
    fileprivate static let unreadableAddress = Phrase(
        ar: "عنوان البريد الإلكتروني في {0} غير صالح؛ يُحفظ كما كُتب.",
        fr: "L'adresse électronique dans {0} n'en est pas une ; elle est gardée telle quelle.",
        en: "The e-mail address in {0} is none; it is kept as it is written.")
    fileprivate static let endsTooEarly = Phrase(
        ar: "التاريخ في {0} قبل البداية؛ يُحفظ كما كُتب.",
        fr: "La date dans {0} précède le début ; elle est gardée telle quelle.",
        en: "The date in {0} is before the beginning; it is kept as it is written.")
    fileprivate static let unknownConsent = Phrase(
        ar: "لا أحد يبحث عن الموافقة في {0}؛ تُحفظ كما كُتبت.",
        fr: "Personne ne cherche le consentement dans {0} ; il est gardé tel quel.",
        en: "Nobody looks for the consent in {0}; it is kept as it is written.")
    fileprivate static let sayRegion = Phrase(
        ar: "ابدأه بعلامة + ورمز البلد، أو حدّد البلد مرّة: sijil region MA",
        fr: "Commencez par + et l'indicatif, ou dites une fois le pays : sijil region MA",
        en: "Begin it with + and the country's code, or say once where you are: sijil region MA")
}
