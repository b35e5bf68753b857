internal import GRDBSQLite

/// One connection's open file on a ``SimulatedDisk``; one without a disk is temporary and never breaks.
final class DiskHandle {
    private let disk: SimulatedDisk?
    private let name: String?
    let file: StoredFile
    /// The disk's life in which the file was opened.
    private let life: Int
    private var shared: SharedMemory?

    init(disk: SimulatedDisk?, name: String?, file: StoredFile) {
        self.disk = disk
        self.name = name
        self.file = file
        life = disk?.life ?? 0
    }

    private var id: ObjectIdentifier { ObjectIdentifier(self) }
    /// Whether the process that opened the file has died.
    private var isDead: Bool { disk.map { $0.isDead || $0.life != life } ?? false }

    func read(into buffer: UnsafeMutableRawPointer, count: Int, at offset: Int) -> CInt {
        guard !isDead, disk?.mayRead() != false else { return ExtendedCode.read }
        let present = max(0, min(count, file.bytes.count - offset))
        if present > 0 {
            unsafe file.bytes.withUnsafeBytes { bytes in
                unsafe buffer.copyMemory(from: bytes.baseAddress! + offset, byteCount: present)
            }
        }
        guard present < count else { return SQLITE_OK }
        unsafe (buffer + present)
            .initializeMemory(as: UInt8.self, repeating: 0, count: count - present)
        return ExtendedCode.shortRead
    }

    func write(_ bytes: UnsafeRawPointer, count: Int, at offset: Int) -> CInt {
        guard !isDead else { return ExtendedCode.write }
        let bytes = unsafe Array(UnsafeRawBufferPointer(start: bytes, count: count))
        guard let disk else {
            file.bytes.apply(.bytes(bytes, at: offset))
            return SQLITE_OK
        }
        return code(disk.write(bytes, at: offset, to: file), failure: ExtendedCode.write)
    }

    func cut(to size: Int) -> CInt {
        guard !isDead else { return ExtendedCode.cut }
        guard let disk else {
            file.bytes.apply(.size(size))
            return SQLITE_OK
        }
        return code(disk.cut(file, to: size), failure: ExtendedCode.cut)
    }

    func sync() -> CInt {
        guard !isDead else { return ExtendedCode.sync }
        guard let disk else { return SQLITE_OK }
        return code(disk.sync(file, named: name), failure: ExtendedCode.sync)
    }

    private func code(_ outcome: SimulatedDisk.Outcome, failure: CInt) -> CInt {
        switch outcome {
        case .done: SQLITE_OK
        case .failed: failure
        case .full: SQLITE_FULL
        }
    }

    func lock(_ level: CInt) -> CInt {
        guard !isDead else { return ExtendedCode.lock }
        return file.locks.lock(id, level) ? SQLITE_OK : SQLITE_BUSY
    }

    func unlock(_ level: CInt) -> CInt {
        if !isDead { file.locks.unlock(id, to: level) }
        return SQLITE_OK
    }

    func sharedRegion(
        _ index: Int, bytes: Int, extends: Bool,
        _ result: UnsafeMutablePointer<UnsafeMutableRawPointer?>
    ) -> CInt {
        guard !isDead else { return ExtendedCode.sharedMap }
        if shared == nil {
            if file.shared == nil { file.shared = SharedMemory() }
            shared = file.shared
        }
        unsafe result.pointee = shared?.region(index, bytes: bytes, extending: extends, for: id)
        return SQLITE_OK
    }

    func lockShared(_ slots: Range<Int>, _ flags: CInt) -> CInt {
        guard !isDead, let shared else { return ExtendedCode.sharedLock }
        if flags & SQLITE_SHM_UNLOCK != 0 {
            shared.unlock(id, slots)
            return SQLITE_OK
        }
        let isGiven = shared.lock(id, slots, exclusively: flags & SQLITE_SHM_EXCLUSIVE != 0)
        return isGiven ? SQLITE_OK : SQLITE_BUSY
    }

    func leaveShared() {
        if shared?.leave(id) == true, !isDead { file.shared = nil }
        shared = nil
    }

    func close() {
        leaveShared()
        if !isDead { file.locks.unlock(id, to: SQLITE_LOCK_NONE) }
    }
}
