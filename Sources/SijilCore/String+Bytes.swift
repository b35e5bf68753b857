extension String {
    /// Whether both are written with the same bytes.
    ///
    /// `==` would also call equal what Unicode calls equivalent, and replicas with other Unicode
    /// tables would then disagree.
    func hasSameBytes(as other: String) -> Bool {
        let (left, right) = (utf8Span.span, other.utf8Span.span)
        guard left.count == right.count else { return false }
        var index = 0
        while index < left.count {
            guard left[index] == right[index] else { return false }
            index += 1
        }
        return true
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
