import Foundation
import SijilCore

/// Where an import reads from.
public enum ImportSource: Sendable {
    case file(String)
    case standardInput
    case bytes([UInt8])
}

/// The bytes of a file, a window at a time.
///
/// Never holds more than a row and a chunk.
final class InputBuffer {
    /// What has been read and not been passed.
    private(set) var bytes: [UInt8] = []
    /// Where the next row begins in ``bytes``.
    private(set) var start = 0
    private(set) var isAtEnd = false
    /// Bytes of the file that lie before ``start``.
    private(set) var passed = 0
    /// The size of the whole file, when it has one.
    let total: Int?
    private let read: () throws -> [UInt8]
    private var decoder: TextDecoder?

    /// - Throws: `notFound` for a file that is not there or cannot be read.
    init(_ source: ImportSource) throws {
        switch source {
        case .bytes(let bytes):
            total = bytes.count
            var isRead = false
            read = {
                defer { isRead = true }
                return isRead ? [] : bytes
            }
        case .standardInput:
            total = nil
            read = Self.reader(of: .standardInput)
        case .file(let path):
            let attributes = try? FileManager.default.attributesOfItem(atPath: path)
            guard let handle = FileHandle(forReadingAtPath: path),
                attributes?[.type] as? FileAttributeType != .typeDirectory
            else { throw SijilError(.notFound, "The file is not there or cannot be read.") }
            let isRegular = attributes?[.type] as? FileAttributeType == .typeRegular
            total = isRegular ? (attributes?[.size] as? NSNumber)?.intValue : nil
            read = Self.reader(of: handle)
        }
    }

    private static func reader(of handle: FileHandle) -> () throws -> [UInt8] {
        {
            do {
                return Array(try handle.read(upToCount: ImportLimits.chunkBytes) ?? Data())
            } catch {
                throw SijilError(.inputOutput, "Reading the file failed.", underlying: error)
            }
        }
    }

    /// Bytes of the current row that are here.
    var available: Int { bytes.count - start }

    /// Reads on; `false` when there is nothing more.
    ///
    /// Indices into ``bytes`` are invalid after.
    func fill() throws -> Bool {
        guard !isAtEnd else { return false }
        let chunk = try read()
        isAtEnd = chunk.isEmpty
        let text = decoder?.decode(chunk, isLast: isAtEnd) ?? chunk
        bytes.removeFirst(start)
        start = 0
        bytes += text
        return !isAtEnd || !text.isEmpty
    }

    /// From here on gives UTF-8, whatever the file is; to be called before anything is passed.
    ///
    /// - Parameter encoding: what the file is; `nil` to tell it from the file's beginning.
    func decode(as encoding: TextEncoding?) throws {
        while available < ImportLimits.encodingSampleBytes, try fill() {}
        let sample = bytes[start...]
        var found = encoding ?? .detected(in: sample)
        if [.utf16LittleEndian, .utf16BigEndian].contains(found) {
            found = .marked(in: sample) ?? found
        }
        if found != .utf8, let decoder = TextDecoder(found) {
            bytes = decoder.decode(Array(sample), isLast: isAtEnd)
            start = 0
            self.decoder = decoder
        }
        try passByteOrderMark()
    }

    /// Passes over `count` bytes.
    func pass(_ count: Int) {
        start += count
        passed += count
    }

    /// Passes over the mark that some programs put before UTF-8.
    func passByteOrderMark() throws {
        while available < 3, try fill() {}
        if bytes[start...].starts(with: [0xEF, 0xBB, 0xBF]) { pass(3) }
    }

    /// Passes over the rest of a line that is too long to be looked at, its end included.
    ///
    /// - Returns: the line's beginning.
    func passLongLine() throws -> [UInt8] {
        let head = Array(bytes[start...].prefix(ImportLimits.rejectedRowBytes))
        while true {
            if let newline = bytes[start...].firstIndex(of: UInt8(ascii: "\n")) {
                pass(newline + 1 - start)
                return head
            }
            pass(available)
            guard try fill() else { return head }
        }
    }
}
