import Foundation
import GRDB
import SijilCore
import SijilStore
import SijilSync
import Testing

@testable import SijilServer

@Suite(.timeLimit(.minutes(30)))
struct LogCheckTests {
    @Test(
        arguments: [
            (
                "UPDATE log SET bytes = CAST(substr(bytes, 1, 40) || x'ff' || substr(bytes, 42) AS BLOB) WHERE position = 2",
                2
            ),
            ("UPDATE log SET hash = zeroblob(32) WHERE position = 3", 3),
            ("UPDATE log SET signature = zeroblob(64) WHERE position = 4", 4),
            ("UPDATE author SET hash = zeroblob(32)", 4),
            ("DELETE FROM log WHERE position = 2", nil),
            ("DELETE FROM log WHERE position = 4", nil),
            ("DELETE FROM log", nil),
            ("UPDATE log SET position = 9 WHERE position = 4", nil),
            ("UPDATE log SET signature = NULL WHERE position = 4", nil),
        ] as [(String, UInt64?)])
    func `a log that was tampered with does not pass`(sql: String, sequence: UInt64?) async throws {
        try await TestServer.run { server in
            let (founder, collection) = try await server.foundCollection()
            for name in ["Ly", "Ba", "Moha Ougni", "Anton Selvacroos"] {
                try founder.add(name, in: collection)
                try await founder.sync()
            }
            #expect(try await server.check(collection).problems == [])
            let database = try DatabaseQueue(path: server.folder.path("server/server.sqlite"))
            try await database.write { try $0.execute(sql: sql) }
            try database.close()
            let problem = try #require(await server.check(collection).problems.first)
            #expect(problem.sequence == sequence, "\(problem.what)")
            #expect((problem.replica == founder.replica.id.description) == (sequence != nil))
        }
    }

    @Test func `where files have one name only, a backup replaces none either`() throws {
        let folder = try TestFolder()
        let (copy, name) = (folder.path("copy.part"), folder.path("copy"))
        try Data("new".utf8).write(to: URL(filePath: copy))
        #expect(Backup.moveWithoutLinks(copy, to: name))
        #expect(!FileManager.default.fileExists(atPath: copy))
        try Data("newer".utf8).write(to: URL(filePath: copy))
        #expect(!Backup.moveWithoutLinks(copy, to: name))
        #expect(try String(contentsOfFile: name, encoding: .utf8) == "new")
        #expect(try String(contentsOfFile: copy, encoding: .utf8) == "newer")
    }

    @Test func `a backup holds what the server held, for its owner only`() async throws {
        try await TestServer.run { server in
            let (founder, collection) = try await server.foundCollection()
            try founder.add("Ly", in: collection)
            try await founder.sync()
            let copy = try TestFolder()
            try Backup.write(server.store, to: copy.path("server.sqlite"))
            #expect(throws: SijilError.self) {
                try Backup.write(server.store, to: copy.path("server.sqlite"))
            }
            let store = try DataFolder(copy.path("")).open()
            let check = LogCheck(
                store: store, authority: try await Authority.read(from: store), environment: .system
            )
            let outcome = try await check.check(try #require(await store.collection(collection)))
            #expect(try "\(outcome.changes) \(outcome.digest)" == founder.digest())
            #expect(outcome.problems == [])
            try store.close()
        }
    }
}
