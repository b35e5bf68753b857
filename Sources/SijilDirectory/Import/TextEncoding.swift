import Foundation
import SijilCore

/// How a file's bytes are text; iconv of the C library knows the tables.
public struct TextEncoding: Hashable, Sendable, CustomStringConvertible {
    /// The name that iconv knows.
    let name: String
    /// The width of a character that cannot be read: how far to go on.
    private let unit: Int

    public static let utf8 = TextEncoding(known: "UTF-8")
    public static let utf16LittleEndian = TextEncoding(known: "UTF-16LE", unit: 2)
    public static let utf16BigEndian = TextEncoding(known: "UTF-16BE", unit: 2)
    public static let windows1256 = TextEncoding(known: "CP1256")
    public static let windows1252 = TextEncoding(known: "CP1252")

    private init(known name: String, unit: Int = 1) {
        self.name = name
        self.unit = unit
    }

    /// The encoding that people and files call so, such as `utf-16le`, `windows-1256` or `iso-8859-6`.
    ///
    /// `nil` for one that this machine's C library cannot read, and for those that are not a superset of
    /// ASCII or UTF-16.
    public init?(_ text: String) {
        let name = text.uppercased()
        guard (1...32).contains(name.utf8.count),
            name.utf8.allSatisfy({
                (0x41...0x5A).contains($0) || (0x30...0x39).contains($0) || "-_.".utf8.contains($0)
            })
        else { return nil }
        switch name.replacing("_", with: "-") {
        case "UTF-8", "UTF8", "ASCII", "US-ASCII": self = .utf8
        case "UTF-16LE", "UTF-16", "UTF16": self = .utf16LittleEndian
        case "UTF-16BE": self = .utf16BigEndian
        case "WINDOWS-1256", "CP1256", "CP-1256": self = .windows1256
        case "WINDOWS-1252", "CP1252", "CP-1252": self = .windows1252
        default:
            self.init(known: name)
            guard let decoder = TextDecoder(self) else { return nil }
            let ascii = Array(0x20...0x7E) as [UInt8]
            guard decoder.decode(ascii, isLast: true) == ascii else { return nil }
        }
    }

    public var description: String {
        switch self {
        case .windows1252: "windows-1252"
        case .windows1256: "windows-1256"
        default: name.lowercased()
        }
    }

    /// The bytes in UTF-8; what is not text of this encoding becomes a byte that UTF-8 never has.
    func utf8(of bytes: [UInt8]) -> [UInt8] {
        guard self != .utf8 else { return bytes }
        return TextDecoder(self)?.decode(bytes, isLast: true) ?? [TextDecoder.unreadable]
    }

    fileprivate var unreadableWidth: Int { unit }
}

/// Turns the bytes of an encoding into UTF-8, piece by piece.
@safe final class TextDecoder {
    /// Stands for what cannot be read: no text in UTF-8 has this byte, so whoever reads the row refuses it.
    static let unreadable: UInt8 = 0xFF

    private let descriptor: iconv_t
    private let encoding: TextEncoding
    /// The beginning of a character whose rest has not come.
    private var rest: [UInt8] = []

    /// `nil` when the C library does not know the encoding.
    init?(_ encoding: TextEncoding) {
        guard let descriptor = unsafe iconv_open("UTF-8", encoding.name),
            Int(bitPattern: descriptor) != -1
        else { return nil }
        unsafe self.descriptor = descriptor
        self.encoding = encoding
    }

    deinit { unsafe iconv_close(descriptor) }

    func decode(_ bytes: [UInt8], isLast: Bool) -> [UInt8] {
        var input = rest + bytes
        rest = []
        var decoded: [UInt8] = []
        var start = 0
        // No character of an encoding that we read is longer than four bytes in UTF-8 for each of its own.
        var output = [UInt8](repeating: 0, count: 16 * 1024)
        while start < input.count {
            let (read, written, code) = convert(&input, from: start, &output)
            start += read
            decoded += output[..<written]
            switch code {
            case 0: break
            case E2BIG: continue
            case EINVAL where !isLast:
                rest = Array(input[start...])
                return decoded
            default:
                decoded.append(Self.unreadable)
                start += encoding.unreadableWidth
            }
        }
        return decoded
    }

    /// - Returns: how much was read and written, and `errno`.
    private func convert(
        _ input: inout [UInt8], from start: Int, _ output: inout [UInt8]
    ) -> (read: Int, written: Int, code: Int32) {
        unsafe input.withUnsafeMutableBytes { input in
            unsafe output.withUnsafeMutableBytes { output in
                var from = unsafe input.baseAddress?.advanced(by: start)
                    .assumingMemoryBound(to: CChar.self)
                var left = input.count - start
                var to = unsafe output.baseAddress?.assumingMemoryBound(to: CChar.self)
                var room = output.count
                let result = unsafe iconv(descriptor, &from, &left, &to, &room)
                let code = result == -1 ? errno : 0
                return (input.count - start - left, output.count - room, code)
            }
        }
    }
}
