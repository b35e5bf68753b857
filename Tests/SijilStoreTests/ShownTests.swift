import SijilCore
import SijilSimulator
import Testing

@testable import SijilStore

struct ShownTests {
    @Test(arguments: UInt64(0)..<12)
    func `what a whole type shows is what each of its records shows`(seed: UInt64) throws {
        let world = try ConvergenceTests.played(seed: seed, actions: 40)
        for number in world.sites.indices {
            let replica = world[number]
            for type in replica.schema.types {
                let fields = type.fields.map(\.name)
                var expected: [String] = []
                try replica.forEachRecord(RecordQuery(type: type.name)) { record in
                    expected.append(
                        Self.text(record.id, fields) { field in
                            record.keyed(field) + [(.none, record[field])]
                        })
                }
                let found = try replica.shownRecords(of: type.name, fields)
                    .map { record in
                        Self.text(record.id, fields) { field in
                            record.keyed(field) + [(.none, record[field])]
                        }
                    }
                #expect(found.count == expected.count, "seed \(seed), site \(number)")
                for (one, other) in zip(found, expected) {
                    #expect(one == other, "seed \(seed), site \(number)")
                }
            }
        }
    }

    private static func text(
        _ id: RecordID, _ fields: [String], _ values: (String) -> [(key: Value, value: Value)]
    ) -> String {
        let said = fields.map { field in
            "\(field)=\(values(field).map { "\($0.key):\($0.value)" }.joined(separator: ","))"
        }
        return "\(id) " + said.joined(separator: " ")
    }
}
