import Crypto
import SijilCore

/// SHA-256, handed to the core as the store does it.
let sha256: Hashing = { message in Array(SHA256.hash(data: message)) }

func hex(_ bytes: some Sequence<UInt8>) -> String {
    bytes.map { byte in
        let digits = String(byte, radix: 16)
        return digits.count == 1 ? "0" + digits : digits
    }
    .joined()
}

/// The bytes of hexadecimal digits; white space between them is passed over.
func bytes(_ hex: String) -> [UInt8] {
    let digits = hex.filter { !$0.isWhitespace }.map { UInt8($0.hexDigitValue!) }
    return stride(from: 0, to: digits.count, by: 2).map { digits[$0] << 4 | digits[$0 + 1] }
}

/// The code of the error that `body` throws, `nil` when it throws none.
func code(_ body: () throws(SijilError) -> Void) -> SijilError.Code? {
    do {
        try body()
        return nil
    } catch {
        return error.code
    }
}

let somePlace = ChainPlace(
    collection: Identifier(0xC0), dot: Dot(replica: Identifier(0xA1), sequence: 7),
    previous: .start)

/// A change of one operation on one record.
func smallChange(
    record: RecordID = Identifier(1), _ cell: CellName = CellName("village"),
    _ effect: SijilCore.CellOperation.Effect = .put(.text("Wadi Amal"))
) -> Change {
    Change(
        writtenAt: 0,
        edits: [
            RecordEdit(record: record, type: "person", operations: [CellOperation(cell, effect)])
        ])
}

let secret = [UInt8](0..<16)
