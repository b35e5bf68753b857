import ArgumentParser
import SijilCore
import SijilDirectory
import SijilStore

struct PracticeItemAdd: Verb {
    static let configuration = CommandConfiguration(
        commandName: "add", abstract: Phrase.itemAddAbstract.here,
        discussion: Phrase.itemAddDiscussion.here)

    @OptionGroup var choice: ChecklistChoice

    @Argument(help: ArgumentHelp(Phrase.itemFields.here, valueName: "field"))
    var fields: [String] = []

    @OptionGroup var place: ItemPlaceOptions
    @OptionGroup var language: LanguageOptions
    @OptionGroup var common: CommonOptions

    func run(_ console: Console) async throws {
        let replica = try openReplica()
        let seen = try replica.seen()
        let (checklist, items) = try choice.read(PracticeShelf(replica))
        let type = try Schema.directory.type(named: "checklist_item")
        let assignment = try Assignment(fields, for: type)
        let operations = try complete(assignment.operations, checklist)
        let item = replica.environment.newIdentifier()
        let place = try place.place(in: items) ?? items.count
        try replica.write(
            RecordEdit.placing(item, at: place, in: items, with: operations),
            in: checklist.collection, seen: seen[checklist.collection])
        for warning in assignment.warnings { console.warning(warning) }
        if console.isJSON {
            try console.emit([
                "id": .string(item.description), "place": .integer(Int64(place + 1)),
            ])
        } else {
            try console.print(item.description)
            console.message(Phrase.itemAdded(String(place + 1)))
        }
    }

    /// With the checklist, and with a status for each text: one that was typed here is not official unless
    /// somebody says so.
    ///
    /// - Throws: `badData` for an item without a text and for a due time that is no duration, `usage` for
    ///   what is given by the place.
    private func complete(
        _ operations: [CellOperation], _ checklist: RecordView
    ) throws(SijilError) -> [CellOperation] {
        var operations = operations
        for field in ["order", "checklist"]
        where operations.contains(where: { $0.cell.field == field }) {
            throw SijilError(
                .usage, "The item's place says this already.",
                hint: "Use --after, --before and --checklist.", place: field)
        }
        let texts = operations.filter { $0.cell.field == "text" }.map(\.cell.key)
        guard !texts.isEmpty else {
            throw SijilError(
                .badData, "The item has no text.", hint: "For example \"text.ar=…\" \"text.fr=…\".",
                place: "text")
        }
        for operation in operations where operation.cell.field == "due" {
            guard case .put(.text(let due)) = operation.effect, DueOffset(due) == nil else {
                continue
            }
            throw SijilError(
                .badData, "A due time is a duration of ISO 8601 after the incident.",
                hint: "For example PT30M, PT3H or P2D.", place: "due")
        }
        for language in texts {
            let cell = CellName("text_status", key: language)
            if operations.contains(where: { $0.cell == cell }) { continue }
            operations.append(CellOperation(cell, .put(.text("working"))))
        }
        operations.append(
            CellOperation(CellName("checklist"), .put(.reference(checklist.id))))
        return operations
    }
}

extension Phrase {
    fileprivate static let itemAddAbstract = Phrase(
        ar: "إضافة بند إلى قائمة تحقق.", fr: "Ajouter un point à une liste de contrôle.",
        en: "Add an item to a checklist.")
    fileprivate static let itemAddDiscussion = Phrase(
        ar: """
            أمثلة:
              sijil practice item add 17 "text.ar=اتصل بالإذاعة المحلية" role=spokesperson due=PT2H
              sijil practice item add 17 --after 3 "text.ar=…" "text.fr=…" needs+=message

            يأتي البند في آخر القائمة ما لم يُذكر موضعه. ونص كُتب هنا حالته working ما لم يُذكر غيرها.
            """,
        fr: """
            Exemples :
              sijil practice item add 17 "text.fr=Appeler la radio locale" role=spokesperson due=PT2H
              sijil practice item add 17 --after 3 "text.ar=…" "text.fr=…" needs+=message

            Sans indication de place, le point vient en dernier. Un texte saisi ici a le statut working, \
            sauf indication contraire.
            """,
        en: """
            Examples:
              sijil practice item add 17 "text.en=Call the local radio" role=spokesperson due=PT2H
              sijil practice item add 17 --after 3 "text.ar=…" "text.fr=…" needs+=message

            The item comes last unless a place is named. A text that is typed here has the status working \
            unless another is given.
            """)
    fileprivate static let itemFields = Phrase(
        ar: "text.LANG=TEXT، role=ROLE، due=DURATION، needs+=NEED.",
        fr: "text.LANG=TEXTE, role=ROLE, due=DUREE, needs+=BESOIN.",
        en: "text.LANG=TEXT, role=ROLE, due=DURATION, needs+=NEED.")
    fileprivate static let itemAdded = Phrase(
        ar: "أُضيف في الموضع {0}؛ التالي: sijil sync",
        fr: "ajouté à la place {0} ; ensuite : sijil sync",
        en: "added at place {0}; next: sijil sync")
}
