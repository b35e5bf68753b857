extension TextEncoding {
    /// What a file's beginning says: its byte order mark, or what the bytes can be.
    ///
    /// - Zero bytes are never in a text of UTF-8. When there are many and all stand in odd places it is UTF-16
    ///   with the low byte first, when all stand in even ones the other way round.
    /// - What has characters in UTF-8, and more of them than bytes which cannot be, is UTF-8 with
    ///   damage: the damaged rows are refused.
    /// - Else Windows-1256 when most letters beyond ASCII stand side by side, as in Arabic; Windows-1252 when
    ///   they stand among ASCII, as in French.
    /// - A file with one or two such letters, or in which other bytes beyond ASCII prevail, is taken for UTF-8
    ///   and refused row by row: a wrong guess would be kept, a refusal is seen.
    static func detected(in sample: ArraySlice<UInt8>) -> TextEncoding {
        if sample.starts(with: [0xEF, 0xBB, 0xBF]) { return .utf8 }
        if let marked = marked(in: sample) { return marked }
        let count = Count(sample)
        let zeros = count.zerosInEven + count.zerosInOdd
        if zeros > 0 {
            guard zeros > 1, zeros * 40 > sample.count else { return .utf8 }
            if count.zerosInEven == 0 { return .utf16LittleEndian }
            return count.zerosInOdd == 0 ? .utf16BigEndian : .utf8
        }
        guard count.stray > count.characters, count.letters > max(count.others, 2) else {
            return .utf8
        }
        return 2 * count.neighbours > count.letters ? .windows1256 : .windows1252
    }

    /// What the byte order mark of UTF-16 says.
    static func marked(in sample: ArraySlice<UInt8>) -> TextEncoding? {
        if sample.starts(with: [0xFF, 0xFE]) { return .utf16LittleEndian }
        if sample.starts(with: [0xFE, 0xFF]) { return .utf16BigEndian }
        return nil
    }

    private struct Count {
        var zerosInEven = 0
        var zerosInOdd = 0
        /// Characters of UTF-8 beyond ASCII.
        var characters = 0
        /// Bytes that are no part of a character of UTF-8.
        var stray = 0
        /// Bytes that are letters in Windows-1252 and 1256.
        var letters = 0
        /// Those of them that stand beside another.
        var neighbours = 0
        /// Bytes beyond ASCII that are no letters, and not usual signs either.
        var others = 0

        init(_ sample: ArraySlice<UInt8>) {
            var index = sample.startIndex
            while index < sample.endIndex {
                let byte = sample[index]
                if byte == 0 {
                    if (index - sample.startIndex) % 2 == 0 {
                        zerosInEven += 1
                    } else {
                        zerosInOdd += 1
                    }
                }
                count(
                    byte, before: index > sample.startIndex ? sample[index - 1] : 0,
                    after: index + 1 < sample.endIndex ? sample[index + 1] : 0)
                let width = Self.width(sample[index...])
                if width > 1 {
                    characters += 1
                    for inner in index + 1..<index + width {
                        count(
                            sample[inner], before: sample[inner - 1],
                            after: inner + 1 < sample.endIndex ? sample[inner + 1] : 0)
                    }
                } else if width == 0 {
                    stray += 1
                }
                index += max(width, 1)
            }
        }

        private mutating func count(_ byte: UInt8, before: UInt8, after: UInt8) {
            guard byte >= 0x80 else { return }
            switch byte {
            case 0x8C, 0x9C, 0xC0...0xFE:
                letters += 1
                if before >= 0xC0 || after >= 0xC0 { neighbours += 1 }
            // The euro sign, quotes, dashes, the space that does not break, Arabic comma and semicolon.
            case 0x80, 0x85, 0x91...0x97, 0xA0, 0xA1, 0xAB, 0xB0, 0xBA, 0xBB, 0xBF: break
            default: others += 1
            }
        }

        /// The width of the character at the beginning; 0 when there is none.
        ///
        /// One that the sample's end cuts off counts as whole.
        private static func width(_ bytes: ArraySlice<UInt8>) -> Int {
            let wanted: Int
            switch bytes.first! {
            case 0..<0x80: return 1
            case 0xC2...0xDF: wanted = 2
            case 0xE0...0xEF: wanted = 3
            case 0xF0...0xF4: wanted = 4
            default: return 0
            }
            let tail = bytes.dropFirst().prefix(wanted - 1)
            guard tail.allSatisfy({ (0x80...0xBF).contains($0) }) else { return 0 }
            return min(wanted, bytes.count)
        }
    }
}
