import Testing

@testable import SijilDirectory

struct DueOffsetTests {
    @Test(arguments: [
        ("PT15M", 15), ("PT1H", 60), ("PT1H30M", 90), ("P1D", 1440), ("P2DT12H", 3600),
        ("P1W", 10080), ("P1W2D", 12960),
    ])
    func `a due time is so many minutes after the incident`(text: String, minutes: Int) {
        #expect(DueOffset(text)?.minutes == minutes)
    }

    @Test(arguments: [
        "", "P", "PT", "P1", "1H", "PT1D", "P1H", "P1M", "PT0M", "PT1M1H", "PT1H1H", "P1DT",
        "PT-1H",
        "PT1.5H", "PT99999H", "pt1h", "PT١H", "PT1S",
    ])
    func `what is no such duration is none`(text: String) { #expect(DueOffset(text) == nil) }
}
