internal import GRDBSQLite

/// The locks of one file between connections, as SQLite's own file systems keep them
/// (https://sqlite.org/lockingv3.html).
struct FileLocks {
    private var levels: [ObjectIdentifier: Int32] = [:]

    /// - Returns: whether the connection has the lock now.
    mutating func lock(_ owner: ObjectIdentifier, _ level: Int32) -> Bool {
        let present = levels[owner] ?? SQLITE_LOCK_NONE
        guard level > present else { return true }
        let others = levels.filter { $0.key != owner }.values
        let isFree =
            switch level {
            case SQLITE_LOCK_SHARED: !others.contains { $0 >= SQLITE_LOCK_PENDING }
            case SQLITE_LOCK_RESERVED: !others.contains { $0 >= SQLITE_LOCK_RESERVED }
            default: others.allSatisfy { $0 == SQLITE_LOCK_NONE }
            }
        if isFree {
            levels[owner] = level
        } else if level == SQLITE_LOCK_EXCLUSIVE,
            !others.contains(where: { $0 > SQLITE_LOCK_SHARED })
        {
            levels[owner] = SQLITE_LOCK_PENDING
        }
        return isFree
    }

    mutating func unlock(_ owner: ObjectIdentifier, to level: Int32) {
        levels[owner] = level == SQLITE_LOCK_NONE ? nil : level
    }

    var isReserved: Bool { levels.values.contains { $0 >= SQLITE_LOCK_RESERVED } }
}

/// The memory that connections of one WAL share, and the locks on its eight slots
/// (https://sqlite.org/walformat.html#wal_index_format).
@safe final class SharedMemory {
    private var regions: [UnsafeMutableRawPointer] = unsafe []
    private var exclusive: [ObjectIdentifier?] = Array(repeating: nil, count: Int(SQLITE_SHM_NLOCK))
    private var sharing: [Set<ObjectIdentifier>] = Array(
        repeating: [], count: Int(SQLITE_SHM_NLOCK))
    private var users: Set<ObjectIdentifier> = []

    deinit { unsafe regions.forEach { unsafe $0.deallocate() } }

    func region(
        _ index: Int, bytes: Int, extending: Bool, for user: ObjectIdentifier
    ) -> UnsafeMutableRawPointer? {
        users.insert(user)
        while unsafe regions.count <= index {
            guard extending else { return nil }
            let region = UnsafeMutableRawPointer.allocate(byteCount: bytes, alignment: 16)
            unsafe region.initializeMemory(as: UInt8.self, repeating: 0, count: bytes)
            unsafe regions.append(region)
        }
        return unsafe regions[index]
    }

    /// - Returns: whether nobody uses it any more.
    func leave(_ user: ObjectIdentifier) -> Bool {
        users.remove(user)
        unlock(user, 0..<exclusive.count)
        return users.isEmpty
    }

    func lock(_ user: ObjectIdentifier, _ slots: Range<Int>, exclusively: Bool) -> Bool {
        for slot in slots {
            if let holder = exclusive[slot], holder != user { return false }
            if exclusively, sharing[slot].contains(where: { $0 != user }) { return false }
        }
        for slot in slots {
            if exclusively { exclusive[slot] = user } else { sharing[slot].insert(user) }
        }
        return true
    }

    func unlock(_ user: ObjectIdentifier, _ slots: Range<Int>) {
        for slot in slots {
            if exclusive[slot] == user { exclusive[slot] = nil }
            sharing[slot].remove(user)
        }
    }
}
