import Testing

@testable import SijilDirectory

struct FractionalIndexTests {
    @Test func `between any two indices there is another, and no end is ever reached`() throws {
        var generator = Draw()
        var list: [String] = []
        for _ in 0..<3000 {
            let place = generator.number(below: list.count + 1)
            let lower = place > 0 ? list[place - 1] : nil
            let upper = place < list.count ? list[place] : nil
            let middle = try #require(FractionalIndex.between(lower, upper), "\(generator)")
            #expect(FractionalIndex.isValid(middle), "\(generator)")
            if let lower { #expect(FractionalIndex.precedes(lower, middle), "\(generator)") }
            if let upper { #expect(FractionalIndex.precedes(middle, upper), "\(generator)") }
            list.insert(middle, at: place)
        }
        #expect(list == list.sorted { FractionalIndex.precedes($0, $1) })
    }

    @Test func `an index stays short at the ends and in one gap`() throws {
        var (first, last, gap) = ("V", "V", "W")
        for _ in 0..<600 {
            first = try #require(FractionalIndex.between(nil, first))
            last = try #require(FractionalIndex.between(last, nil))
            gap = try #require(FractionalIndex.between("V", gap))
        }
        #expect(first.utf8.count <= 12)
        #expect(last.utf8.count <= 12)
        #expect(gap.utf8.count <= 122)
    }

    @Test func `what is no index, or in no order, has nothing between`() {
        for (lower, upper) in [
            ("V", "V"), ("W", "V"), ("V0", "W"), ("", "V"), ("1.5", "W"), ("V", "ü"),
        ] {
            #expect(FractionalIndex.between(lower, upper) == nil)
        }
        #expect(FractionalIndex.between(nil, "1") == "0z")
        #expect(FractionalIndex.between("z", nil) == "z1")
    }

    @Test func `an item that comes renumbers nobody`() {
        #expect(FractionalIndex.inserting(at: 0, in: []) == .init(index: "V", others: [:]))
        for place in 0...3 {
            let insertion = FractionalIndex.inserting(at: place, in: ["V", "W", "X"])
            #expect(insertion.others.isEmpty)
        }
    }

    @Test func `between two items of one index there is room after all`() {
        var list = ["V", "W", "W", "W", "X"]
        let insertion = FractionalIndex.inserting(at: 2, in: list)
        #expect(Set(insertion.others.keys) == [2, 3])
        for (place, index) in insertion.others { list[place] = index }
        list.insert(insertion.index, at: 2)
        for (lower, upper) in zip(list, list.dropFirst()) {
            #expect(FractionalIndex.precedes(lower, upper))
        }
    }

    @Test func `items without an index stand last and get one when something comes after them`() {
        let list = ["V", "", "1.5"]
        #expect(list == list.sorted { FractionalIndex.precedes($0, $1) })
        #expect(FractionalIndex.inserting(at: 1, in: list) == .init(index: "W", others: [:]))
        #expect(
            FractionalIndex.inserting(at: 3, in: list)
                == .init(index: "Y", others: [1: "W", 2: "X"]))
    }
}

/// Seeded chance; its description is the seed and what was drawn so far.
private struct Draw: CustomStringConvertible {
    private let seed = UInt64.random(in: 0...UInt64.max)
    private var state: UInt64 = 0
    private var draws = 0

    var description: String { "seed \(seed), draw \(draws)" }

    init() { state = seed }

    mutating func number(below bound: Int) -> Int {
        draws += 1
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return Int((state >> 33) % UInt64(bound))
    }
}
