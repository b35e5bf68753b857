import Foundation

/// A TCP connection to this machine over which a test sends any bytes, in any pieces.
struct RawConnection: ~Copyable {
    private let descriptor: Int32

    /// `nil` when nothing listens there.
    init?(port: UInt16) {
        #if os(Linux)
        let kind = Int32(SOCK_STREAM.rawValue)
        #else
        let kind = SOCK_STREAM
        #endif
        descriptor = socket(AF_INET, kind, 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        let result = unsafe withUnsafePointer(to: &address) { address in
            unsafe address.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                unsafe connect(descriptor, address, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard result == 0 else { return nil }
    }

    deinit { close(descriptor) }

    func send(_ text: String) {
        let bytes = Array(text.utf8)
        _ = unsafe bytes.withUnsafeBytes { bytes in
            unsafe Foundation.send(descriptor, bytes.baseAddress, bytes.count, Int32(MSG_NOSIGNAL))
        }
    }

    /// All that comes until the other side closes.
    func rest() -> String { received { _ in false } }

    /// What comes until there is a whole line.
    func line() -> String { received { $0.contains(UInt8(ascii: "\n")) } }

    private func received(isEnough: ([UInt8]) -> Bool) -> String {
        var all: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 4096)
        while !isEnough(all) {
            let count = unsafe piece.withUnsafeMutableBytes { piece in
                unsafe recv(descriptor, piece.baseAddress, piece.count, 0)
            }
            guard count > 0 else { break }
            all += piece[..<count]
        }
        return String(decoding: all, as: UTF8.self)
    }
}
