import Foundation
import SijilDirectory

/// libphonenumber, in a library of its own beside the program (`CSijilPhone`).
///
/// It is loaded when the first number is read: with protobuf, ICU and boost it would cost every start some
/// milliseconds. Where it is missing, nothing is read.
struct PhoneLibrary: PhoneReader {
    func read(_ text: String, country: String?) -> PhoneReading? {
        guard let read = unsafe Self.function else { return nil }
        var e164 = [CChar](repeating: 0, count: 24)
        let found =
            if let country {
                unsafe read(text, country, &e164, e164.count)
            } else {
                unsafe read(text, nil, &e164, e164.count)
            }
        guard found > 0 else { return nil }
        let bytes = e164.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
        return PhoneReading(e164: String(decoding: bytes, as: UTF8.self), isValid: found == 2)
    }

    /// `sijil_phone_read` of `CSijilPhone.h`.
    private typealias Read =
        @convention(c) (
            UnsafePointer<CChar>, UnsafePointer<CChar>?, UnsafeMutablePointer<CChar>, Int
        ) -> Int32

    private static let function: Read? = {
        let program = Bundle.main.executableURL?.resolvingSymlinksInPath()
        guard let folder = program?.deletingLastPathComponent() else { return nil }
        for place in [folder, folder.appending(path: "../lib/sijil")] {
            let path = place.appending(path: "libSijilPhone.so").standardizedFileURL.path
            if let library = unsafe dlopen(path, RTLD_NOW | RTLD_LOCAL),
                let symbol = unsafe dlsym(library, "sijil_phone_read")
            {
                return unsafe unsafeBitCast(symbol, to: Read.self)
            }
        }
        return nil
    }()
}
