import ArgumentParser
import SijilCore
import SijilDirectory
import SijilStore
import SijilSync

struct AdminDevice: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "device", abstract: "List devices, revoke them, change what they may do.",
        discussion: """
            Examples:
              sijil admin device list
              sijil admin device grant tab-07 roster-xm01=editor
              sijil admin device revoke tab-12
            """,
        subcommands: [List.self, Revoke.self, Grant.self, Ungrant.self])

    struct List: Verb {
        static let configuration = CommandConfiguration(
            abstract: "List the devices that share a collection with this one.",
            discussion: """
                Examples:
                  sijil admin device list
                """)

        @OptionGroup var common: CommonOptions

        func run(_ console: Console) async throws {
            let replica = try openReplica()
            let connection = try Server.joined(by: replica).connection(of: replica)
            var table = Table("REPLICA", "ENROLLED", "GRANTS", "", "NAME")
            for device in try await connection.devices() {
                if console.isJSON {
                    try console.emit(device.json)
                } else {
                    table.add(
                        console.text.code(device.replica),
                        console.text.code(Timestamp.text(milliseconds: device.enrolled_at)),
                        String(device.grants.count), device.revoked ? "revoked" : "",
                        console.text.own(device.name))
                }
            }
            if !console.isJSON { try console.print(table, whenEmpty: "There is none yet.") }
        }
    }

    struct Revoke: Verb {
        static let configuration = CommandConfiguration(
            abstract: "Refuse a device from now on.",
            discussion: """
                Examples:
                  sijil admin device revoke tab-12

                Its open invitations end with it.
                """)

        @Argument(help: "The device's name, or its replica id or the beginning of it.")
        var replica: String

        @OptionGroup var common: CommonOptions

        func run(_ console: Console) async throws {
            let own = try openReplica()
            let connection = try Server.joined(by: own).connection(of: own)
            let device = try await connection.device(named: replica)
            let _: Exchange.Done = try await connection.call(
                "POST", Exchange.revocationsPath, Exchange.Revocation(replica: device))
            if console.isJSON {
                try console.emit(["replica": .string(device), "revoked": true])
            } else {
                console.message("revoked: the server takes nothing from it any more")
            }
        }
    }

    struct Grant: Verb {
        static let configuration = CommandConfiguration(
            abstract: "Give a device a role in a collection.",
            discussion: """
                Examples:
                  sijil admin device grant tab-11 roster-xm02=editor

                For coordinators of the collection. Where it has none left, a founder names one, by the \
                collection's id: 'sijil admin device list --json' has it.
                """)

        @Argument(help: "The device's name, or its replica id or the beginning of it.")
        var replica: String

        @Argument(help: "COLLECTION=reader, =editor or =coordinator.")
        var grant: String

        @OptionGroup var common: CommonOptions

        func run(_ console: Console) async throws {
            let (collection, role) = try Arguments.grant(grant)
            try await setGrant(role, of: replica, in: collection, console)
        }
    }

    struct Ungrant: Verb {
        static let configuration = CommandConfiguration(
            abstract: "Take a device's role in a collection away.",
            discussion: """
                Examples:
                  sijil admin device ungrant tab-11 roster-xm02

                The last coordinator of a collection stays; name another one first.
                """)

        @Argument(help: "The device's name, or its replica id or the beginning of it.")
        var replica: String

        @Argument(help: "The collection's name or id.")
        var collection: String

        @OptionGroup var common: CommonOptions

        func run(_ console: Console) async throws {
            try await setGrant(nil, of: replica, in: collection, console)
        }
    }
}

extension Verb {
    fileprivate func setGrant(
        _ role: Role?, of replica: String, in collection: String, _ console: Console
    ) async throws {
        let own = try openReplica()
        let connection = try Server.joined(by: own).connection(of: own)
        let device = try await connection.device(named: replica)
        let id = try await connection.collectionID(named: collection)
        let _: Exchange.Done = try await connection.call(
            "POST", Exchange.grantsPath,
            Exchange.Grant(replica: device, collection: id, role: role?.rawValue))
        if console.isJSON {
            try console.emit([
                "replica": .string(device), "collection": .string(id),
                "role": (role?.rawValue).json,
            ])
        } else {
            console.message(
                role.map { "granted \($0.rawValue)" } ?? "the grant is taken away")
        }
    }
}

extension Exchange.Device {
    fileprivate var json: JSON {
        [
            "replica": .string(replica), "name": .string(name),
            "enrolled_at": .string(Timestamp.text(milliseconds: enrolled_at)),
            "revoked": .bool(revoked),
            "grants": .object(
                grants.sorted { $0.key < $1.key }.map { JSON.Member($0.key, .string($0.value)) }),
        ]
    }
}

extension ServerConnection {
    fileprivate func devices() async throws -> [Exchange.Device] {
        let answer: Exchange.Devices = try await call(
            "GET", Exchange.devicesPath, String?.none)
        return answer.devices.sorted { ($0.name, $0.replica) < ($1.name, $1.replica) }
    }

    /// The replica id of the server's device that is called so.
    fileprivate func device(named text: String) async throws -> String {
        var names: [ReplicaID: String] = [:]
        for device in try await devices() {
            if let id = ReplicaID(device.replica) { names[id] = device.name }
        }
        return try Arguments.replica(text, among: names).description
    }
}
