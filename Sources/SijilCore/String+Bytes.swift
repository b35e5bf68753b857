extension String {
    /// Whether both are written with the same bytes.
    ///
    /// `==` would also call equal what Unicode calls equivalent, and replicas with other Unicode
    /// tables would then disagree.
    package func hasSameBytes(as other: String) -> Bool {
        let (left, right) = (utf8Span.span, other.utf8Span.span)
        guard left.count == right.count else { return false }
        var index = 0
        while index < left.count {
            guard left[index] == right[index] else { return false }
            index += 1
        }
        return true
    }

    /// Whether its bytes come before another's, as `utf8.lexicographicallyPrecedes` tells, without iterators.
    package func precedesInBytes(_ other: String) -> Bool {
        let (left, right) = (utf8Span.span, other.utf8Span.span)
        let common = min(left.count, right.count)
        var index = 0
        while index < common {
            if left[index] != right[index] { return left[index] < right[index] }
            index += 1
        }
        return left.count < right.count
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

    var hasZeroByte: Bool {
        let bytes = utf8Span.span
        var index = 0
        while index < bytes.count {
            if bytes[index] == 0 { return true }
            index += 1
        }
        return false
    }
}
