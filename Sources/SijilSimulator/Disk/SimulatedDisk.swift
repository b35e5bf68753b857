/// A disk in memory that breaks when told: SQLite writes to it through ``SimulatedFileSystem``.
///
/// It keeps apart what processes read and what a power cut would leave: only what was synced is safe, of the
/// rest any part may survive, down to single sectors (POSIX promises no more).
///
/// ```swift
/// let disk = SimulatedDisk()
/// let replica = try Replica.create(at: disk.path(of: "replica.sqlite"), …)
/// disk.faults.crashAt = disk.operations + 7   // dies at the seventh write, sync, cut or deletion from now
/// …
/// disk.restart(after: .powerCut, &random)
/// ```
// Unchecked: a world does one thing at a time, and GRDB's queue hands the work over with a barrier.
public final class SimulatedDisk: @unchecked Sendable {
    /// What goes wrong; change it at any time.
    public struct Faults: Sendable {
        /// The operation, counted as ``SimulatedDisk/operations``, at which the machine dies: every later one
        /// fails until ``SimulatedDisk/restart(after:_:)``.
        public var crashAt: Int?
        /// Operations that fail with an I/O error; a sync among them makes nothing safe.
        public var failing: Range<Int>?
        /// Reads that fail with an I/O error, counted as ``SimulatedDisk/reads``.
        public var failingReads: Range<Int>?
        /// Bytes that all files together may have; beyond, the disk is full.
        public var capacityBytes: Int?

        public init() {}
    }

    /// How a machine dies.
    public enum Death: Sendable, CaseIterable {
        /// The process is killed: everything that it wrote is there.
        case kill
        /// Also the machine loses what was not synced, or parts of it.
        case powerCut
    }

    static let sectorBytes = 512

    public var faults = Faults()
    /// Writes, syncs, cuts and deletions so far.
    public private(set) var operations = 0
    public private(set) var reads = 0
    public private(set) var isDead = false
    /// Goes up with each restart: what was open before is dead for ever.
    private(set) var life = 0
    var files: [String: StoredFile] = [:]
    /// Deleted, but the deletion is not safe yet: a power cut may bring the file back.
    private var unsafelyDeleted: [String: StoredFile] = [:]
    /// The write at which the machine died.
    private var interrupted: (file: StoredFile, write: StoredFile.Write)?
    let number: Int

    public init() { number = SimulatedFileSystem.nextNumber() }

    /// The path of a file, for SQLite.
    public func path(of name: String) -> String {
        SimulatedFileSystem.mount(self)
        return "file:/\(number)/\(name)?vfs=\(SimulatedFileSystem.name)"
    }

    /// Forgets the disk; its files must be closed.
    public func unmount() { SimulatedFileSystem.unmount(self) }

    public var usedBytes: Int { files.values.reduce(0) { $0 + $1.bytes.count } }

    // MARK: Operations

    enum Outcome { case done, failed, full }

    /// Counts an operation that changes something.
    private func begin() -> Outcome {
        guard !isDead else { return .failed }
        operations += 1
        if faults.crashAt == operations {
            isDead = true
            return .failed
        }
        return faults.failing?.contains(operations) == true ? .failed : .done
    }

    func mayRead() -> Bool {
        guard !isDead else { return false }
        reads += 1
        return faults.failingReads?.contains(reads) != true
    }

    func write(_ bytes: [UInt8], at offset: Int, to file: StoredFile) -> Outcome {
        let growth = max(0, offset + bytes.count - file.bytes.count)
        if let capacity = faults.capacityBytes, !isDead, usedBytes + growth > capacity {
            return .full
        }
        let wasAlive = !isDead
        let outcome = begin()
        if outcome == .done {
            file.unsynced.append(.bytes(bytes, at: offset))
            file.bytes.apply(.bytes(bytes, at: offset))
        } else if wasAlive, isDead {
            interrupted = (file, .bytes(bytes, at: offset))
        }
        return outcome
    }

    func cut(_ file: StoredFile, to size: Int) -> Outcome {
        let outcome = begin()
        guard outcome == .done else { return outcome }
        file.unsynced.append(.size(size))
        file.bytes.apply(.size(size))
        return .done
    }

    func sync(_ file: StoredFile, named name: String?) -> Outcome {
        let outcome = begin()
        guard outcome == .done else { return outcome }
        file.sync()
        // SQLite syncs the folder too when it first syncs a journal that it has made.
        if let name, name.contains("-"), files[name] === file, !file.isNameSafe {
            for file in files.values { file.isNameSafe = true }
            unsafelyDeleted = [:]
        }
        return .done
    }

    func open(_ name: String, creating: Bool) -> StoredFile? {
        guard !isDead else { return nil }
        if let file = files[name] { return file }
        guard creating, begin() == .done else { return nil }
        let file = StoredFile()
        files[name] = file
        return file
    }

    func delete(_ name: String, isSafe: Bool) -> Outcome {
        let outcome = begin()
        guard outcome == .done else { return outcome }
        if let file = files.removeValue(forKey: name), file.isNameSafe, !isSafe {
            unsafelyDeleted[name] = file
        }
        return .done
    }

    // MARK: Death

    /// The machine comes up again after it died, at whatever operation, or now.
    ///
    /// - Parameter random: chooses what survives a power cut.
    public func restart(after death: Death, _ random: inout SeededGenerator) {
        if death == .powerCut { losePower(&random) }
        interrupted = nil
        for file in files.values { file.forgetProcesses() }
        isDead = false
        faults.crashAt = nil
        life += 1
    }

    private func losePower(_ random: inout SeededGenerator) {
        // The write at which the power went may have reached the disk, whole or in part.
        if let interrupted { interrupted.file.unsynced.append(interrupted.write) }
        let style = PowerCut.allCases[random.int(0..<PowerCut.allCases.count)]
        for name in files.keys.sorted() {
            let file = files[name]!
            file.losePower(style, &random)
            if !file.isNameSafe, random.oneIn(2) { files[name] = nil }
        }
        for name in unsafelyDeleted.keys.sorted() where files[name] == nil && random.oneIn(2) {
            let file = unsafelyDeleted[name]!
            file.losePower(style, &random)
            files[name] = file
        }
        unsafelyDeleted = [:]
    }

    /// A copy of what is on the disk now, as a careless backup of a running machine makes.
    func copy() -> [String: [UInt8]] { files.mapValues(\.bytes) }
}

extension SimulatedDisk {
    /// Whether there is a file of this name with something in it.
    public func holds(_ name: String) -> Bool { files[name]?.bytes.isEmpty == false }
}
