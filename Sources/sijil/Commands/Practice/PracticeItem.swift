import ArgumentParser
import SijilCore
import SijilDirectory
import SijilStore

/// The items of checklists.
struct PracticeItem: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "item", abstract: Phrase.itemAbstract.here,
        discussion: Phrase.itemDiscussion.here,
        subcommands: [PracticeItemAdd.self, PracticeItemMove.self])
}

/// Where an item goes.
struct ItemPlaceOptions: ParsableArguments {
    @Option(help: ArgumentHelp(Phrase.itemAfter.here, valueName: "item"))
    var after: String?

    @Option(help: ArgumentHelp(Phrase.itemBefore.here, valueName: "item"))
    var before: String?

    func validate() throws {
        if after != nil, before != nil { throw ValidationError(Phrase.afterOrBefore.here) }
    }

    /// The place among these items, from 0; `nil` when none was named.
    func place(in items: [RecordView]) throws(SijilError) -> Int? {
        if let after { return try ItemPlaceOptions.place(of: after, in: items) + 1 }
        if let before { return try ItemPlaceOptions.place(of: before, in: items) }
        return nil
    }

    /// The place, from 0, of the item with this number, counted from 1, or identifier.
    static func place(of name: String, in items: [RecordView]) throws(SijilError) -> Int {
        let place = Int(name).map { $0 &- 1 } ?? items.firstIndex { $0.id == RecordID(name) }
        guard let place, items.indices.contains(place) else {
            throw SijilError(
                .notFound, "The checklist has no such item.",
                hint: "Name it by its number or its id: 'sijil practice checklist' shows them.")
        }
        return place
    }
}

/// A practice's checklist, and what is in it.
struct ChecklistChoice: ParsableArguments {
    @Argument(help: ArgumentHelp(Phrase.practiceArgument.here, valueName: "number"))
    var practice: String

    @Option(help: ArgumentHelp(Phrase.practiceLibraryOption.here, valueName: "code"))
    var library: String?

    @Option(help: ArgumentHelp(Phrase.itemChecklist.here, valueName: "id"))
    var checklist: String?

    func read(_ shelf: PracticeShelf) throws -> (checklist: RecordView, items: [RecordView]) {
        let library = try library.map(shelf.library)
        let practice = try shelf.practice(named: practice, in: library)
        var checklists = try shelf.checklists(of: practice)
        if let checklist { checklists.removeAll { $0.id != RecordID(checklist) } }
        guard let first = checklists.first else {
            throw SijilError(
                .notFound, "The practice has no such checklist here.",
                hint: "Make one: sijil add checklist --in COLLECTION practice=\(practice.id)")
        }
        guard checklists.count == 1 else {
            throw SijilError(
                .usage, "The practice has several checklists.",
                hint: "Name one with --checklist ID: 'sijil practice show' lists them.")
        }
        return (first, try shelf.items(of: first))
    }
}

extension RecordEdit {
    /// What puts an item at a place: its own index, and those of others only when nothing fits between.
    static func placing(
        _ item: RecordID, at place: Int, in others: [RecordView],
        with operations: [CellOperation] = []
    ) -> [RecordEdit] {
        let insertion = FractionalIndex.inserting(
            at: place, in: others.map { $0["order"].plainText })
        func edit(_ id: RecordID, _ index: String, _ more: [CellOperation]) -> RecordEdit {
            RecordEdit(
                record: id, type: "checklist_item",
                operations: more + [CellOperation(CellName("order"), .put(.text(index)))])
        }
        return [edit(item, insertion.index, operations)]
            + insertion.others.sorted { $0.key < $1.key }
            .map { edit(others[$0.key].id, $0.value, []) }
    }
}

extension Phrase {
    fileprivate static let itemAbstract = Phrase(
        ar: "إضافة بنود إلى قوائم التحقق وتغيير ترتيبها.",
        fr: "Ajouter des points aux listes de contrôle et en changer l’ordre.",
        en: "Add items to checklists and change their order.")
    fileprivate static let itemDiscussion = Phrase(
        ar: """
            أمثلة:
              sijil practice item add 17 --after 3 "text.ar=اتصل بالإذاعة المحلية" due=PT2H
              sijil practice item move 17 5 --before 2
            """,
        fr: """
            Exemples :
              sijil practice item add 17 --after 3 "text.fr=Appeler la radio locale" due=PT2H
              sijil practice item move 17 5 --before 2
            """,
        en: """
            Examples:
              sijil practice item add 17 --after 3 "text.en=Call the local radio" due=PT2H
              sijil practice item move 17 5 --before 2
            """)
    fileprivate static let itemAfter = Phrase(
        ar: "بعد هذا البند: رقمه أو معرّفه.", fr: "Après ce point : son numéro ou son identifiant.",
        en: "After this item: its number or id.")
    fileprivate static let itemBefore = Phrase(
        ar: "قبل هذا البند: رقمه أو معرّفه.", fr: "Avant ce point : son numéro ou son identifiant.",
        en: "Before this item: its number or id.")
    fileprivate static let afterOrBefore = Phrase(
        ar: "اختر --after أو --before، لا كليهما.",
        fr: "Choisir --after ou --before, pas les deux.",
        en: "Choose --after or --before, not both.")
    fileprivate static let itemChecklist = Phrase(
        ar: "معرّف قائمة التحقق، إن كانت للممارسة عدة قوائم.",
        fr: "L’identifiant de la liste, si la pratique en a plusieurs.",
        en: "The checklist's id, if the practice has several.")
}
