import ArgumentParser
import SijilCore
import SijilDirectory
import SijilStore
import SijilSync

struct Status: Verb {
    static let configuration = CommandConfiguration(
        abstract: "Show what is not yet sent, held, rejected or in conflict.",
        discussion: """
            Examples:
              sijil status
              sijil status --json
              sijil status --exit-code --quiet && echo "all is sent and decided"
            """)

    @Flag(
        name: .customLong("exit-code"),
        help: "Exit with 1 when something is to be sent, held, rejected or decided.")
    var exitCode = false

    @OptionGroup var language: LanguageOptions

    @OptionGroup var common: CommonOptions

    func run(_ console: Console) async throws {
        let waiting = try tell(console)
        if exitCode, waiting > 0 { throw ExitCode(1) }
    }

    /// - Returns: how many changes and decisions wait.
    private func tell(_ console: Console) throws -> Int {
        let replica = try openReplica()
        let collections = try replica.collections()
        let pending = collections.reduce(0) { $0 + $1.pending }
        let held = collections.reduce(0) { $0 + $1.held }
        let isRefused = try replica.text(ServerConnection.refusalKey).map { !$0.isEmpty } ?? false
        let rejected = collections.reduce(0) {
            $0 + (isRefused || $1.refusal != nil ? $1.pending : 0)
        }
        let conflicts = try replica.conflictCount()
        let server = try replica.text("server")
        let lastSync = try replica.number("last_sync").map(Timestamp.text(milliseconds:))
        // The offset is what must be added to this clock; the skew is how far this clock is ahead.
        let skew = try replica.number("clock_offset").map { 0 &- $0 }
        let waiting = pending + held + conflicts
        guard !console.isJSON else {
            try console.emit([
                "replica": .string(replica.id.description), "server": server.json,
                "pending": .integer(Int64(pending)), "held": .integer(Int64(held)),
                "rejected": .integer(Int64(rejected)), "quarantined": 0,
                "conflicts": .integer(Int64(conflicts)), "last_sync": lastSync.json,
                "clock_skew_ms": skew.map { .integer($0) } ?? .null,
            ])
            return waiting
        }
        let text = console.text
        func line(_ label: Phrase, _ value: String) throws {
            try console.print(Phrase.labelled(label.here, value))
        }
        try line(
            .replicaLabel,
            "\(text.code(replica.id.description)) (\(text.own(try replica.name)))")
        try line(.serverLabel, server.map(text.code) ?? Phrase.noneJoined.here)
        try line(.lastSyncLabel, lastSync.map(text.code) ?? Phrase.neverSynced.here)
        try line(.toSendLabel, CountedPhrase.changes(pending))
        if isRefused { try console.print(Phrase.refusedDevice.here) }
        if held > 0 { try line(.heldLabel, CountedPhrase.changes(held)) }
        for collection in collections {
            guard let refusal = collection.refusal else { continue }
            try console.print(
                Phrase.rejectedThere(
                    CountedPhrase.changes(collection.pending), text.own(collection.grant.name),
                    Refusal.reason(refusal, text).here))
        }
        try line(.conflictsLabel, "\(conflicts)")
        if let skew, skew.magnitude >= 60_000 {
            let phrase: Phrase = skew > 0 ? .clockAhead : .clockBehind
            try console.print(phrase("\(skew.magnitude / 1000)"))
        }
        if pending > rejected { console.message(Phrase.nextSync.here) }
        if conflicts > 0 { console.message(Phrase.nextConflicts.here) }
        return waiting
    }
}

extension Phrase {
    fileprivate static let replicaLabel = Phrase(ar: "النسخة", fr: "réplique", en: "replica")
    fileprivate static let serverLabel = Phrase(ar: "الخادم", fr: "serveur", en: "server")
    fileprivate static let noneJoined = Phrase(
        ar: "لم تنضمّ إلى خادم بعد", fr: "aucun serveur rejoint", en: "none joined")
    fileprivate static let lastSyncLabel = Phrase(
        ar: "آخر مزامنة", fr: "dernière synchronisation", en: "last sync")
    fileprivate static let neverSynced = Phrase(ar: "لم تحدث بعد", fr: "jamais", en: "never")
    fileprivate static let toSendLabel = Phrase(ar: "للإرسال", fr: "à envoyer", en: "to send")
    fileprivate static let heldLabel = Phrase(ar: "معلّق", fr: "en attente", en: "held")
    fileprivate static let refusedDevice = Phrase(
        ar: "مرفوض: الخادم لا يقبل شيئا من هذا الجهاز؛ اسأل المنسّق",
        fr: "refusé : le serveur n’accepte rien de cet appareil ; demander au coordinateur",
        en: "refused: the server takes nothing from this device; ask your coordinator")
    fileprivate static let rejectedThere = Phrase(
        ar: "مرفوض: {0} في {1}: {2}", fr: "refusé : {0} dans {1} : {2}",
        en: "rejected: {0} in {1}: {2}")
    fileprivate static let conflictsLabel = Phrase(ar: "التعارضات", fr: "conflits", en: "conflicts")
    fileprivate static let clockAhead = Phrase(
        ar: "الساعة: متقدّمة {0} ثانية على ساعة الخادم",
        fr: "horloge : {0} s d’avance sur celle du serveur",
        en: "clock: {0} s ahead of the server's")
    fileprivate static let clockBehind = Phrase(
        ar: "الساعة: متأخّرة {0} ثانية عن ساعة الخادم",
        fr: "horloge : {0} s de retard sur celle du serveur",
        en: "clock: {0} s behind the server's")
}

extension CountedPhrase {
    fileprivate static let changes = CountedPhrase(
        ar: (
            zero: "لا تعديلات",
            one: "تعديل واحد",
            two: "تعديلان",
            few: "{0} تعديلات",
            many: "{0} تعديلا",
            other: "{0} تعديل"
        ),
        fr: (one: "{0} modification", other: "{0} modifications"),
        en: (one: "{0} change", other: "{0} changes"))
}

extension String? {
    /// The text, or null.
    var json: JSON { map { .string($0) } ?? .null }
}
