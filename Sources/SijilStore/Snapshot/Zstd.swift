import CZstd
package import SijilCore

/// Zstandard through the system's library: one frame for each block of bytes.
///
/// For snapshots, and for bodies of requests and answers.
/// Its output depends on the library's version, so nothing is ever named by the hash of compressed bytes.
package enum Zstd {
    /// For what is made once and read often: slower to write than the library's usual 3, as fast to read, and some
    /// percent smaller.
    package static let level: CInt = 9
    /// Parts below this stay together: a new beginning costs some bytes.
    private static let leastPartBytes = 512

    /// Compresses bytes.
    ///
    /// - Parameters:
    ///   - bytes: at least one.
    ///   - seams: where something of another kind begins, ascending. The compressor starts a new block there, with a code
    ///     of its own for what is in it.
    package static func compress(
        _ bytes: [UInt8], level: CInt = level, seams: [Int] = []
    ) -> [UInt8] {
        let compressor = Compressor(count: bytes.count, level: level)
        var result = [UInt8](repeating: 0, count: compressor.bound(seams.count))
        var written = 0
        var start = 0
        for seam in seams
        where seam - start >= leastPartBytes && bytes.count - seam >= leastPartBytes {
            compressor.add(bytes, start..<seam, isLast: false, to: &result, &written)
            start = seam
        }
        compressor.add(bytes, start..<bytes.count, isLast: true, to: &result, &written)
        result.removeLast(result.count - written)
        return result
    }

    /// Gives back what was compressed, of a size that the frame itself tells.
    ///
    /// - Throws: `badData` for more than `limit` bytes, or a frame that does not tell.
    package static func decompress(_ bytes: [UInt8], limit: Int) throws(SijilError) -> [UInt8] {
        let count = unsafe bytes.withUnsafeBytes { source in
            unsafe ZSTD_getFrameContentSize(source.baseAddress, source.count)
        }
        // The two largest numbers say that it is not told, and that there is no frame.
        guard count <= UInt64(limit) else {
            throw SijilError(.badData, "A body is damaged or larger than allowed.")
        }
        return try decompress(bytes, count: Int(count))
    }

    /// Gives back what was compressed.
    ///
    /// - Parameters:
    ///   - bytes: whatever a stranger says is compressed.
    ///   - count: how many bytes come out; no more memory is taken than for these.
    /// - Throws: `badData` when anything else comes out.
    package static func decompress(
        _ bytes: some Collection<UInt8>, count: Int
    ) throws(SijilError) -> [UInt8] {
        let bytes = Array(bytes)
        var isWhole = false
        let result = unsafe [UInt8](unsafeUninitializedCapacity: count) { buffer, used in
            let size = unsafe bytes.withUnsafeBytes { source in
                unsafe ZSTD_decompress(
                    buffer.baseAddress, count, source.baseAddress, source.count)
            }
            isWhole = ZSTD_isError(size) == 0 && size == count
            used = isWhole ? count : 0
        }
        guard isWhole else {
            throw SijilError(.badData, "Compressed bytes are damaged.")
        }
        return result
    }
}

/// Makes one frame.
@safe
private struct Compressor: ~Copyable {
    private let context: OpaquePointer
    private let count: Int

    init(count: Int, level: CInt) {
        guard let context = unsafe ZSTD_createCCtx() else { fatalError("There is no memory left.") }
        unsafe self.context = unsafe context
        self.count = count
        unsafe Self.check(ZSTD_CCtx_setParameter(context, ZSTD_c_compressionLevel, level))
        unsafe Self.check(ZSTD_CCtx_setPledgedSrcSize(context, UInt64(count)))
    }

    deinit { unsafe ZSTD_freeCCtx(context) }

    /// Room for the frame, however the bytes are.
    func bound(_ seams: Int) -> Int { ZSTD_compressBound(count) + 16 * (seams + 1) + 64 }

    func add(
        _ bytes: [UInt8], _ range: Range<Int>, isLast: Bool, to result: inout [UInt8],
        _ written: inout Int
    ) {
        unsafe bytes.withUnsafeBytes { source in
            unsafe result.withUnsafeMutableBytes { target in
                var input = unsafe ZSTD_inBuffer(
                    src: source.baseAddress, size: range.upperBound, pos: range.lowerBound)
                var output = unsafe ZSTD_outBuffer(
                    dst: target.baseAddress, size: target.count, pos: written)
                let rest = unsafe ZSTD_compressStream2(
                    context, &output, &input, isLast ? ZSTD_e_end : ZSTD_e_flush)
                precondition(rest == 0, "The frame has room for everything.")
                written = unsafe output.pos
            }
        }
    }

    private static func check(_ code: Int) {
        precondition(ZSTD_isError(code) == 0, "The compressor takes our parameters.")
    }
}
