import Foundation
internal import GRDBSQLite
import Synchronization

/// SQLite's way to the simulated disks: a file system of its own, chosen by `?vfs=` in a path.
///
/// After https://sqlite.org/vfs.html and https://sqlite.org/c3ref/io_methods.html.
enum SimulatedFileSystem {
    static let name = "sijil-simulated"

    private static let disks = Mutex<(last: Int, mounted: [Int: SimulatedDisk])>((0, [:]))

    static func nextNumber() -> Int {
        disks.withLock {
            $0.last += 1
            return $0.last
        }
    }

    static func mount(_ disk: SimulatedDisk) {
        _ = registered
        disks.withLock { $0.mounted[disk.number] = disk }
    }

    static func unmount(_ disk: SimulatedDisk) {
        disks.withLock { $0.mounted[disk.number] = nil }
    }

    /// The disk and the file's name on it, of a path such as `/7/replica.sqlite-wal`.
    fileprivate static func locate(
        _ path: UnsafePointer<CChar>?
    ) -> (disk: SimulatedDisk, name: String)? {
        guard let path = unsafe path else { return nil }
        let parts = unsafe String(cString: path).split(separator: "/")
        guard parts.count == 2, let number = Int(parts[0]),
            let disk = disks.withLock({ $0.mounted[number] })
        else { return nil }
        return (disk, String(parts[1]))
    }

    private static let registered: Bool = {
        guard let base = unsafe sqlite3_vfs_find(nil) else {
            preconditionFailure("SQLite has no file system.")
        }
        // SQLite keeps the pointer for as long as the process lives.
        let vfs = UnsafeMutablePointer<sqlite3_vfs>.allocate(capacity: 1)
        unsafe vfs.initialize(to: base.pointee)
        unsafe vfs.pointee.pNext = nil
        unsafe vfs.pointee.iVersion = 1
        unsafe vfs.pointee.szOsFile = CInt(MemoryLayout<OpenFile>.size)
        unsafe vfs.pointee.zName = UnsafePointer(strdup(name))
        unsafe vfs.pointee.xOpen = { unsafe open($1, $2, $3, $4) }
        unsafe vfs.pointee.xDelete = { unsafe delete($1, $2) }
        unsafe vfs.pointee.xAccess = { unsafe access($1, $3) }
        unsafe vfs.pointee.xFullPathname = { unsafe copy($1, $2, $3) }
        // Waiting for a lock costs no time: who holds it will not let go before we return.
        unsafe vfs.pointee.xSleep = { _, microseconds in microseconds }
        return unsafe sqlite3_vfs_register(vfs, 0) == SQLITE_OK
    }()

    private static func open(
        _ path: UnsafePointer<CChar>?, _ file: UnsafeMutablePointer<sqlite3_file>?, _ flags: CInt,
        _ outFlags: UnsafeMutablePointer<CInt>?
    ) -> CInt {
        guard let file = unsafe file else { return SQLITE_CANTOPEN }
        unsafe file.pointee.pMethods = nil
        let handle: DiskHandle
        if unsafe path == nil {
            handle = DiskHandle(disk: nil, name: nil, file: StoredFile())
        } else {
            guard let (disk, name) = unsafe locate(path),
                let stored = disk.open(name, creating: flags & SQLITE_OPEN_CREATE != 0)
            else { return SQLITE_CANTOPEN }
            handle = DiskHandle(disk: disk, name: name, file: stored)
        }
        unsafe outFlags?.pointee = flags
        unsafe UnsafeMutableRawPointer(file).assumingMemoryBound(to: OpenFile.self)
            .initialize(
                to: OpenFile(
                    head: sqlite3_file(pMethods: fileMethods), handle: .passRetained(handle)))
        return SQLITE_OK
    }

    private static func delete(_ path: UnsafePointer<CChar>?, _ syncsFolder: CInt) -> CInt {
        guard let (disk, name) = unsafe locate(path) else { return ExtendedCode.delete }
        guard disk.isDead || disk.files[name] != nil else { return ExtendedCode.deleteNothing }
        return disk.delete(name, isSafe: syncsFolder != 0) == .done
            ? SQLITE_OK : ExtendedCode.delete
    }

    private static func access(
        _ path: UnsafePointer<CChar>?, _ result: UnsafeMutablePointer<CInt>?
    ) -> CInt {
        guard let (disk, name) = unsafe locate(path), !disk.isDead else {
            return ExtendedCode.access
        }
        let size = disk.files[name]?.bytes.count
        // As SQLite's own: an empty file counts as none.
        unsafe result?.pointee = (size ?? 0) > 0 ? 1 : 0
        return SQLITE_OK
    }

    private static func copy(
        _ path: UnsafePointer<CChar>?, _ capacity: CInt, _ result: UnsafeMutablePointer<CChar>?
    ) -> CInt {
        guard let path = unsafe path, let result = unsafe result, unsafe strlen(path) < capacity
        else {
            return SQLITE_CANTOPEN
        }
        unsafe strcpy(result, path)
        return SQLITE_OK
    }

    // Written once, before SQLite sees it.
    nonisolated(unsafe) private static let fileMethods: UnsafePointer<sqlite3_io_methods> = {
        let methods = UnsafeMutablePointer<sqlite3_io_methods>.allocate(capacity: 1)
        var value = sqlite3_io_methods()
        value.iVersion = 2
        unsafe value.xClose = { file in
            let open = unsafe UnsafeMutableRawPointer(file!).assumingMemoryBound(to: OpenFile.self)
            unsafe open.pointee.handle.takeRetainedValue().close()
            return SQLITE_OK
        }
        unsafe value.xRead = { unsafe handle($0).read(into: $1!, count: Int($2), at: Int($3)) }
        unsafe value.xWrite = { unsafe handle($0).write($1!, count: Int($2), at: Int($3)) }
        unsafe value.xTruncate = { unsafe handle($0).cut(to: Int($1)) }
        unsafe value.xSync = { file, _ in unsafe handle(file).sync() }
        unsafe value.xFileSize = { file, size in
            unsafe size!.pointee = Int64(handle(file).file.bytes.count)
            return SQLITE_OK
        }
        unsafe value.xLock = { unsafe handle($0).lock($1) }
        unsafe value.xUnlock = { unsafe handle($0).unlock($1) }
        unsafe value.xCheckReservedLock = { file, result in
            unsafe result!.pointee = handle(file).file.locks.isReserved ? 1 : 0
            return SQLITE_OK
        }
        unsafe value.xFileControl = { _, _, _ in SQLITE_NOTFOUND }
        unsafe value.xSectorSize = { _ in CInt(SimulatedDisk.sectorBytes) }
        // What SQLite's own file system promises on Linux.
        unsafe value.xDeviceCharacteristics = { _ in SQLITE_IOCAP_POWERSAFE_OVERWRITE }
        unsafe value.xShmMap = { file, index, bytes, extends, result in
            unsafe handle(file)
                .sharedRegion(Int(index), bytes: Int(bytes), extends: extends != 0, result!)
        }
        unsafe value.xShmLock = { file, offset, count, flags in
            unsafe handle(file).lockShared(Int(offset)..<Int(offset + count), flags)
        }
        // One thread at a time: nothing to wait for.
        unsafe value.xShmBarrier = { _ in }
        unsafe value.xShmUnmap = { file, _ in
            unsafe handle(file).leaveShared()
            return SQLITE_OK
        }
        unsafe methods.initialize(to: value)
        return unsafe UnsafePointer(methods)
    }()

    private static func handle(_ file: UnsafeMutablePointer<sqlite3_file>?) -> DiskHandle {
        let open = unsafe UnsafeMutableRawPointer(file!).assumingMemoryBound(to: OpenFile.self)
        return unsafe open.pointee.handle.takeUnretainedValue()
    }
}

/// What SQLite allocates for each open file: its own head, then ours.
@safe private struct OpenFile {
    var head: sqlite3_file
    var handle: Unmanaged<DiskHandle>
}
