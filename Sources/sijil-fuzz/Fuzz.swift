import Dispatch
import Foundation
import SijilFuzzing

/// libFuzzer's side of the fuzzers: `Scripts/fuzz` builds and runs it.
///
/// - `SIJIL_FUZZ_TARGET` names the target; without it the targets are listed.
/// - `SIJIL_FUZZ_SEEDS` is a folder to write the target's first inputs to, and nothing else is done then.
/// - `SIJIL_FUZZ_FIXTURES` is the project's folder `Fixtures`, for these inputs.
private let target: FuzzTarget = {
    guard let name = setting("SIJIL_FUZZ_TARGET") else {
        for target in FuzzTarget.all { print(target.name, target.maximumBytes) }
        exit(0)
    }
    guard let target = FuzzTarget.named(name) else {
        print("There is no such fuzzer.")
        exit(64)
    }
    return target
}()

private func setting(_ name: String) -> String? { ProcessInfo.processInfo.environment[name] }

private func writeSeeds(to folder: URL) throws {
    let fixtures = URL(filePath: setting("SIJIL_FUZZ_FIXTURES") ?? "Fixtures")
    let inputs = try target.inputs(fixtures: fixtures) + target.crashers(fixtures: fixtures)
    for input in inputs {
        try Data(input.bytes).write(to: folder.appending(path: input.name))
    }
}

@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let bytes = unsafe Array(UnsafeBufferPointer(start: start, count: count))
    let done = DispatchSemaphore(value: 0)
    Task.detached {
        do {
            try await target.run(bytes)
        } catch {
            // A trap is what libFuzzer takes for a crash.
            fatalError("\(error)")
        }
        done.signal()
    }
    done.wait()
    return 0
}

@_silgen_name("LLVMFuzzerRunDriver")
private func runDriver(
    _ count: UnsafeMutablePointer<CInt>,
    _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>>,
    _ test: @convention(c) (UnsafePointer<UInt8>?, Int) -> CInt
) -> CInt

/// SwiftPM makes this the program's entry, in place of libFuzzer's own.
@_cdecl("sijil_fuzz_main")
public func run(
    _ count: CInt, _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>
) -> CInt {
    _ = target
    if let folder = setting("SIJIL_FUZZ_SEEDS") {
        do {
            try writeSeeds(to: URL(filePath: folder))
            return 0
        } catch {
            print(error)
            return 70
        }
    }
    var count = count
    var arguments = unsafe arguments
    return unsafe runDriver(&count, &arguments, testOneInput)
}
