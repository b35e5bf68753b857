import SijilCore
import SijilDirectory
import SijilStore

extension FuzzTarget {
    static let jsonLines = FuzzTarget(
        "jsonl", maximumBytes: 2048, mutationsPerSeed: 2,
        fixtures: ["Libraries/rabat", "Directories/us-mayors-history"],
        seeds: {
            let lines = [
                #"{"type":"person","id":"A-17","fields":{"name":{"ar":"نادية","fr":"Nadia"},"aliases":["N;1","=x"],"contact_rule":"never"}}"#,
                #"{"type":"channel","id":7,"fields":{"owner":{"type":"person","id":"A-17"},"value":"+212 600 000 001"}}"#,
                #"{"type":"area","fields":{"code":"XM01","level":2,"parent":"000000000000000000000000000000ff"}}"#,
                #"{"type":"tenure","id":"t","fields":{"from":"2021-03","to":"2026"}}"#,
                #"{"type":"person","id":"A-17","deleted":true}"#,
            ]
            return [Array(lines.joined(separator: "\n").utf8), Array(lines[0].utf8)]
        },
        run: { try checkImport($0, ImportOptions(format: .jsonl)) })

    static let csv = FuzzTarget(
        "csv", maximumBytes: 2048, mutationsPerSeed: 2, fixtures: ["Directories/us-mayors.csv"],
        seeds: {
            let texts = [
                "id,name.ar,aliases,notes\n1,نادية,a;b\\;c,\"x \"\"y\"\"\nz\"\r\n,,d,'=1\n",
                "\u{FEFF}id;code;level;name.fr\nXM01;XM01;2;Wadi Amal\r\nXM02;XM02;٣;\r",
                "person\tfrom\tto\tmode\n\t2021-03\t2026\telected\n",
                "id,name,language,voice\n7,Nadia,ar;fr,+212 600 000 001\n8,Omar,,\n",
            ]
            return texts.map { Array($0.utf8) }
        },
        run: { bytes in
            let mapping = try CSVMapping(parsing: Array(sampleMapping.utf8), schema: .directory)
            if try checkImport(bytes, ImportOptions(format: .csv)) { return }
            if try checkImport(bytes, ImportOptions(format: .csv, mapping: mapping)) { return }
            try checkImport(bytes, ImportOptions(format: .csv, type: "person"))
        })

    /// A mapping, then, if there is a zero byte, the file that it is for.
    static let mapping = FuzzTarget(
        "mapping", mutationsPerSeed: 2, fixtures: ["Mappings/us-mayors.json"],
        seeds: {
            [
                Array(sampleMapping.utf8),
                Array((sampleMapping + "\0id,name,language,voice\n7,Nadia,ar;fr,06\n").utf8),
                Array(#"{"records":[{"type":"area","id":"{{{id}","fields":{"level":"3"}}]}"#.utf8),
            ]
        },
        run: { bytes in
            let parts = bytes.split(separator: 0, maxSplits: 1, omittingEmptySubsequences: false)
            let mapping = try readable {
                try CSVMapping(parsing: Array(parts[0]), schema: .directory)
            }
            guard let mapping else { return }
            let file = parts.count > 1 ? Array(parts[1]) : Array(sampleFile.utf8)
            try checkImport(file, ImportOptions(format: .csv, mapping: mapping))
        })

    private static let sampleMapping = #"""
        {"records": [
            {"type": "person", "id": "{id}",
             "fields": {"name.en": "{name}", "languages": "en;{language}"}},
            {"type": "channel", "id": "{id}/voice", "when": "voice",
             "fields": {"owner": {"reference": "person", "id": "{id}"},
                        "kind": "landline", "value": "{voice}"}}
        ]}
        """#

    private static let sampleFile = """
        id,name,role,jurisdiction,start_date,end_date,address,voice,fax,email,url,language
        7,Nadia Amziane-Tifaouine,mayor,xm/wadi-amal,2021-03,2026,1 Main,06,07,n@x.example,,ar;fr
        8,Omar,mayor,xm/wadi-amal,,,,,,,,

        """
}

/// Imports into a new replica and checks what the documentation promises of every import.
///
/// Checks cost more than the import, so an input pays for one of them: its length says which.
///
/// - Returns: whether the header was one.
@discardableResult
private func checkImport(_ bytes: [UInt8], _ options: ImportOptions) throws -> Bool {
    let replica = try Office.replica(1, .directory)
    let importer = Importer(replica, into: Office.roster)
    let report = try readable { try importer.run(.bytes(bytes), options) }
    guard let report else { return false }
    try expect(report.rejected <= report.rows && report.rows <= bytes.count, "rows are miscounted")
    guard report.created + report.updated > 0 else { return true }
    switch bytes.count % 4 {
    case 0: try replica.checkSound()
    case 1: try checkLinesReadBack(replica)
    case 2: try checkTablesReadBack(replica)
    default:
        let saysThingsOnce = report.updated == 0 && report.unchanged == 0
        guard saysThingsOnce, report.created + report.rejected == report.rows else { break }
        let again = try importer.run(.bytes(bytes), options)
        try expect(
            again.created == 0 && again.updated == 0 && again.rejected == report.rejected,
            "the same file read again changes something")
    }
    return true
}

/// Checks that another replica makes the same of what this one exports.
private func checkLinesReadBack(_ replica: Replica) throws {
    let lines = try living(replica)
    let copy = try Office.replica(2, .directory)
    let report = try Importer(copy, into: Office.roster)
        .run(.bytes(lines), ImportOptions(format: .jsonl))
    try expect(report.rejected == 0, "an exported line is refused")
    try expect(try living(copy) == lines, "an export reads back as something else")
}

/// Checks that the tables which a replica exports say nothing new to it.
private func checkTablesReadBack(_ replica: Replica) throws {
    for type in Schema.directory.types {
        var table: [UInt8] = []
        let rows = try Exporter(replica).writeCSV(type: type.name) { table += $0 }
        if rows == 0 { continue }
        let report = try Importer(replica, into: Office.roster)
            .run(.bytes(table), ImportOptions(format: .csv, type: type.name))
        try expect(
            report.unchanged == rows && report.rows == rows,
            "an exported table says something new: \(report.json)")
    }
}

func living(_ replica: Replica) throws -> [UInt8] {
    var bytes: [UInt8] = []
    try Exporter(replica).writeJSONLines(includesDeleted: false) { bytes += $0 }
    return bytes
}
