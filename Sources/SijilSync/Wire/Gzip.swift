import CZlib
package import SijilCore

/// Gzip through zlib, for bodies of requests and answers.
package enum Gzip {
    package static func compress(_ bytes: [UInt8]) -> [UInt8] {
        var stream = unsafe z_stream()
        // 31 = a window of 2^15 bytes with a gzip frame; 8 = the usual memory.
        let started = unsafe deflateInit2_(
            &stream, 6, Z_DEFLATED, 31, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION,
            Int32(MemoryLayout<z_stream>.size))
        precondition(started == Z_OK, "zlib must be able to start.")
        defer { unsafe deflateEnd(&stream) }
        var input = bytes
        let bound = Int(unsafe deflateBound(&stream, UInt(bytes.count)))
        return unsafe [UInt8](unsafeUninitializedCapacity: bound) { output, count in
            unsafe input.withUnsafeMutableBufferPointer { input in
                unsafe stream.next_in = input.baseAddress
                unsafe stream.avail_in = UInt32(input.count)
                unsafe stream.next_out = output.baseAddress
                unsafe stream.avail_out = UInt32(output.count)
                let ended = unsafe deflate(&stream, Z_FINISH)
                precondition(ended == Z_STREAM_END, "The bound must hold.")
            }
            count = unsafe bound - Int(stream.avail_out)
        }
    }

    /// - Throws: `badData` for what is not gzip or grows beyond `limit` bytes: it is never held whole.
    package static func decompress(_ bytes: [UInt8], limit: Int) throws(SijilError) -> [UInt8] {
        var stream = unsafe z_stream()
        let started = unsafe inflateInit2_(
            &stream, 31, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
        precondition(started == Z_OK, "zlib must be able to start.")
        defer { unsafe inflateEnd(&stream) }
        var result: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 64 * 1024)
        var input = bytes
        let status: Int32 = unsafe input.withUnsafeMutableBufferPointer { input in
            unsafe stream.next_in = input.baseAddress
            unsafe stream.avail_in = UInt32(input.count)
            var status = Z_OK
            while status == Z_OK, result.count <= limit {
                let produced = unsafe chunk.withUnsafeMutableBufferPointer { output in
                    unsafe stream.next_out = output.baseAddress
                    unsafe stream.avail_out = UInt32(output.count)
                    status = unsafe inflate(&stream, Z_NO_FLUSH)
                    return unsafe output.count - Int(stream.avail_out)
                }
                result += chunk[..<produced]
                if produced == 0, status == Z_OK { status = Z_BUF_ERROR }
            }
            return status
        }
        guard result.count <= limit else {
            throw SijilError(.badData, "A body is larger than allowed.")
        }
        guard status == Z_STREAM_END, unsafe stream.avail_in == 0 else {
            throw SijilError(.badData, "A compressed body is damaged or ends too early.")
        }
        return result
    }
}
