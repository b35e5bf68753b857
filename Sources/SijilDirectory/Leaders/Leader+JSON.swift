public import SijilCore

extension Leader {
    /// As `sijil leader list --json` prints it.
    ///
    /// - Parameter roster: that the leader is of, for the codes of places.
    public func json(in roster: Roster) -> JSON {
        .object(
            personMembers + officeMembers(in: roster) + tenureMembers + [
                JSON.Member("contact_rule", .string(rule.rawValue)),
                JSON.Member("contact_rule_until", JSON(ruleEnd)),
                JSON.Member("deceased", .bool(person.isDeceased)),
                JSON.Member("intermediaries", .array(person.intermediaries.map(\.json))),
                JSON.Member("verified", review.json),
                JSON.Member("channels", .array(channels.map(\.json))),
                JSON.Member("withheld", .integer(Int64(withheldChannels))),
            ])
    }

    private var personMembers: [JSON.Member] {
        [
            JSON.Member("id", person.id.json), JSON.Member("names", JSON(person.names)),
            JSON.Member("languages", .array(person.languages.map { .string($0) })),
        ]
    }

    private func officeMembers(in roster: Roster) -> [JSON.Member] {
        office.members(in: roster, area: area)
    }

    private var tenureMembers: [JSON.Member] {
        [JSON.Member("tenure", tenure.id.json)] + tenure.members
            + [JSON.Member("status", .string(status.rawValue))]
    }

    /// As one of the offices of `sijil leader show --json`, or one of the holders of an office.
    public func tenureJSON(in roster: Roster) -> JSON {
        .object(personMembers + officeMembers(in: roster) + tenureMembers)
    }
}

extension Roster.Office {
    fileprivate func members(in roster: Roster, area: RecordID?) -> [JSON.Member] {
        [
            JSON.Member("office", id.json), JSON.Member("title", JSON(title)),
            JSON.Member("type", JSON(type)), JSON.Member("category", JSON(category)),
            JSON.Member("area", area?.json ?? .null),
            JSON.Member("area_code", JSON(area.flatMap { roster.areas[$0]?.code })),
            JSON.Member("community", community?.json ?? .null),
        ]
    }

    /// As `sijil office list --json` prints it, without who holds it.
    public func json(in roster: Roster) -> [JSON.Member] {
        [JSON.Member("id", id.json)]
            + members(in: roster, area: roster.area(of: self)).dropFirst()
            + [JSON.Member("seats", .integer(seats))]
    }
}

extension Roster {
    /// As `sijil office list --json` prints it.
    public func json(of office: Office, on date: PartialDate) -> JSON {
        let holders = holders(of: office.id, on: date)
            .map { json(of: $0.tenure, status: $0.status) }
        return .object(office.json(in: self) + [JSON.Member("holders", .array(holders))])
    }

    /// As one of the predecessors of `sijil office show --json`.
    public func json(of tenure: Tenure, on date: PartialDate) -> JSON {
        json(of: tenure, status: status(of: tenure, on: date))
    }

    private func json(of tenure: Tenure, status: TenureStatus) -> JSON {
        let person = [
            JSON.Member("tenure", tenure.id.json), JSON.Member("id", tenure.person.json),
            JSON.Member("names", JSON(people[tenure.person]?.names ?? [])),
        ]
        return .object(
            person + tenure.members + [JSON.Member("status", .string(status.rawValue))])
    }
}

extension Roster.Tenure {
    fileprivate var members: [JSON.Member] {
        var members = [
            JSON.Member("from", JSON(from)), JSON.Member("to", JSON(to)),
            JSON.Member("mode", JSON(mode)), JSON.Member("recognition", JSON(recognition)),
            JSON.Member("ended_how", JSON(endedHow)),
        ]
        if isContested { members.append(JSON.Member("contested", .bool(true))) }
        return members
    }
}

extension Review {
    /// Null while nobody has said anything.
    var json: JSON {
        guard level != nil else { return .null }
        return [
            "level": JSON(level), "on": JSON(verifiedOn), "by": JSON(by),
            "due_on": JSON(dueOn?.date),
        ]
    }
}

extension ReachableChannel {
    public var json: JSON {
        var members = [
            JSON.Member("id", channel.id.json), JSON.Member("kind", JSON(channel.kind)),
            JSON.Member("value", JSON(channel.values.first)),
        ]
        if channel.values.count > 1 {
            members.append(
                JSON.Member("values", .array(channel.values.map { .string($0) })))
        }
        if channel.isContested { members.append(JSON.Member("contested", .bool(true))) }
        members += [
            JSON.Member("of", .string(isOfOffice ? "office" : "person")),
            JSON.Member("label", JSON(channel.label)),
            JSON.Member("answered_by", JSON(channel.answeredBy)),
            JSON.Member("preference", channel.preference.map { .integer($0) } ?? .null),
            JSON.Member("hours", JSON(channel.hours)),
            JSON.Member("avoid", .array(channel.avoid.map { .string($0) })),
            JSON.Member("language", JSON(channel.language)),
            JSON.Member("failed", .bool(hasFailed)), JSON.Member("unreadable", .bool(isFlagged)),
        ]
        return .object(members)
    }
}

extension CallSheetEntry {
    /// As `sijil leader call-sheet --json` prints it.
    ///
    /// - Parameter languages: in which a name is wanted, the best first.
    public func json(in roster: Roster, preferring languages: [String]) -> JSON {
        [
            "id": leader.person.id.json,
            "name": JSON(leader.person.names.best(languages)),
            "office": leader.office.id.json,
            "title": JSON(leader.office.title.best(languages) ?? leader.office.type),
            "area_code": JSON(leader.area.flatMap { roster.areas[$0]?.code }),
            "status": .string(leader.status.rawValue), "callable": .bool(isCallable),
            "reason": JSON(reason?.code), "channel": channel?.json ?? .null,
            "hours_now": .string((channel?.hours ?? .unknown).rawValue),
            "local_time": JSON(localTime?.text),
            "via": via.map { ["id": $0.id.json, "name": JSON($0.names.best(languages))] } ?? .null,
            "contact_rule": .string(leader.rule.rawValue),
            "languages": .array((via ?? leader.person).languages.map { .string($0) }),
            "ask_first": .array(leader.person.intermediaries.map(\.json)),
            "form_of_address": JSON((via ?? leader.person).formOfAddress.best(languages)),
            "protocol_notes": JSON(leader.person.protocolNotes.best(languages)),
        ]
    }
}

extension Roster.DueEntry {
    /// As `sijil due --json` prints it.
    public func json(in roster: Roster) -> JSON {
        .object(
            [
                JSON.Member("id", leader?.person.id.json ?? .null),
                JSON.Member("names", leader.map { JSON($0.person.names) } ?? .null),
            ]
                + office.members(in: roster, area: leader?.area ?? roster.area(of: office))
                + [
                    JSON.Member("due_on", JSON(review.dueOn?.date)),
                    JSON.Member("reason", .string(review.reason.rawValue)),
                    JSON.Member("level", JSON(review.level)),
                    JSON.Member("last_verified", JSON(review.verifiedOn)),
                ])
    }
}

extension Coverage {
    /// As `sijil coverage --json` prints it.
    public var json: JSON {
        var members = [JSON.Member("id", place.id.json)]
        switch place {
        case .area(let area):
            members += [JSON.Member("place", "area"), JSON.Member("code", JSON(area.code))]
        case .community(let community):
            members += [
                JSON.Member("place", "community"), JSON.Member("kind", JSON(community.kind)),
            ]
        }
        members += [JSON.Member("names", JSON(place.names)), JSON.Member("gap", .bool(isGap))]
        members += total.members
        members.append(
            JSON.Member(
                "categories",
                .object(
                    categories.sorted { $0.key < $1.key }
                        .map { JSON.Member($0.key, .object($0.value.members)) })))
        return .object(members)
    }
}

extension Coverage.Count {
    fileprivate var members: [JSON.Member] {
        [
            ("leaders", leaders), ("verified", verified), ("stale", stale), ("women", women),
            ("youth", youth),
        ]
        .map { JSON.Member($0.0, .integer(Int64($0.1))) }
    }
}

extension LocalTime {
    /// `09:05`.
    public var text: String {
        let (hours, minutes) = (minute / 60, minute % 60)
        return "\(hours < 10 ? "0" : "")\(hours):\(minutes < 10 ? "0" : "")\(minutes)"
    }
}

extension Roster.Texts {
    /// The text in the best language there is: a tag's language alone is good enough, then any language.
    public func best(_ languages: [String]) -> String? {
        for language in languages {
            if let exact = first(where: { $0.language == language }) { return exact.text }
            let near = first { $0.language.prefix { $0 != "-" } == language.prefix { $0 != "-" } }
            if let near { return near.text }
        }
        return first?.text
    }
}

extension RecordID {
    fileprivate var json: JSON { .string(description) }
}

extension JSON {
    fileprivate init(_ text: String?) { self = text.map { .string($0) } ?? .null }
    fileprivate init(_ date: PartialDate?) { self = date.map { .string($0.description) } ?? .null }
    fileprivate init(_ texts: Roster.Texts) {
        self = .object(texts.map { JSON.Member($0.language, .string($0.text)) })
    }
}
