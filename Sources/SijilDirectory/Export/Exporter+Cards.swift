public import SijilCore
import SijilStore

extension Exporter {
    /// Writes vCards of version 4.0: of the living persons, offices and communities with the channels
    /// that are theirs, and of persons with the offices that they hold.
    ///
    /// An import of the file into the same collection changes nothing. Channels that belong to nobody, areas
    /// and practices are in no card; lossless is ``writeJSONLines(in:type:includesDeleted:to:)``. One card is
    /// in memory at a time, whatever the number.
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
        // A clock that fell back to 1970 must not leave everybody out who came to office since.
        let today = CalendarDay(
            milliseconds: max(try replica.now, try replica.number("last_sync") ?? 0))
        var output = Output()
        try reading { reading in
            let channels = try reading.referrers(of: "channel", through: "owner", in: collection)
            let tenures = try reading.referrers(of: "tenure", through: "person", in: collection)
            for shape in CardShape.all where type == nil || type == shape.type {
                let query = RecordQuery(type: shape.type, collection: collection)
                try reading.forEachRecord(query) { stored in
                    let record = shared(stored)
                    let theirs = try channels.records(to: stored.id).compactMap(shared)
                    guard let record else { return }
                    let seats =
                        shape.type == "person"
                        ? try tenures.records(to: record.id)
                            .compactMap { try seat($0, on: today, in: collection, reading) } : []
                    // An office without a title is in no card.
                    let titled = seats.first { !$0.office.keyed("title").isEmpty }
                    let label = titled?.office.label() ?? record.id.abbreviated
                    let card = writer.card(
                        of: record, shape, channels: theirs.map(writer.channel), seats: seats,
                        label: label)
                    try output.add(to: sink) { CardWriter.write(card, to: &$0) }
                    wrote(record)
                }
            }
        }
        try output.finish(sink)
        return output.rows
    }

    /// The office of a tenure that covers a day, as far as anybody knows; `nil` for none.
    private func seat(
        _ tenure: RecordView, on day: CalendarDay, in collection: CollectionID?,
        _ reading: RecordReading
    ) throws -> CardWriter.Seat? {
        func known(_ reference: Value, _ type: String) throws -> RecordView? {
            guard case .reference(let id) = reference,
                let record = try reading.record(id, of: type, near: tenure.collection),
                collection == nil || record.collection == collection
            else { return nil }
            return shared(record)
        }
        guard let tenure = shared(tenure), Roster.Tenure(tenure)?.mayCover(day, day) == true,
            let office = try known(tenure["office"], "office")
        else { return nil }
        let community = try known(office["community"], "community")
        return CardWriter.Seat(
            tenure: tenure, office: office,
            community: (community?.keyed("name") ?? []).prefix(CardWriter.Seat.communityNames)
                .map(\.self))
    }
}
