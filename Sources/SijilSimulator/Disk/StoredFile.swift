/// A file of a ``SimulatedDisk``: what is read, what is safe, and what lies between.
final class StoredFile {
    enum Write {
        case bytes([UInt8], at: Int)
        case size(Int)
    }

    /// As processes see it.
    var bytes: [UInt8] = []
    /// As of the last sync.
    private var safe: [UInt8] = []
    var unsynced: [Write] = []
    /// Whether a power cut would leave the file's name in its folder.
    var isNameSafe = false
    var locks = FileLocks()
    var shared: SharedMemory?

    func sync() {
        for write in unsynced { safe.apply(write) }
        unsynced = []
    }

    /// Keeps what is safe and, of the rest, what `style` lets through.
    func losePower(_ style: PowerCut, _ random: inout SeededGenerator) {
        var remaining = safe
        let last = random.int(0..<unsynced.count + 1)
        for (index, write) in unsynced.enumerated() {
            switch style {
            case .keepNothing: continue
            case .keepEverything: remaining.apply(write)
            case .keepBeginning: if index < last { remaining.apply(write) }
            case .keepAnything: remaining.apply(write, sectorsDrawnFrom: &random)
            }
        }
        bytes = remaining
        safe = remaining
        unsynced = []
        isNameSafe = true
    }

    /// What only lived in the memory of processes is gone.
    func forgetProcesses() {
        locks = FileLocks()
        shared = nil
    }
}

/// What happens to writes that were not synced when the power goes.
enum PowerCut: CaseIterable {
    case keepNothing, keepEverything
    /// In order, up to some write.
    case keepBeginning
    /// In no order, and of each write any sectors.
    case keepAnything
}

extension [UInt8] {
    mutating func apply(_ write: StoredFile.Write) {
        switch write {
        case .size(let size):
            if size < count { removeLast(count - size) } else { grow(to: size) }
        case .bytes(let bytes, let offset):
            grow(to: offset)
            let present = Swift.min(bytes.count, count - offset)
            unsafe withUnsafeMutableBufferPointer { all in
                _ = unsafe all[offset..<offset + present]
                    .update(fromContentsOf: bytes[..<present])
            }
            append(contentsOf: bytes[present...])
        }
    }

    private mutating func grow(to size: Int) {
        if size > count { append(contentsOf: repeatElement(0, count: size - count)) }
    }

    fileprivate mutating func apply(
        _ write: StoredFile.Write, sectorsDrawnFrom random: inout SeededGenerator
    ) {
        guard case .bytes(let bytes, let offset) = write else {
            if random.oneIn(2) { apply(write) }
            return
        }
        var start = 0
        while start < bytes.count {
            // A write need not begin at a sector's beginning.
            let length = Swift.min(
                bytes.count - start,
                SimulatedDisk.sectorBytes - (offset + start) % SimulatedDisk.sectorBytes)
            if random.oneIn(2) {
                apply(.bytes(Array(bytes[start..<start + length]), at: offset + start))
            }
            start += length
        }
    }
}
