/// A name as it is heard, whoever wrote it in whatever script.
///
/// ```swift
/// SpokenName("عبد الرحمن الوزاني").resemblance(to: SpokenName("Abd al-Rahman al-Wazzani"))  // 0.9 and more
/// SpokenName("حسين").resemblance(to: SpokenName("Hassan"))                                  // less
/// ```
///
/// Only likeness: two people may have one name, and one person two. Whoever takes records for the same needs another
/// reason.
public struct SpokenName: Sendable {
    /// The name's spelling as it is compared: see ``Fold``.
    public let folded: String
    /// For each part of the name its consonant keys: two parts are alike when they share one.
    ///
    /// Particles (`ben`, `al`) are
    /// no parts; titles (`sidi`, `hadj`) are left out where there is a name beside them.
    public let keys: [[String]]
    /// Whether the name is of one part with so few consonants that many others sound so: `Ali`, `Aïcha`.
    public let isWeak: Bool
    private let text: FoldedText
    private let units: [NameUnit]

    public init(_ name: String) {
        text = Fold.folded(name.utf8Span.span)
        units = NameUnit.units(of: text).filter { $0.role == .name }
        folded = String(decoding: text.bytes, as: UTF8.self)
        keys = units.map { unit in
            var keys = unit.keys.map { String(decoding: $0, as: UTF8.self) }
            if let group = unit.group { keys.append(String(group)) }
            return keys
        }
        isWeak = keys.count < 2 && keys.allSatisfy { ($0.first?.utf8.count ?? 0) < 2 }
    }

    /// How much alike two names sound, from 0 to 1: 1 for two spellings of one name.
    ///
    /// Parts are compared in any order; what only one of the names has takes a little away, not much: people leave
    /// out names.
    public func resemblance(to other: SpokenName) -> Double {
        let (few, many) = units.count <= other.units.count ? (self, other) : (other, self)
        guard !few.units.isEmpty else { return 0 }
        var taken = [Bool](repeating: false, count: many.units.count)
        var sum = 0.0
        for unit in few.units {
            var best: (index: Int, value: Double)?
            for (index, candidate) in many.units.enumerated() where !taken[index] {
                let value = UnitMatch(unit, few.text, candidate, many.text)?.resemblance ?? 0
                if value > best?.value ?? 0 { best = (index, value) }
            }
            guard let best else { continue }
            taken[best.index] = true
            sum += best.value
        }
        let left = Double(many.units.count - few.units.count)
        return sum / (Double(few.units.count) + 0.2 * left)
    }

    /// How many parts of the two names share a key.
    public func sharedParts(with other: SpokenName) -> Int {
        var rest = other.keys
        var count = 0
        for keys in keys {
            guard let index = rest.firstIndex(where: { $0.contains(where: keys.contains) }) else {
                continue
            }
            rest.remove(at: index)
            count += 1
        }
        return count
    }
}
