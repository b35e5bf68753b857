import Foundation
import Testing

/// The practices, through the command line alone.
@Suite(.timeLimit(.minutes(30)))
struct PracticeTests {
    private static let file = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "Fixtures/Libraries/rabat-washington-2018.jsonl").path

    /// A device that has imported the library.
    private func library(_ world: World) async throws -> Device {
        let device = try await world.join("tab-07")
        let report = try await device.done("import", Self.file, "--in", World.roster).object
        #expect(report["created"] == .number(81))
        return device
    }

    /// What a person reads, without `--json`.
    private func text(_ device: Device, _ arguments: String...) async throws -> String {
        let outcome = try await run(["sijil"] + arguments + ["--home", device.home.path])
        #expect(outcome.status == 0, "\(outcome.errors)")
        return outcome.output
    }

    @Test func `a working translation never passes for official`() async throws {
        let world = try await World()
        let device = try await library(world)
        let french = try await text(device, "practice", "show", "18", "--lang", "fr")
        #expect(
            french.contains(
                "titre : éviter la stigmatisation de toute communauté (texte officiel)\n"))
        #expect(french.contains("source : International Institute for Justice"))
        #expect(french.contains("texte : (texte pas encore disponible)\n"))
        #expect(
            french.contains(
                "anglais : Avoid stigmatising any community (texte de travail, non officiel)"))
        let english = try await text(device, "practice", "show", "18", "--lang", "en")
        #expect(english.contains("(working text, not the official wording)\n"))
        let arabic = try await text(device, "practice", "show", "18", "--lang", "ar")
        #expect(arabic.contains("العنوان: تجنب وصم أي مجتمع (نص رسمي)\n"))

        // A text of which nobody said what it is.
        let id = try #require(
            await device.done("practice", "show", "18").object["id"]?.string)
        try await device.done("edit", id, "body.fr=Un texte", "body_status.fr=")
        #expect(
            try await text(device, "practice", "show", "18", "--lang", "fr")
                .contains(
                    "texte : (statut non indiqué : à ne pas tenir pour officiel)\n  Un texte\n"))
    }

    @Test func `a missing language is stood in for, and it says so`() async throws {
        let world = try await World()
        let device = try await library(world)
        let id = try #require(await device.done("practice", "show", "17").object["id"]?.string)
        try await device.done("edit", id, "title.ar=")
        let shown = try await device.done("practice", "show", "17", "--lang", "ar").object
        #expect(shown["title"]?["language"] == .string("en"))
        #expect(shown["title"]?["status"] == .string("working"))
        #expect(
            try await text(device, "practice", "show", "17", "--lang", "ar")
                .contains("(متوفر بلغة أخرى فقط: الإنجليزية؛ نص عمل، وليس النص الرسمي)\n"))
        let stub = try await device.done("practice", "show", "١").object
        #expect(stub["number"] == .string("1"))
        #expect(stub["title"]?["text"] == .null)
        #expect(stub["title"]?["status"] == .string("text-pending"))
    }

    @Test func `list filters by tags, and the keys are stable`() async throws {
        let world = try await World()
        let device = try await library(world)
        let all = try await device.done("practice", "list").lines
        #expect(all.compactMap { $0["number"]?.string } == (1...19).map(String.init))
        #expect(
            Set(all[0].keys) == [
                "id", "library", "number", "title", "language", "title_status", "body_status",
                "phases", "sectors", "themes", "tags",
            ])
        func numbers(_ filters: String...) async throws -> [String] {
            try await device.done(["practice", "list"] + filters).lines
                .compactMap { $0["number"]?.string }
        }
        #expect(try await numbers("--phase", "response") == ["17", "18", "19"])
        #expect(try await numbers("--sector", "communities") == ["18"])
        #expect(try await numbers("--tag", "judicial", "--sector", "communities") == ["18"])
        #expect(try await numbers("--theme", "juvenile_justice") == [])
        #expect(try await numbers("--library", "rabat-washington-2018").count == 19)
        try await device.fails("practice", "list", "--library", "x", status: 66, code: "not-found")
        try await device.fails("practice", "show", "20", status: 66, code: "not-found")
        try await device.fails("practice", "show", "18", "--lang", "xx", status: 64, code: "usage")
    }

    @Test func `show brings the cases, lessons and reviews of a practice`() async throws {
        let world = try await World()
        let device = try await library(world)
        let id = try #require(await device.done("practice", "show", "18").object["id"]?.string)
        _ = try await device.add(
            "review", "about=\(id)", "reviewer=desk-01", "on=2026-03-07", "verdict=revise",
            "comment=needs a French body")
        let shown = try await device.done("practice", "show", "18", "--lang", "fr").object
        #expect(
            Set(shown.keys) == [
                "id", "library", "number", "title", "body", "wordings", "alternative_titles",
                "phases", "sectors", "themes", "tags", "checklists", "case_studies", "lessons",
                "reviews", "conflicts",
            ])
        let cases = shown["case_studies"]?.array ?? []
        #expect(
            cases.compactMap { $0["on"]?.string } == ["2019-03-15", "2019-04-21", "2019-11-29"])
        #expect(cases.last?["aliases"]?.array?.contains(.string("London Bridge attack")) == true)
        #expect(cases.last?["caution"]?["text"]?.string?.contains("3 juin 2017") == true)
        #expect(shown["lessons"]?.array?.count == 2)
        #expect(shown["reviews"]?.array?.first?["verdict"] == .string("revise"))
        #expect(
            try await text(device, "practice", "show", "18", "--lang", "ar")
                .contains("- 2026-03-07، desk-01، يحتاج إلى تنقيح، needs a French body\n"))
    }

    @Test func `two who insert at one place keep both items, in one order everywhere`() async throws
    {
        let world = try await World()
        let salma = try await library(world)
        try await salma.done("sync")
        let kofi = try await world.join("tab-11")
        try await kofi.done("sync")
        for device in [salma, kofi] {
            try await device.done(
                "practice", "item", "add", "17", "--after", "3",
                "text.en=\(device.home.lastPathComponent)",
                "due=PT1H")
        }
        try await salma.done("practice", "item", "move", "17", "9", "--before", "1")
        for device in [salma, kofi, salma] { try await device.done("sync") }
        let order = try await texts(salma)
        #expect(order.count == 10)
        #expect(Set(order[4...5]) == ["tab-07", "tab-11"])
        #expect(try await texts(kofi) == order)
        #expect(try await salma.run("conflicts", "--exit-code").status == 0)

        // They share an index now, and there is room between them all the same.
        try await kofi.done("practice", "item", "add", "17", "--before", "6", "text.en=between")
        #expect(try await texts(kofi) == order[...4] + ["between"] + order[5...])
        for device in [kofi, salma] { try await device.done("sync") }
        #expect(try await texts(salma) == texts(kofi))
        let added = try await salma.done("practice", "checklist", "17").lines[5]
        #expect(added["status"] == .string("working"))
    }

    private func texts(_ device: Device) async throws -> [String] {
        try await device.done("practice", "checklist", "17").lines.compactMap { $0["text"]?.string }
    }

    @Test func `a checklist says when, who and what is needed, also as Markdown`() async throws {
        let world = try await World()
        let device = try await library(world)
        let lines = try await device.done("practice", "checklist", "19", "--lang", "ar").lines
        #expect(
            Set(lines[0].keys) == [
                "id", "checklist", "practice", "place", "order", "text", "language", "status",
                "role", "due", "needs",
            ])
        #expect(lines.allSatisfy { $0["language"] == .string("ar") })
        #expect(
            try await text(device, "practice", "checklist", "19", "--lang", "en")
                .contains("within 3 hours · coordinator · needs: a decision, a message\n"))
        let markdown = try await text(
            device, "practice", "checklist", "19", "--lang", "ar", "--markdown")
        #expect(markdown.split(separator: "\n").filter { $0.hasPrefix("- [ ] ") }.count == 8)
        #expect(markdown.contains("خلال 3 ساعات · المنسّق"))
        try await device.fails(
            "practice", "item", "add", "19", "text.en=x", "due=soon", status: 65, code: "bad-data")
        try await device.fails("practice", "item", "add", "19", status: 65, code: "bad-data")
        for place in ["0", "9", "-9223372036854775808", "9223372036854775807"] {
            try await device.fails(
                "practice", "item", "move", "19", "1", "--after=\(place)", status: 66,
                code: "not-found")
        }
        try await device.fails(
            "practice", "item", "move", "19", "9", "--before", "1", status: 66, code: "not-found")
        // One item is one item, whatever its text holds.
        try await device.done("practice", "item", "add", "19", "text.en=x\n- [ ] y\n# z")
        let more = try await text(
            device, "practice", "checklist", "19", "--lang", "en", "--markdown")
        #expect(more.split(separator: "\n").filter { $0.hasPrefix("- [ ] ") }.count == 9)
        #expect(more.contains("- [ ] x - \\[ \\] y \\# z"))
        try await device.fails("practice", "item", "move", "19", "1", status: 64, code: "usage")
    }
}
