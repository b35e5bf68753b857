public import SijilCore
import SijilStore

extension Exporter {
    /// Writes vCards of version 4.0: of the living persons, offices and communities with the channels
    /// that are theirs, and of persons with the offices that they hold.
    ///
    /// An import of the file into the same collection changes nothing. Channels that belong to nobody, areas
    /// and practices are in no card; lossless is ``writeJSONLines(in:type:includesDeleted:to:)``. The
    /// channels and tenures of what is written are held in memory meanwhile.
    ///
    /// - Parameter type: `person`, `office` or `community`; `nil` for all of them.
    /// - Returns: the number of cards.
    /// - Throws: `usage` for another type.
    @discardableResult
    public func writeCards(
        type: String? = nil, in collection: CollectionID? = nil, to sink: Sink
    ) throws -> Int {
        if let type, CardShape.named(type) == nil {
            throw SijilError(
                .usage, "Records of this type are no vCards.",
                hint: "A vCard is a person, an office or a community.", place: "type")
        }
        let writer = CardWriter(schema: replica.schema)
        var channels: [RecordID: [CardProperty]] = [:]
        try records(RecordQuery(type: "channel", collection: collection)) { channel in
            guard case .reference(let owner) = channel["owner"] else { return }
            channels[owner, default: []].append(writer.channel(channel))
        }
        let seats = type == nil || type == "person" ? try self.seats(in: collection) : [:]
        var output = Output()
        for shape in CardShape.all where type == nil || type == shape.type {
            try records(RecordQuery(type: shape.type, collection: collection)) { record in
                let seats = seats[record.id] ?? []
                let label = seats.first?.office.label() ?? record.id.abbreviated
                let card = writer.card(
                    of: record, shape, channels: channels[record.id] ?? [], seats: seats,
                    label: label)
                try output.add(to: sink) { CardWriter.write(card, to: &$0) }
                wrote(record)
            }
        }
        try output.finish(sink)
        return output.rows
    }

    /// The offices that people hold now, as far as nothing says that they left.
    private func seats(in collection: CollectionID?) throws -> [RecordID: [CardWriter.Seat]] {
        var communities: [RecordID: [(key: Value, value: Value)]] = [:]
        try records(RecordQuery(type: "community", collection: collection)) {
            communities[$0.id] = $0.keyed("name")
        }
        var offices: [RecordID: RecordView] = [:]
        try records(RecordQuery(type: "office", collection: collection)) { offices[$0.id] = $0 }
        var seats: [RecordID: [CardWriter.Seat]] = [:]
        try records(RecordQuery(type: "tenure", collection: collection)) { tenure in
            guard tenure["to"] == .none, case .reference(let person) = tenure["person"],
                case .reference(let id) = tenure["office"], let office = offices[id]
            else { return }
            var community: [(key: Value, value: Value)] = []
            if case .reference(let id) = office["community"] { community = communities[id] ?? [] }
            seats[person, default: []]
                .append(CardWriter.Seat(tenure: tenure, office: office, community: community))
        }
        return seats
    }
}
