import SijilFuzzing

@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    unsafe placeholder(Array(UnsafeBufferPointer(start: start, count: count)))
    return 0
}
