import Testing

@testable import SijilDirectory

/// Weekdays begin with Monday, 0.
struct CallingHoursTests {
    @Test(arguments: [
        ("mon-fri 09:00-17:00", 0, 540, true), ("mon-fri 09:00-17:00", 4, 1019, true),
        ("mon-fri 09:00-17:00", 4, 1020, false), ("mon-fri 09:00-17:00", 5, 600, false),
        ("mon-fri 09:00-17:00; sat 09:00-12:00", 5, 600, true),
        ("mon-fri 09:00-17:00; sat 09:00-12:00", 5, 720, false),
        ("Sat–Thu 8:00 – 12:00, 15:00-18:00", 6, 480, true),
        ("Sat–Thu 8:00 – 12:00, 15:00-18:00", 4, 480, false),
        ("Sat–Thu 8:00 – 12:00, 15:00-18:00", 1, 800, false),
        ("Sat–Thu 8:00 – 12:00, 15:00-18:00", 1, 900, true),
        ("mon,wed 09:00-10:00", 2, 550, true), ("mon, wed 09:00-10:00", 1, 550, false),
        ("09:00-17:00", 6, 600, true), ("daily 00:00-24:00", 3, 1439, true),
        ("٠٩:٠٠-١٧:٠٠", 2, 600, true),
        // Over midnight, and over the end of the week.
        ("sun 22:00-02:00", 6, 1400, true), ("sun 22:00-02:00", 0, 119, true),
        ("sun 22:00-02:00", 0, 120, false), ("sun 22:00-02:00", 0, 1400, false),
    ])
    func `hours say whether a moment is in them`(
        hours: String, weekday: Int, minute: Int, isIn: Bool
    ) throws {
        let hours = try #require(CallingHours(hours))
        #expect(hours.contains(weekday: weekday, minute: minute) == isIn)
    }

    @Test(arguments: [
        "after 09:00", "", "mornings", "mon-fri", "9-12", "mon-fri 09:00", "lun 09:00-17:00",
        "25:00-26:00", "09:60-10:00", "09:00-09:00", "mon-fri 09:00-17:00;", "mon--fri 09:00-17:00",
        "بعد العصر",
    ])
    func `what is of no such form is text for people`(text: String) {
        #expect(CallingHours(text) == nil)
    }
}

struct LocalTimeTests {
    @Test(arguments: [
        // Morocco leaves UTC+1 for UTC in Ramadan: in 2026 from 15 February to 22 March.
        ("2026-02-14T10:30Z", "Africa/Casablanca", "2026-02-14 11:30", 5),
        ("2026-03-11T10:30Z", "Africa/Casablanca", "2026-03-11 10:30", 2),
        ("2026-03-29T00:59Z", "Europe/Paris", "2026-03-29 01:59", 6),
        ("2026-03-29T01:00Z", "Europe/Paris", "2026-03-29 03:00", 6),
        ("2026-10-25T00:30Z", "Europe/Paris", "2026-10-25 02:30", 6),
        ("2026-10-25T01:30Z", "Europe/Paris", "2026-10-25 02:30", 6),
        ("2026-03-11T20:30Z", "Asia/Colombo", "2026-03-12 02:00", 3),
        ("2026-03-11T02:00+05:30", "Asia/Colombo", "2026-03-11 02:00", 2),
        ("1969-12-31T23:00Z", "UTC", "1969-12-31 23:00", 2),
    ])
    func `the clock on the wall follows its zone`(
        moment: String, zone: String, expected: String, weekday: Int
    ) throws {
        let milliseconds = try #require(Timestamp.milliseconds(moment))
        let time = try #require(LocalTime(milliseconds: milliseconds, in: zone))
        #expect("\(try #require(time.day.date)) \(time.text)" == expected)
        #expect(time.weekday == weekday)
    }

    @Test(arguments: [
        "2026-03-11", "2026-03-11T10:30", "2026-03-11T24:00Z", "2026-02-30T10:00Z",
        "2026-03-11T10:30+24:00", "10:30Z", "now",
    ])
    func `a moment has a day, a time and its distance from UTC`(text: String) {
        #expect(Timestamp.milliseconds(text) == nil)
    }

    @Test func `a moment is read as it is written`() {
        let text = "2026-03-07T14:05:09.000Z"
        #expect(Timestamp.milliseconds(text).map(Timestamp.text) == text)
    }

    @Test func `a place without a known zone has no time`() {
        #expect(LocalTime(milliseconds: 0, in: "Nowhere/At_All") == nil)
    }
}
