import SijilCore
import SijilSync

/// Why the server refused changes, for people.
enum Refusal {
    /// What a refusal means, as a clause without a full stop.
    ///
    /// - Parameters:
    ///   - code: the stable name that the server gave.
    ///   - text: how a name that is not known is shown.
    static func reason(_ code: String, _ text: TerminalText) -> Phrase {
        switch SijilError.Code(rawValue: code) {
        case .notPermitted:
            Phrase(
                ar: "لم يعد يجوز لهذه النسخة أن تكتب هناك",
                fr: "cette réplique n’a plus le droit d’y écrire",
                en: "this replica may not write there any more")
        case .fork:
            Phrase(
                ar: "تعديلان مختلفان يحملان اسما واحدا؛ نُسخت هذه النسخة أو أُعيدت من حفظ قديم",
                fr:
                    "deux modifications portent un même nom ; la réplique a été copiée ou restaurée",
                en: "two different changes carry one name; the replica was copied or restored")
        case .unseen:
            Phrase(
                ar: "ينقص الخادمَ ما تقوم عليه", fr: "le serveur n’a pas ce qui les précède",
                en: "the server lacks what they build on")
        case .notAuthentic:
            Phrase(
                ar: "توقيع غير صحيح", fr: "une signature n’est pas valable",
                en: "a signature does not hold")
        case .futureVersion:
            Phrase(
                ar: "إصدار الخادم أقدم", fr: "le serveur est d’une version plus ancienne",
                en: "the server is of an older version")
        default:
            Phrase(
                ar: "وجد الخادم فيها خللا ({0})", fr: "le serveur les a trouvées fautives ({0})",
                en: "the server found them faulty ({0})"
            )
            .filled(text.code(code))
        }
    }

    /// The error of a sync that ended with refused changes: they stay on this device.
    static func error(_ report: SyncReport) -> SijilError {
        let codes = Set(report.refusals.values.map(SijilError.Code.init(rawValue:)))
        let code: SijilError.Code = codes.contains(.notPermitted) ? .notPermitted : .badData
        let text = TerminalText(isTerminal: false, isPlain: true)
        let reasons = Set(report.refusals.values).sorted().map { reason($0, text).en }
            .joined(separator: "; ")
        return SijilError(
            code, "The server refused \(count(report.rejected, "change")): \(reasons).",
            hint: "They are kept on this device. 'sijil status' shows where; ask your coordinator.")
    }
}
