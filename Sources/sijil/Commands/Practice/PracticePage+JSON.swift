import SijilCore
import SijilDirectory
import SijilStore

extension PracticePage {
    /// Everything about the practice; texts are in the reader's language, or say in which they are.
    func json(replicaNames: [ReplicaID: String]) -> JSON {
        [
            "id": .string(practice.id.description),
            "library": library.map { library in
                [
                    "id": .string(library.id.description),
                    "code": .string(library["code"].plainText),
                    "title": library.wording("title", in: languages).text.json,
                ]
            } ?? .null,
            "number": .string(practice["number"].plainText),
            "title": title.json, "body": body.json,
            "wordings": wordings,
            "alternative_titles": practice.membersJSON("alternative_titles"),
            "phases": practice.membersJSON("phases"), "sectors": practice.membersJSON("sectors"),
            "themes": practice.membersJSON("themes"), "tags": practice.membersJSON("tags"),
            "checklists": .array(checklists.map(checklistJSON)),
            "case_studies": .array(caseStudies.map(caseJSON)),
            "lessons": .array(lessons.map(lessonJSON)),
            "reviews": .array(reviews.map(reviewJSON)),
            "conflicts": .array(
                practice.conflicts.map {
                    practice.conflictJSON($0, replicaNames: replicaNames)
                }),
        ]
    }

    /// All that the practice has in every language, by tag.
    private var wordings: JSON {
        let fields = [
            "title", "title_status", "body", "body_status", "source", "translator", "checked_by",
        ]
        let tags = practice.languages(of: "title", "title_status", "body", "body_status")
        return .object(
            tags.map { tag in
                JSON.Member(
                    tag,
                    .object(
                        fields.map { field in
                            JSON.Member(
                                field, practice.shown(CellName(field, key: .text(tag))).json)
                        }))
            })
    }

    private func checklistJSON(_ checklist: (record: RecordView, items: Int)) -> JSON {
        [
            "id": .string(checklist.record.id.description),
            "title": checklist.record.wording("title", in: languages).json,
            "phase": checklist.record["phase"].json, "items": .integer(Int64(checklist.items)),
        ]
    }

    private func caseJSON(_ study: (record: RecordView, facts: [RecordView])) -> JSON {
        let record = study.record
        let facts = study.facts.map { fact -> JSON in
            [
                "id": .string(fact.id.description),
                "text": fact.wording("text", in: languages).json, "source": fact["source"].json,
                "practice": fact["practice"].json,
            ]
        }
        return [
            "id": .string(record.id.description), "code": record["code"].json,
            "title": record.wording("title", in: languages).json, "on": record["on"].json,
            "place": record["place"].json, "aliases": record.membersJSON("aliases"),
            "caution": record.wording("caution", in: languages).json, "facts": .array(facts),
        ]
    }

    private func lessonJSON(_ lesson: RecordView) -> JSON {
        [
            "id": .string(lesson.id.description),
            "text": lesson.wording("text", in: languages).json,
            "consequence": lesson.wording("consequence", status: "text_status", in: languages).json,
            "stance": lesson["stance"].json, "case_study": lesson["case_study"].json,
            "author": lesson["author"].json,
        ]
    }

    private func reviewJSON(_ review: RecordView) -> JSON {
        [
            "id": .string(review.id.description), "about": review["about"].json,
            "reviewer": review["reviewer"].json, "on": review["on"].json,
            "verdict": review["verdict"].json, "comment": review["comment"].json,
        ]
    }
}

extension Wording {
    /// `{"text","language","status"}`; text and status are null when there is none.
    var json: JSON {
        ["text": text.json, "language": .string(language), "status": status.json]
    }
}
