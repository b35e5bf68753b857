import SijilCore
import SijilDirectory
import SijilStore

extension SubjectReport {
    /// The report for people: a paragraph for each record, then what names them and to whom records went.
    func lines(_ text: TerminalText) -> [String] {
        var lines: [String] = []
        for part in parts {
            if !lines.isEmpty { lines.append("") }
            lines += self.lines(of: part, text)
        }
        lines += ["", Phrase.reportReferences.here]
        for (record, reference) in references {
            lines.append(
                "  \(text.code(record.id.description))  \(text.own(record.type)).\(text.own(reference.field))"
                    + "  \(text.own(record.label))")
        }
        if references.isEmpty { lines.append("  " + Phrase.reportNone.here) }
        lines += ["", Phrase.reportDisclosures.here]
        for record in disclosures {
            let fields = record.fields.map { "\(text.own($0)): \(text.value(record[$0]))" }
            lines.append("  " + fields.joined(separator: "; "))
        }
        if disclosures.isEmpty { lines.append("  " + Phrase.reportNone.here) }
        return lines
    }

    private func lines(of part: RecordCopy, _ text: TerminalText) -> [String] {
        let record = part.record
        var lines = [
            "\(text.own(record.type)) \(text.code(record.id.description))",
            "  \(Phrase.reportCollection.here): \(text.own(record.collectionName))",
        ]
        for (name, cell) in record.cells.sorted(by: { $0.key.precedes($1.key) }) {
            for sibling in cell.siblings {
                lines.append(
                    "  \(text.own(name.path)): \(text.value(sibling.value))"
                        + "  (\(text.origin(sibling, replicaNames)))")
            }
        }
        lines.append("  \(Phrase.reportHistory.here)")
        for entry in part.history {
            let name = replicaNames[entry.dot.replica] ?? entry.dot.replica.abbreviated
            var line =
                "    \(text.code(Timestamp.text(milliseconds: entry.at)))  \(text.own(name))  "
                + "\(text.own(entry.cell.path)): "
                + (entry.value.map(text.value) ?? Phrase.reportTakenOut.here)
            if !entry.replaced.isEmpty {
                let before = entry.replaced.map(text.value).joined(separator: " | ")
                line += "  (\(Phrase.reportWas(before)))"
            }
            if let note = entry.note { line += "  — \(text.own(note))" }
            lines.append(line)
        }
        return lines
    }
}
