import ArgumentParser
import SijilCore
import SijilDirectory
import SijilStore

struct PracticeItemMove: Verb {
    static let configuration = CommandConfiguration(
        commandName: "move", abstract: Phrase.itemMoveAbstract.here,
        discussion: Phrase.itemMoveDiscussion.here)

    @OptionGroup var choice: ChecklistChoice

    @Argument(help: ArgumentHelp(Phrase.itemMoved.here, valueName: "item"))
    var item: String

    @OptionGroup var place: ItemPlaceOptions
    @OptionGroup var language: LanguageOptions
    @OptionGroup var common: CommonOptions

    func validate() throws {
        if place.after == nil, place.before == nil {
            throw ValidationError(Phrase.itemPlaceNeeded.here)
        }
    }

    func run(_ console: Console) async throws {
        let replica = try openReplica()
        let seen = try replica.seen()
        let (checklist, items) = try choice.read(PracticeShelf(replica))
        let source = try ItemPlaceOptions.place(of: item, in: items)
        guard let named = try place.place(in: items) else { return }
        // The place in the list that is left without the item.
        let target = named > source ? named - 1 : named
        let moved = items[source]
        if target != source {
            var others = items
            others.remove(at: source)
            try replica.write(
                RecordEdit.placing(moved.id, at: target, in: others), in: checklist.collection,
                seen: seen[checklist.collection])
        }
        if console.isJSON {
            try console.emit([
                "id": .string(moved.id.description), "place": .integer(Int64(target + 1)),
            ])
        } else if target == source {
            console.message(Phrase.itemStays.here)
        } else {
            console.message(Phrase.itemMovedTo(String(target + 1)))
        }
    }
}

extension Phrase {
    fileprivate static let itemMoveAbstract = Phrase(
        ar: "نقل بند إلى موضع آخر في قائمته.", fr: "Déplacer un point dans sa liste.",
        en: "Move an item to another place in its checklist.")
    fileprivate static let itemMoveDiscussion = Phrase(
        ar: """
            أمثلة:
              sijil practice item move 17 5 --before 2
              sijil practice item move 17 1 --after 8

            لا يتغير ترقيم غيره: نقلان في وقت واحد يبقيان كلاهما.
            """,
        fr: """
            Exemples :
              sijil practice item move 17 5 --before 2
              sijil practice item move 17 1 --after 8

            Rien d’autre n’est renuméroté : deux déplacements faits en même temps restent tous deux.
            """,
        en: """
            Examples:
              sijil practice item move 17 5 --before 2
              sijil practice item move 17 1 --after 8

            Nothing else is renumbered: of two moves made at the same time both stay.
            """)
    fileprivate static let itemMoved = Phrase(
        ar: "البند: رقمه أو معرّفه.", fr: "Le point : son numéro ou son identifiant.",
        en: "The item: its number or id.")
    fileprivate static let itemPlaceNeeded = Phrase(
        ar: "اذكر الموضع: --after أو --before.", fr: "Dire où : --after ou --before.",
        en: "Say where: --after or --before.")
    fileprivate static let itemStays = Phrase(
        ar: "هو في ذلك الموضع فعلًا", fr: "il y est déjà", en: "it is there already")
    fileprivate static let itemMovedTo = Phrase(
        ar: "نُقل إلى الموضع {0}؛ التالي: sijil sync",
        fr: "déplacé à la place {0} ; ensuite : sijil sync",
        en: "moved to place {0}; next: sijil sync")
}
