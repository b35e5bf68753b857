import Foundation
import SijilStore
import Testing

@testable import sijil

/// Leaders through the command line, with the cast of the story (all fictional).
@Suite(.timeLimit(.minutes(30)))
struct LeaderCommandTests {
    private struct Place {
        let world: World
        let device: Device
        let area: String
        let mayor: [String: JSONValue]

        var mayorID: String { mayor["id"]?.string ?? "" }
        var seat: String { mayor["office"]?.string ?? "" }
    }

    /// A roster with one area, and a mayor who was added with one line.
    private func place() async throws -> Place {
        try await Self.fill(try await World())
    }

    private static func fill(_ world: World) async throws -> Place {
        let device = world.coordinator
        try await device.done("region", "XM")
        let area = try await device.add(
            "area", "code=XM01", "name.fr=Wadi Amal", "name.ar=وادي أمل",
            "time_zone=Africa/Casablanca")
        let added = try await device.done(
            "leader", "add", "fr=Nadia Amziane-Tifaouine", "ar=نادية أمزيان-تيفاوين", "--in",
            World.roster, "--office-type", "mayor", "--category", "elected_local", "--title.fr",
            "Présidente de la commune", "--title", "ar=رئيسة الجماعة", "--area", "XM01",
            "--language", "ar", "--language", "fr", "--phone", "055-000-2001", "--office-phone",
            "+999 55 000 1001", "--hours", "mon-fri 09:00-17:00", "--avoid", "market_day",
            "--gender", "f", "--from", "2021-10", "--mode", "elected", "--consent", "store",
            "--verified", "in_person")
        return Place(world: world, device: device, area: area, mayor: added.object)
    }

    @Test func `one line makes person, office, tenure and channels in one change`() async throws {
        let world = try await World()
        let device = world.coordinator
        let before = try await device.done("log").lines.count
        let place = try await Self.fill(world)
        #expect(Set(place.mayor.keys) == ["id", "office", "tenure", "channels"])
        #expect(place.mayor["channels"]?.array?.count == 2)
        // The area is one change, the leader one.
        #expect(try await device.done("log").lines.count == before + 2)
        let line = try await device.done("leader", "list", "--area", "XM01").object
        #expect(line["id"]?.string == place.mayorID)
        #expect(line["names"]?["ar"]?.string == "نادية أمزيان-تيفاوين")
        #expect(line["office"]?.string == place.seat)
        #expect(line["type"]?.string == "mayor")
        #expect(line["category"]?.string == "elected_local")
        #expect(line["title"]?["fr"]?.string == "Présidente de la commune")
        #expect(line["area"]?.string == place.area)
        #expect(line["from"]?.string == "2021-10")
        #expect(line["status"]?.string == "current")
        #expect(line["languages"] == .array([.string("ar"), .string("fr")]))
        #expect(line["contact_rule"]?.string == "none")
        #expect(line["verified"]?["level"]?.string == "in_person")
        let numbers = line["channels"]?.array?.compactMap { $0["value"]?.string }
        #expect(numbers == ["+999550002001", "+999550001001"])
        let shown = try await device.done("leader", "show", place.mayorID).object
        #expect(shown["tenures"]?.array?.count == 1)
        for filter in [["--language", "zgh"], ["--category", "religious"], ["--on", "2020"]] {
            #expect(try await device.done(["leader", "list"] + filter).lines.isEmpty)
        }
    }

    @Test func `another title or community is another seat, and a title that was missing is added`()
        async throws
    {
        let place = try await place()
        let device = place.device
        let mosque = try await device.add("community", "kind=mosque")
        let imam = [
            "office", "add", "--in", World.roster, "--office-type", "imam", "--area", "XM01",
        ]
        func seat(_ arguments: String...) async throws -> String? {
            try await device.done(imam + arguments).object["id"]?.string
        }
        let ofMosque = try await seat("--community", mosque)
        let plain = try await seat()
        #expect(plain != ofMosque)
        #expect(try await seat("--title", "fr=Imam", "--category", "religious") == plain)
        let fields = try await device.done("show", plain ?? "").object["fields"]
        #expect(fields?["category"]?.string == "religious")
        #expect(fields?["title"]?["fr"]?.string == "Imam")
        #expect(try await seat("--title", "fr=Imam") == plain)
        // Also when it is typed or pasted in another form.
        #expect(try await seat("--title", "FR= Imam\u{200F} ") == plain)
        let second = try await seat("--title", "FR=Second imam")
        #expect(second != plain)
        #expect(try await seat("--title", "fr=Second imam") == second)
        // One that has the title already comes before one that lacks it.
        let third = try await seat("--title", "en=Third imam")
        #expect(third == [plain, second].compactMap(\.self).min())
        let english = try await seat("--title", "en=Fourth imam", "--title", "fr=Imam adjoint")
        #expect(try await seat("--title", "en=Fourth imam") == english)
        #expect(try await seat("--community", mosque) == ofMosque)
        try await device.fails(
            "office", "add", "--in", World.roster, "--office", plain ?? "", "--title", "fr=Imam",
            status: 64, code: "usage")
    }

    @Test func `the seat is found again, and two on one seat are disputed`() async throws {
        let place = try await place()
        let rival = try await place.device
            .done(
                "leader", "add", "en=Rival", "--in", World.roster, "--office-type", "mayor",
                "--area",
                "XM01", "--mode", "self_declared"
            )
            .object
        #expect(rival["office"]?.string == place.seat)
        let lines = try await place.device.done("leader", "list").lines
        #expect(lines.map { $0["status"]?.string } == ["disputed", "disputed"])
        let told = try await run([
            "sijil", "leader", "list", "--home", place.device.home.path, "--lang", "fr",
        ])
        #expect(told.output.contains("! contesté"))
        try await place.device.fails(
            "office", "vacate", place.seat, "--to", "2026-03-15", status: 64, code: "usage")
        try await place.device.done(
            "office", "vacate", place.seat, "--to", "2026-03-15", "--ends",
            rival["id"]?.string ?? "")
        #expect(
            try await place.device.done("leader", "list").object["status"]?.string == "current")
    }

    @Test func `a succession keeps the office's line and remembers who was before`() async throws {
        let place = try await place()
        let device = place.device
        let successor = try await device.add("person", "name.en=Gwenllian Pryce-Harrow")
        let succeeded =
            try await device.done(
                "office", "succeed", place.seat, "--person", successor, "--from", "2026-03-16",
                "--mode", "elected"
            )
            .object
        #expect(succeeded["ended"] == place.mayor["tenure"])
        let now = try await device.done("office", "show", place.seat, "--on", "2026-03-20").object
        #expect(now["holders"]?.array?.map { $0["id"]?.string } == [successor])
        #expect(now["predecessors"]?.array?.first?["to"]?.string == "2026-03-15")
        #expect(now["channels"]?.array?.first?["value"]?.string == "+999550001001")
        let then = try await device.done("office", "show", place.seat, "--on", "2026-03-10").object
        #expect(then["holders"]?.array?.map { $0["id"]?.string } == [place.mayorID])
        #expect(then["predecessors"]?.array?.isEmpty == true)
        #expect(
            try await device.done("office", "list", "--on", "2026-03-20").object["holders"]?.array?
                .count == 1)
        let due = try await device.done("due", "--on", "2026-03-20").object
        #expect(due["id"]?.string == successor)
        #expect(due["reason"]?.string == "never_verified")
        let sheet = try await device.done("leader", "call-sheet", "--at", "2026-03-20T10:30Z")
            .object
        #expect(sheet["id"]?.string == successor)
        #expect(sheet["channel"]?["value"]?.string == "+999550001001")
    }

    @Test(arguments: [["succeed"], ["vacate"]])
    func `a term with a planned end ends when its holder leaves`(verb: [String]) async throws {
        let place = try await place()
        let device = place.device
        let tenure = place.mayor["tenure"]?.string ?? ""
        try await device.done("edit", tenure, "to=2027-10")
        let end = ["--ended-how", "death"]
        if verb == ["vacate"] {
            let vacated = try await device.done(
                ["office", "vacate", place.seat, "--to", "2026-03-15"] + end)
            #expect(vacated.object["ended"]?.string == tenure)
            #expect(try await device.done("leader", "list", "--on", "2026-03-16").lines.isEmpty)
        } else {
            let successor = try await device.add("person", "name.en=Gwenllian Pryce-Harrow")
            let succeeded = try await device.done(
                ["office", "succeed", place.seat, "--person", successor, "--from", "2026-03-16"]
                    + end)
            #expect(succeeded.object["ended"]?.string == tenure)
            let lines = try await device.done("leader", "list", "--on", "2026-03-16").lines
            #expect(lines.map { $0["id"]?.string } == [successor])
            #expect(lines.first?["status"]?.string == "current")
            let begun = try await device.done("show", succeeded.object["tenure"]?.string ?? "")
            #expect(begun.object["fields"]?["predecessor"]?.string == tenure)
        }
        let fields = try await device.done("show", tenure).object["fields"]
        #expect(fields?["to"]?.string == "2026-03-15")
        #expect(fields?["ended_how"]?.string == "death")
    }

    @Test func `whoever left in the month of a succession does not leave again`() async throws {
        let place = try await place()
        let device = place.device
        for from in ["2026-03", "2026-03-20"] {
            let person = try await device.add("person", "name.en=From \(from)")
            try await device.done(
                "office", "succeed", place.seat, "--person", person, "--from", from)
        }
        let fields = try await device.done("show", place.mayor["tenure"]?.string ?? "")
            .object["fields"]
        #expect(fields?["to"]?.string == "2026-03")
    }

    @Test func `what day it is, the server says where the device's clock is wrong`() async throws {
        let place = try await place()
        let device = place.device
        try await device.done(
            "edit", place.mayorID, "contact_rule=never", "contact_rule_until=2024-12-31")
        #expect(try await device.done("leader", "call-sheet").object["reason"] == .null)
        // The server's clock shows noon of the first of June 2024, as a sync has found.
        let replica = try Home(option: device.home.path).open()
        try replica.remember(numbers: [
            "clock_offset": 1_717_243_200_000 - replica.environment.now()
        ])
        try replica.close()
        let sheet = try await device.done("leader", "call-sheet").object
        #expect(sheet["reason"]?.string == "never")
        #expect(sheet["channel"] == .null)
        #expect(
            try await device.done("leader", "list").object["contact_rule"]?.string == "never")
        let added = try await device.done(
            "leader", "add", "en=Somebody", "--in", World.roster, "--office-type", "imam",
            "--category", "religious", "--area", "XM01", "--verified", "in_person")
        let listed = try await device.done("leader", "show", added.object["id"]?.string ?? "")
        #expect(listed.object["verified"]?["on"]?.string == "2024-06-01")
        let refused = try await device.run(
            "add", "person", "--in", World.roster, "name.en=Not born yet", "birth_year=2025")
        #expect(refused.status != 0)
    }

    @Test func `one person entered twice leaves the office at once`() async throws {
        let place = try await place()
        let device = place.device
        let twin = try await device.add("person", "name.en=Entered again")
        let again = try await device.add(
            "tenure", "person=\(twin)", "office=\(place.seat)", "from=2022")
        let vacate = ["office", "vacate", place.seat, "--to", "2026-03-15"]
        let refused = try await device.run(vacate)
        #expect(refused.status == 64 && refused.errorCode == "usage")
        try await device.done("merge", place.mayorID, twin)
        try await device.done(vacate)
        #expect(
            try await device.done("leader", "list", "--on", "2026-03-16").lines.isEmpty)
        for tenure in [place.mayor["tenure"]?.string ?? "", again] {
            let fields = try await device.done("show", tenure).object["fields"]
            #expect(fields?["to"]?.string == "2026-03-15")
        }
    }

    @Test func `whoever took back their consent has no number`() async throws {
        let place = try await place()
        let device = place.device
        func entry(_ more: String...) async throws -> [String: JSONValue] {
            try await device.done(["leader", "call-sheet", "--at", "2026-03-11T10:30Z"] + more)
                .object
        }
        let open = try await entry()
        #expect(
            Set(open.keys)
                .isSuperset(of: [
                    "id", "name", "office", "channel", "via", "callable", "reason",
                ]))
        #expect(open["callable"] == .bool(true))
        #expect(open["channel"]?["value"]?.string == "+999550002001")
        #expect(open["channel"]?["avoid"] == .array([.string("market_day")]))
        #expect(open["hours_now"]?.string == "open")
        #expect(open["local_time"]?.string == "10:30")
        try await device.done(
            "leader", "consent", place.mayorID, "--what", "crisis_contact", "--act", "withdraw",
            "--method", "verbal", "--on", "2026-03-01")
        let closed = try await entry("--crisis")
        #expect(closed["callable"] == .bool(false))
        #expect(closed["channel"] == .null)
        #expect(closed["reason"]?.string == "consent_withdrawn")
        let all =
            try await device.done("leader", "list").output
            + (try await device.done("leader", "show", place.mayorID).output)
            + (try await device.done("leader", "call-sheet").output)
        #expect(!all.contains("+999550002001") && !all.contains("+999550001001"))
        try await device.fails(
            "leader", "consent", place.mayorID, "--what", "store", "--act", "shrug", status: 65,
            code: "bad-data")
    }

    @Test func `what is due and what is covered`() async throws {
        let place = try await place()
        let device = place.device
        #expect(try await device.done("due").lines.isEmpty)
        let later = try await device.done("due", "--before", "2099").object
        #expect(later["reason"]?.string == "periodic")
        #expect(later["id"]?.string == place.mayorID)
        let covered = try await device.done("coverage").object
        #expect(covered["gap"] == .bool(false))
        #expect(covered["women"] == .number(1))
        #expect(covered["categories"]?["elected_local"]?["verified"] == .number(1))
        try await device.done(
            "leader", "verify", place.mayorID, "--level", "disputed", "--evidence", "she moved")
        #expect(try await device.done("due").object["reason"]?.string == "disputed")
        #expect(try await device.done("coverage", "--gaps").object["code"]?.string == "XM01")
        try await device.fails(
            "leader", "verify", place.mayorID, "--level", "certain", status: 65, code: "bad-data")
        try await device.fails(
            "leader", "list", "--area", "XM99", status: 66, code: "not-found")
        try await device.fails(
            "leader", "call-sheet", "--at", "noon", status: 65, code: "bad-data")
        try await device.fails(
            "leader", "add", "fr=Ba", "--in", World.roster, status: 64, code: "usage")
        try await device.fails(
            "leader", "add", "٠٦١٢", "--in", World.roster, "--office-type", "imam", status: 65,
            code: "bad-data")
    }

    private static let frenchSheet = """
        1. Nadia Amziane-Tifaouine · Présidente de la commune · Wadi Amal
           appeler : +999550002001 (mobile)
           heures : mon-fri 09:00-17:00 ; joignable maintenant, il est 10:30
           à éviter : jour de marché
           langues : ar, fr
        2. Fatoumata Binta Ba · women_leader · Wadi Amal
           appeler : +999550005001 (mobile)
           langues : ff
        3. Moha Ougni · amghar · Wadi Amal
           ! ne pas appeler : à ne jamais appeler

        """
    private static let arabicSheet = """
        1. نادية أمزيان-تيفاوين · رئيسة الجماعة · وادي أمل
           اتّصل: +999550002001 (محمول)
           الأوقات: mon-fri 09:00-17:00؛ متاح الآن، الساعة هناك 10:30
           تُجتنب: يوم السوق
           اللغات: ar, fr
        2. Fatoumata Binta Ba · women_leader · وادي أمل
           اتّصل: +999550005001 (محمول)
           اللغات: ff
        3. Moha Ougni · amghar · وادي أمل
           ! لا يُتّصل به: لا يُتّصل به أبدا

        """
    private static let englishSheet = """
        1. Nadia Amziane-Tifaouine · Présidente de la commune · Wadi Amal
           call: +999550002001 (mobile)
           hours: mon-fri 09:00-17:00; open now, it is 10:30 there
           avoid: market day
           languages: ar, fr
        2. Fatoumata Binta Ba · women_leader · Wadi Amal
           call: +999550005001 (mobile)
           languages: ff
        3. Moha Ougni · amghar · Wadi Amal
           ! do not call: never to be called

        """

    @Test func `a call sheet reads well in three languages`() async throws {
        let place = try await place()
        let device = place.device
        try await device.done(
            "leader", "add", "fr=Fatoumata Binta Ba", "--in", World.roster, "--office-type",
            "women_leader", "--category", "civil_society", "--area", "XM01", "--phone",
            "055 000 5001", "--language", "ff")
        try await device.done(
            "leader", "add", "fr=Moha Ougni", "--in", World.roster, "--office-type", "amghar",
            "--category", "customary", "--area", "XM01", "--phone", "055 000 4001",
            "--contact-rule", "never")
        // A Wednesday.
        let command = [
            "leader", "call-sheet", "--at", "2026-03-11T10:30Z", "--home", device.home.path,
        ]
        for (language, sheet) in [
            ("fr", Self.frenchSheet), ("ar", Self.arabicSheet), ("en", Self.englishSheet),
        ] {
            let told = try await run(["sijil"] + command + ["--lang", language])
            #expect(told.output == sheet)
        }
        let program = ChildProcess.products.appending(path: "sijil").path
        let words = ([program] + command + ["--lang", "ar"]).map { "'\($0)'" }
        let terminal = try await run([
            "/usr/bin/env", "script", "-qec", words.joined(separator: " "), "/dev/null",
        ])
        .output
        #expect(
            terminal.contains(
                "\u{2068}نادية أمزيان-تيفاوين\u{2069} · \u{2068}رئيسة الجماعة\u{2069}"))
        #expect(terminal.contains("\u{2066}+999550002001\u{2069}"))
    }

    private static let doubtfulSheet = """
        1. Moha Ougni · amghar · Wadi Amal
           call through Idir Ougni: +999550004002 (mobile)
        2. Nadia Amziane-Tifaouine · Présidente de la commune · Wadi Amal
           call: +999550001001 (landline, office line)
           languages: ar, fr
        3. Fatoumata Binta Ba · women_leader · Wadi Amal
           ! do not call: to be called in a crisis only

        """

    @Test
    func `a call sheet says through whom, in what case only, and every number that may be it`()
        async throws
    {
        let place = try await place()
        let device = place.device
        let nephew = try await device.add("person", "name.fr=Idir Ougni")
        _ = try await device.add(
            "channel", "owner=\(nephew)", "kind=mobile", "value=+999550004002")
        let leader = ["leader", "add", "--in", World.roster, "--area", "XM01"]
        let amghar = try await device.done(
            leader + [
                "fr=Moha Ougni", "--office-type", "amghar", "--category", "customary", "--phone",
                "055 000 4001", "--contact-rule", "via_intermediary", "--via", nephew,
            ])
        let teacher = try await device.done(
            leader + [
                "fr=Fatoumata Binta Ba", "--office-type", "women_leader", "--category",
                "civil_society", "--phone", "055 000 5001", "--contact-rule", "crisis_only",
            ])
        let channels = place.mayor["channels"]?.array?.compactMap(\.string) ?? []
        let other = try await place.world.join("tab-07")
        for each in [device, other, device] { try await each.done("sync") }
        // Her number, corrected by two who have not seen each other.
        var phone = ""
        for channel in channels {
            let value = try await device.done("show", channel).object["fields"]?["value"]?.string
            if value == "+999550002001" { phone = channel }
        }
        try await device.done("edit", phone, "value=+999550002002")
        try await other.done("edit", phone, "value=+999550002009")
        for each in [device, other, device] { try await each.done("sync") }

        func sheet(_ more: String...) async throws -> [String: [String: JSONValue]] {
            let command = ["leader", "call-sheet", "--at", "2026-03-11T10:30Z"] + more
            let lines = try await device.done(command).lines
            return Dictionary(
                lines.compactMap { line in line["id"]?.string.map { ($0, line) } },
                uniquingKeysWith: { first, _ in first })
        }
        let calm = try await sheet()
        let through = calm[amghar.object["id"]?.string ?? ""]
        #expect(through?["via"]?["id"]?.string == nephew)
        #expect(through?["via"]?["name"]?.string == "Idir Ougni")
        #expect(through?["channel"]?["value"]?.string == "+999550004002")
        let teacherID = teacher.object["id"]?.string ?? ""
        #expect(calm[teacherID]?["channel"] == .null)
        #expect(calm[teacherID]?["reason"]?.string == "crisis_only")
        let crisis = try await sheet("--crisis")
        #expect(crisis[teacherID]?["channel"]?["value"]?.string == "+999550005001")

        let told = try await run([
            "sijil", "leader", "call-sheet", "--at", "2026-03-11T10:30Z", "--lang", "en", "--home",
            device.home.path,
        ])
        #expect(told.output == Self.doubtfulSheet)
        let shown = try await device.done("leader", "show", place.mayorID).object
        let contested = shown["channels"]?.array?.first { $0["contested"] == .bool(true) }
        let values = contested?["values"]?.array?.compactMap(\.string) ?? []
        #expect(Set(values) == ["+999550002002", "+999550002009"])
        let page = try await run([
            "sijil", "leader", "show", place.mayorID, "--lang", "en", "--home", device.home.path,
        ])
        #expect(values.allSatisfy(page.output.contains))
    }

    @Test(arguments: ["ar", "fr", "en"])
    func `help begins with examples in every language`(language: String) async throws {
        let examples = [
            "ar": "أمثلة:\n  sijil", "fr": "Exemples :\n  sijil", "en": "Examples:\n  sijil",
        ]
        for verb in [
            ["leader"], ["leader", "add"], ["leader", "list"], ["leader", "show"],
            ["leader", "call-sheet"], ["leader", "verify"], ["leader", "consent"], ["office"],
            ["office", "add"], ["office", "list"], ["office", "show"], ["office", "succeed"],
            ["office", "vacate"], ["due"], ["coverage"],
        ] {
            let help = try await run(["sijil"] + verb + ["--help", "--lang", language])
            #expect(help.status == 0)
            let place = try #require(help.output.range(of: examples[language]!), "\(verb)")
            #expect(place.upperBound < help.output.range(of: " --help")!.lowerBound)
        }
    }
}
