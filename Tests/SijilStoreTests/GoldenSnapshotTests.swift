import Foundation
import SijilCore
import SijilDirectory
import SijilSimulator
import Testing

@testable import SijilStore

/// Version 1 of the snapshot, frozen: `Fixtures/Format/v1/snapshot-*.bin`.
///
/// `SIJIL_RECORD=1` writes the files that are missing and fails the run; it never writes over one. Compressed
/// bytes may differ from one version of the library to the next, so what is compared is what they stand for.
struct GoldenSnapshotTests {
    private static let folder = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "Fixtures/Format/v1")

    @Test(arguments: ["snapshot-empty", "snapshot-values", "snapshot-pieces", "snapshot-erased"])
    func `a snapshot of version 1 is read, loaded and made again as ever`(name: String) throws {
        // The authority is that of the world in which it was made, the last site has written nothing.
        let world = try World(seed: 4, sites: 4)
        let bytes = try Self.bytes(name)
        var rest = bytes[...]
        var stream = SnapshotStream { count in
            defer { rest = rest.dropFirst(count) }
            return Array(rest.prefix(count))
        }
        let head = try stream.head()
        var pieces: [[UInt8]] = []
        while let piece = try stream.next() { pieces.append(piece) }
        let shipment = Shipment(head: head, pieces: pieces)
        try Self.expectDescription(name, try Self.description(shipment, world.authority))
        try shipment.load(into: world[3])
        let again = try Shipment(of: world[3])
        #expect(again.head.manifest == head.manifest)
        #expect(try again.contents() == shipment.contents())
        #expect(try world[3].verify().problems.map(\.what) == [])
    }

    // MARK: Making

    /// Everybody in here is invented, and no phone number can ring.
    private static func made(_ name: String) throws -> Shipment {
        let world = try World(seed: 4, sites: 3)
        switch name {
        case "snapshot-values": try writeValues(in: world)
        case "snapshot-pieces": try writePieces(in: world)
        case "snapshot-erased": try writeErased(in: world)
        default: break
        }
        return try Shipment(of: world[2])
    }

    private static func writeValues(in world: World) throws {
        let (mayor, imam) = (Identifier(0x019C_C786 << 96 | 1), Identifier(0x019C_C786 << 96 | 2))
        try world.write(
            .person(
                mayor, .set("name", "Nadia Amziane-Tifaouine"), .set("note", "+999550002001"),
                .set("age", .integer(-41)), .set("height", .real(1.625)),
                .set("active", .boolean(true)),
                .set("seen_on", .date(PartialDate(year: 2026, month: 3)!)),
                .set("office", .reference(imam)),
                .set("born", .date(PartialDate(year: 1971, month: 2, day: 28)!)),
                .set("contact", "crisis_only"), .set("title", key: "ar", .text("رئيسة")),
                .set("title", key: "fr", .text("Présidente")), .set("rank", key: "fr", .integer(3)),
                .add("languages", .text("ar")), .add("shifts", .integer(-1)),
                .add("offices", .reference(imam)),
                .add("feasts", .date(PartialDate(year: 2026)!))), at: 0)
        try world.write(.person(imam, .set("name", "Abderrahmane El Ouazzani Tazarini")), at: 1)
        try world.write(
            RecordEdit(
                record: imam, type: "fraction",
                operations: [
                    .set("later", .unknown(tag: 9, bytes: [1, 2])), .set("caf\u{E9}", .text("one")),
                    .set("cafe\u{301}", .text("other")), .set("empty", .text("")),
                ]), at: 1)
        try world.settle()
        // Unseen by each other: two numbers, a deletion beside an edit, a field of another kind.
        try world.write(.person(mayor, .set("note", "+999550002002")), at: 0)
        try world.write(
            .person(mayor, .set("note", "+999550002009"), .set("title", key: "ar", .text("عمدة"))),
            at: 1)
        try world.write(
            .person(mayor, .set("title", key: "ar", .none), .set("age", .text("forty"))), at: 2)
        try world.write(.deletion(imam), at: 0)
        try world.write(.person(imam, .clear("name"), .set("note", "cleared")), at: 2)
        try world.write([.deletion(imam, type: "fraction")], at: 1)
        try world.write(.person(mayor, .drop("languages", .text("ar"))), at: 1)
        try world.settle()
    }

    /// One that two erased without having seen each other, one of its own type, and one that stays.
    private static func writeErased(in world: World) throws {
        try writeValues(in: world)
        try world.makeCoordinators()
        let mayor = Identifier(UInt128(0x019C_C786) << 96 | 1)
        let badge = Identifier(UInt128(0x019C_C786) << 96 | 7)
        try world.write([RecordEdit(record: badge, type: "badge")], at: 1)
        try world.settle()
        try world.write([RecordEdit(erasing: mayor, type: "person")], at: 0)
        try world.write([RecordEdit(erasing: mayor, type: "person")], at: 1)
        try world.write([RecordEdit(erasing: badge, type: "badge")], at: 2)
        try world.settle()
    }

    private static func writePieces(in world: World) throws {
        func text(_ number: Int, _ count: Int) -> String {
            String(repeating: "\(number) à Wadi Amal; ", count: count / 16)
        }
        for number in 0..<9 {
            let record = Identifier(UInt128(0x019C_C786_0000 + number / 3) << 80 | UInt128(number))
            try world.write(.person(record, .set("note", text(number, 45_000))), at: number % 2)
        }
        // One record that no piece has room for.
        let large = Identifier(UInt128(0x019C_C787) << 96)
        for number in 0..<6 {
            try world.write(
                RecordEdit(
                    record: large, type: "report",
                    operations: [.set("page", key: "\(number)", .text(text(number, 60_000)))]),
                at: 2)
        }
        try world.settle()
    }

    // MARK: Files

    private static let isRecording = ProcessInfo.processInfo.environment["SIJIL_RECORD"] == "1"

    private static func bytes(_ name: String) throws -> [UInt8] {
        let file = folder.appending(path: name + ".bin")
        if isRecording, !FileManager.default.fileExists(atPath: file.path) {
            try Data(try made(name).file).write(to: file)
            Issue.record("\(name).bin was recorded; run again without SIJIL_RECORD.")
        }
        return Array(try Data(contentsOf: file))
    }

    private static func expectDescription(_ name: String, _ description: JSON) throws {
        let file = folder.appending(path: name + ".json")
        if isRecording, !FileManager.default.fileExists(atPath: file.path) {
            try Data((description.description + "\n").utf8).write(to: file)
            Issue.record("\(name).json was recorded; run again without SIJIL_RECORD.")
        }
        let expected = String(decoding: try Data(contentsOf: file), as: UTF8.self)
        #expect((description.description + "\n").utf8.elementsEqual(expected.utf8), "\(name).json")
    }

    // MARK: What a file holds

    private static func description(_ shipment: Shipment, _ authority: SigningKey) throws -> JSON {
        let head = shipment.head
        let manifest = head.manifest
        let contents = try shipment.contents()
        return [
            "kind": "snapshot",
            "authority": .string(hex(authority.publicKey)),
            "epoch": .string(head.epoch.description),
            "origin": .string(head.origin.description),
            "certificates": .array(head.certificates.map { .string($0.replica.description) }),
            "root": .string(hex(head.root)),
            "collection": .string(manifest.collection.description),
            "position": .integer(Int64(manifest.position)),
            "authors": .array(manifest.authors.map(description)),
            "pieces": .array(
                try zip(manifest.pieces, contents)
                    .map { piece, bytes in
                        [
                            "hash": .string(hex(piece.hash)),
                            "size": .integer(Int64(piece.byteCount)),
                            "continues": .bool(
                                try SnapshotPiece(bytes, authors: manifest.authors.count).continues),
                        ]
                    }),
            "digest": .string(manifest.digest.description),
            "records": .array(try shipment.records().map(description)),
        ]
    }

    private static func description(_ author: SnapshotManifest.Author) -> JSON {
        [
            "replica": .string(author.replica.description),
            "sequence": .integer(Int64(author.sequence)), "hash": .string(hex(author.hash.bytes)),
            "seen": .array(
                author.seen.sorted.map {
                    [
                        "replica": .string($0.replica.description),
                        "sequence": .integer(Int64($0.sequence)),
                    ]
                }),
        ]
    }

    private static func description(_ record: SnapshotRecord) -> JSON {
        [
            "type": .string(record.type), "id": .string(record.id.description),
            "cells": .array(
                record.cells.map { cell in
                    [
                        "field": .string(cell.name.field), "key": description(cell.name.key),
                        "siblings": .array(
                            cell.siblings.map {
                                [
                                    "replica": .string($0.dot.replica.description),
                                    "sequence": .integer(Int64($0.dot.sequence)),
                                    "at": .integer($0.at), "value": description($0.value),
                                ]
                            }),
                    ]
                }),
        ]
    }

    private static func description(_ value: Value) -> JSON {
        switch value {
        case .none: ["none": .null]
        case .text(let text) where text.utf8.count > 200:
            [
                "text_sha256": .string(hex(sha256(Array(text.utf8)))),
                "size": .integer(Int64(text.utf8.count)),
            ]
        case .text(let text): ["text": .string(text)]
        case .integer(let integer): ["integer": .integer(integer)]
        case .real(let real):
            ["real": .string(Identifier(UInt128(real.bitPattern)).description.suffixed(16))]
        case .boolean(let boolean): ["boolean": .bool(boolean)]
        case .date(let date): ["date": .string(date.description)]
        case .reference(let id): ["reference": .string(id.description)]
        case .unknown(let tag, let bytes):
            ["unknown": .integer(Int64(tag)), "bytes": .string(hex(bytes))]
        }
    }
}

extension String {
    fileprivate func suffixed(_ count: Int) -> String { String(suffix(count)) }
}
