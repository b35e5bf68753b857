extension String {
    /// Whether both are written with the same bytes.
    ///
    /// `==` would also call equal what Unicode calls equivalent, and replicas with other Unicode
    /// tables would then disagree.
    package func hasSameBytes(as other: String) -> Bool {
        let (left, right) = unsafe (utf8Span.span.bytes, other.utf8Span.span.bytes)
        guard left.byteCount == right.byteCount else { return false }
        var index = 0
        while index + 8 <= left.byteCount {
            guard unsafe left.word(at: index) == right.word(at: index) else { return false }
            index += 8
        }
        while index < left.byteCount {
            guard unsafe left.byte(at: index) == right.byte(at: index) else { return false }
            index += 1
        }
        return true
    }

    /// Texts with equal identities have equal bytes; others may have too.
    var identity: StringIdentity { unsafe unsafeBitCast(self, to: StringIdentity.self) }

    /// The first eight bytes as a number, the first the most significant; zeros where it is shorter.
    ///
    /// Where these differ, they are ordered as the texts are.
    var firstBytes: UInt64 {
        let bytes = unsafe utf8Span.span.bytes
        if bytes.byteCount >= 8 { return unsafe UInt64(bigEndian: bytes.word(at: 0)) }
        var result: UInt64 = 0
        for index in 0..<bytes.byteCount {
            result |= unsafe UInt64(bytes.byte(at: index)) << UInt64(56 - 8 * index)
        }
        return result
    }

    /// Whether its bytes come before the other's: shorter before longer where one begins with the other.
    package func precedesInBytes(_ other: String) -> Bool {
        let (left, right) = unsafe (utf8Span.span.bytes, other.utf8Span.span.bytes)
        let common = min(left.byteCount, right.byteCount)
        for index in 0..<common {
            let (a, b) = unsafe (left.byte(at: index), right.byte(at: index))
            if a != b { return a < b }
        }
        return left.byteCount < right.byteCount
    }

    /// Hashes the bytes.
    ///
    /// `hash(into:)` gives all texts that Unicode calls equivalent one hash, and a stranger can make
    /// thousands of those: a set of them would be searched from end to end.
    func hashBytes(into hasher: inout Hasher) {
        var text = self
        text.withUTF8 { unsafe hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
        hasher.combine(0xFF as UInt8)
    }

    var hasZeroByte: Bool { unsafe utf8Span.span.bytes.hasZero }
}

/// What a `String` is in memory: a short text itself, or where a long one lies.
struct StringIdentity: Equatable {
    private var first: UInt64
    private var second: UInt64
}

extension RawSpan {
    /// Whether any byte is zero; eight at a time.
    var hasZero: Bool {
        var index = 0
        while index + 8 <= byteCount {
            // A byte's top bit survives only where the byte was zero, or above one that was.
            let word = unsafe word(at: index)
            if (word &- 0x0101_0101_0101_0101) & ~word & 0x8080_8080_8080_8080 != 0 { return true }
            index += 8
        }
        while index < byteCount {
            if unsafe byte(at: index) == 0 { return true }
            index += 1
        }
        return false
    }

    /// The caller makes sure that the bytes are there.
    @unsafe @inline(__always)
    fileprivate func word(at index: Int) -> UInt64 {
        unsafe unsafeLoadUnaligned(fromUncheckedByteOffset: index, as: UInt64.self)
    }

    @unsafe @inline(__always)
    fileprivate func byte(at index: Int) -> UInt8 {
        unsafe unsafeLoad(fromUncheckedByteOffset: index, as: UInt8.self)
    }
}
